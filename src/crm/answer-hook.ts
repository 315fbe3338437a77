// Handles the webhook requests of a CRM: verifies a request, records the bounces that it reports, validates the addresses
// in it and, if the setting WRITE_BACK is true, writes the verdicts into the CRM through the vendor's API.

import type { DeliveryEvent } from '../events/delivery-event.ts';
import { deliveryEventsOf, type VendorReport } from '../events/vendor-event.ts';
import { createMemory } from '../memory.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { address } from '../webhooks/json.ts';
import type { Refusal } from '../webhooks/verification.ts';
import { type Annotated, annotate } from './annotation.ts';
import type { CrmAdapter, CrmRecord, CrmSettings, HookReply, HookRequest } from './crm-adapter.ts';
import { type Fetch, type Rest, type VendorClient, vendorClient } from './vendor-client.ts';

export interface CrmHookPorts {
  /** Returns verdicts in the order of the addresses, within `timeoutMs` milliseconds. */
  readonly validate: (emails: readonly string[], timeoutMs: number) => Promise<readonly Verdict[]>;
  /** Records delivery events, and applies the suppression rules to them. */
  readonly record: (events: readonly DeliveryEvent[]) => Promise<unknown>;
  readonly fetch: Fetch;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /**
   * Called with the records whose verdicts were written back, so that the mailboxes can be asked about later. Absent: nobody is
   * asked. Never rejects.
   */
  readonly followUp?: (vendor: string, records: readonly FollowedRecord[]) => Promise<void>;
  /** Called with the number of records of a request that report nothing, so that no event is recorded about them. */
  readonly onContacts: (contacts: number) => void;
  /** Called when a call of the vendor's API fails. `status` is its HTTP status; null if there was no usable answer in time. */
  readonly onApiFailure: (failure: { vendor: string; call: 'read' | 'write'; status: number | null }) => void;
}

/** A record whose verdict was written back. */
export interface FollowedRecord {
  readonly id: string;
  readonly email: string;
  readonly verdict: Verdict;
}

export type HookAnswer =
  | { readonly kind: 'reply'; readonly reply: HookReply }
  | { readonly kind: 'refused'; readonly why: Refusal }
  | { readonly kind: 'malformed' };

export type HookHandler = (request: HookRequest) => Promise<HookAnswer>;

/**
 * Maximum number of records of one vendor that are processed at the same time. A request that would exceed it gets a reply
 * that asks the vendor to retry later. While no other request is processed, a request of any size is accepted.
 */
export const maxPending = 10_000;

const retryAfterMs = 5000;

/**
 * Maximum number of event ids to remember after the verdicts were written to the CRM. If the vendor sends one of these
 * events again, its verdict is not written a second time.
 */
const rememberedEvents = 50_000;

/**
 * Milliseconds to reserve for a later step of a request: for validation, and again for writing the verdicts back. Reading
 * from the vendor's API must therefore end `2 * apiMs` before the deadline of the request. Validation must end `apiMs`
 * before the deadline, or at the deadline if nothing is written back.
 */
const apiMs = 1500;

/**
 * Creates the handler for the hook of one vendor. It verifies a request before it parses it. If the vendor's API fails,
 * the handler does not reject: its reply asks the vendor to retry later.
 */
export function createHookHandler(
  adapter: CrmAdapter,
  settings: CrmSettings,
  ports: CrmHookPorts,
): HookHandler {
  const written = createMemory<true>(rememberedEvents);
  const rest: Rest = { until: 0 };
  let pending = 0;

  return async (request) => {
    const verification = await adapter.verify(request, settings);
    if (verification.kind === 'refused') return { kind: 'refused', why: verification.why };
    if (verification.kind === 'unavailable') return later(retryAfterMs);
    const parsed = await adapter.parse(request, settings);
    if (parsed.kind === 'malformed') return parsed;
    const { records } = parsed;
    ports.onContacts(records.filter(({ signal }) => signal === undefined).length);
    if (pending > 0 && pending + records.length > maxPending) return later(retryAfterMs);
    pending += records.length;
    try {
      return await work(records, ports.now() + adapter.answerWithinMs);
    } finally {
      pending -= records.length;
    }
  };

  async function work(records: readonly CrmRecord[], deadline: number): Promise<HookAnswer> {
    const token = adapter.api ? settings.apiToken : null;
    const write = settings.writeBack && token !== null ? adapter.api?.write : undefined;
    // If verdicts are written back, first read the current address of every record, for two reasons. Events may arrive out
    // of order, so the address in an event may be old. And a single deleted record would make the whole write fail, so
    // deleted records must be found and left out.
    const isRead = ({ toBeRead }: CrmRecord) => toBeRead === true || write !== undefined;
    const unread = [...new Set(records.filter(isRead).map(({ id }) => id))];
    let read: ReadonlyMap<string, string | null> = new Map();
    if (adapter.api && token !== null && unread.length > 0) {
      const answer = await adapter.api.read(client(token, deadline - apiMs * 2), unread);
      if (answer.kind === 'failed') return apiFailed('read', answer);
      read = answer.value;
    }
    const reports = records.flatMap((record) =>
      reportsOf(record, record.email ?? read.get(record.id) ?? null),
    );
    // Record bounces and similar reports before validating: they may put an address on the suppression list, which changes
    // its verdict.
    if (reports.length > 0) await ports.record(deliveryEventsOf(adapter.name, reports));
    // A record that had to be read is missing from `read` if it was deleted, if the API token does not give access to it, or
    // if there is no token. Such a record gets no verdict.
    const known = records.filter((record) => !isRead(record) || read.has(record.id));
    const emails = known.map((record) => (isRead(record) ? read.get(record.id)! : record.email));

    const spare = write === undefined ? 0 : apiMs;
    const verdicts = await ports.validate(
      emails.filter((email) => email !== null),
      deadline - spare - ports.now(),
    );
    const annotated: Annotated[] = annotate(emails, verdicts, ports.now()).map((annotation, index) => ({
      id: known[index]!.id,
      annotation,
    }));

    if (write !== undefined && token !== null) {
      // Skip records with a signal, such as a bounce. A request may contain one of them along with another record of the
      // same contact, but a write may contain each contact only once. Skipping loses nothing: a signal does not change the
      // address, and the vendor sends a separate event when the address changes.
      const isNew = ({ event, signal }: CrmRecord) =>
        signal === undefined && (event === null || !written.has(event));
      const isFresh = known.map(isNew);
      const fresh = annotated.filter((_, index) => isFresh[index]);
      const answer = await write(client(token, deadline), fresh);
      if (answer.kind === 'failed') return apiFailed('write', answer);
      for (const { event } of known) if (event !== null) written.set(event, true);
      const verdictOf = new Map(verdicts.map((verdict) => [verdict.email, verdict]));
      await ports.followUp?.(
        adapter.name,
        known.flatMap((record, index): FollowedRecord[] => {
          const email = emails[index]!;
          const verdict = email === null ? undefined : verdictOf.get(email);
          return verdict && isFresh[index] ? [{ id: record.id, email: verdict.email, verdict }] : [];
        }),
      );
    }
    return { kind: 'reply', reply: adapter.reply({ kind: 'annotated', records: annotated }) };
  }

  function client(token: string, deadline: number): VendorClient {
    const { host, headers } = adapter.api!;
    const { fetch, now } = ports;
    return vendorClient({ host, headers: headers(token), fetch, now, rest, deadline });
  }

  function apiFailed(
    call: 'read' | 'write',
    { status, retryAfterMs }: { status: number | null; retryAfterMs: number },
  ): HookAnswer {
    ports.onApiFailure({ vendor: adapter.name, call, status });
    return later(retryAfterMs);
  }

  function later(afterMs: number): HookAnswer {
    return { kind: 'reply', reply: adapter.reply({ kind: 'later', afterMs }) };
  }
}

/**
 * Returns the report of the record's signal as a list with one element; an empty list if the record has no signal. The
 * `key` contains the ids of the event and the record. Without an event id, it contains the record id, the label, the time
 * and the address.
 */
const reportsOf = ({ id, event, signal }: CrmRecord, recipient: string | null): VendorReport[] =>
  signal === undefined
    ? []
    : [
        {
          ...signal,
          key: event === null ? [id, signal.label, signal.at, recipient] : [event, id],
          recipient: address(recipient),
          note: null,
          source: null,
          // An adapter without an id of the contact may use that of the event.
          contact: id === '' || id === event ? null : id,
        },
      ];
