// Turns a hook's request into the reply that its vendor expects, or into the reason for refusing it.

import { LRUCache } from 'lru-cache';
import type { DeliveryEvent } from '../events/delivery-event.ts';
import { deliveryEventsOf, type VendorReport } from '../events/vendor-event.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { address } from '../webhooks/json.ts';
import type { Refusal } from '../webhooks/verification.ts';
import { type Annotated, annotate } from './annotation.ts';
import type { CrmAdapter, CrmRecord, CrmSettings, HookReply, HookRequest } from './crm-adapter.ts';
import { type Fetch, type Rest, type VendorClient, vendorClient } from './vendor-client.ts';

export interface CrmHookPorts {
  /** Verdicts in the order of the addresses, within `timeoutMs` milliseconds. */
  readonly validate: (emails: readonly string[], timeoutMs: number) => Promise<readonly Verdict[]>;
  /** Records delivery events, and applies the suppression rules to them. */
  readonly record: (events: readonly DeliveryEvent[]) => Promise<unknown>;
  readonly fetch: Fetch;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Called when a vendor's API fails; `status` is null if it did not answer. */
  readonly onApiFailure: (failure: { vendor: string; call: 'read' | 'write'; status: number | null }) => void;
}

export type HookAnswer =
  | { readonly kind: 'reply'; readonly reply: HookReply }
  | { readonly kind: 'refused'; readonly why: Refusal }
  | { readonly kind: 'malformed' };

export type HookHandler = (request: HookRequest) => Promise<HookAnswer>;

/** Maximum records of one vendor in progress at the same time. The vendor is asked to retry requests beyond that. */
export const maxPending = 10_000;

const retryAfterMs = 5000;

/** Maximum number of events that are remembered after their verdict was written back. A repeated one writes nothing. */
const rememberedEvents = 50_000;

/** Milliseconds that are reserved for each call of the vendor's API, within the time limit of a request. */
const apiMs = 1500;

/** The hook of one vendor. Verifies a request before reading it; rejects only on bugs. */
export function createHookHandler(
  adapter: CrmAdapter,
  settings: CrmSettings,
  ports: CrmHookPorts,
): HookHandler {
  const written = new LRUCache<string, true>({ max: rememberedEvents });
  const rest: Rest = { until: 0 };
  let pending = 0;

  return async (request) => {
    const verification = await adapter.verify(request, settings);
    if (verification.kind === 'refused') return { kind: 'refused', why: verification.why };
    if (verification.kind === 'unavailable') return later(retryAfterMs);
    const parsed = adapter.parse(request, settings);
    if (parsed.kind === 'malformed') return parsed;
    const { records } = parsed;
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
    // Read every record before writing a verdict: events may arrive out of order, and one deleted record would
    // fail the whole write.
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
    // Record reports before the verdicts, which depend on them.
    if (reports.length > 0) await ports.record(await deliveryEventsOf(adapter.name, reports));
    // Deleted or unreadable records get no verdict.
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
      // A batch may contain a contact only once. Skip records with a signal: another event announces a changed address.
      const isNew = ({ event, signal }: CrmRecord) =>
        signal === undefined && (event === null || !written.has(event));
      const fresh = annotated.filter((_, index) => isNew(known[index]!));
      const answer = await write(client(token, deadline), fresh);
      if (answer.kind === 'failed') return apiFailed('write', answer);
      for (const { event } of known) if (event !== null) written.set(event, true);
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

/** The report of a record with a signal. An event without an id is identified by all its fields. */
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
        },
      ];
