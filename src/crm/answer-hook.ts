// A hook's request becomes the reply that its vendor expects, or the reason why it gets none.

import { LRUCache } from 'lru-cache';
import type { Verdict } from '../verdict/verdict.ts';
import type { Refusal } from '../webhooks/verification.ts';
import { type Annotated, annotate } from './annotation.ts';
import type { CrmAdapter, CrmRecord, CrmSettings, HookReply, HookRequest } from './crm-adapter.ts';
import { type Fetch, type Rest, type VendorClient, vendorClient } from './vendor-client.ts';

export interface CrmHookPorts {
  /** Verdicts in the order of the addresses, none of them later than in `timeoutMs` milliseconds. */
  readonly validate: (emails: readonly string[], timeoutMs: number) => Promise<readonly Verdict[]>;
  readonly fetch: Fetch;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Told of a vendor's API that failed; `status` is null where it did not answer. */
  readonly onApiFailure: (failure: { vendor: string; call: 'read' | 'write'; status: number | null }) => void;
}

export type HookAnswer =
  | { readonly kind: 'reply'; readonly reply: HookReply }
  | { readonly kind: 'refused'; readonly why: Refusal }
  | { readonly kind: 'malformed' };

export type HookHandler = (request: HookRequest) => Promise<HookAnswer>;

/** Records of one vendor that are worked on at the same time; whoever comes on top is asked to come again. */
export const maxInWork = 10_000;

const comeAgainAfterMs = 5000;

/** Events whose verdict was written back are remembered, so that a repetition does not write again. */
const rememberedEvents = 50_000;

/** Milliseconds of the answer's time that are kept for each use of the vendor's API. */
const apiMs = 1500;

/** The hook of one vendor. Verifies a request before it reads it; rejects only for bugs. */
export function createHookHandler(
  adapter: CrmAdapter,
  settings: CrmSettings,
  ports: CrmHookPorts,
): HookHandler {
  const written = new LRUCache<string, true>({ max: rememberedEvents });
  const rest: Rest = { until: 0 };
  let inWork = 0;

  return async (request) => {
    const verification = await adapter.verify(request, settings);
    if (verification.kind === 'refused') return { kind: 'refused', why: verification.why };
    if (verification.kind === 'unavailable') return later(comeAgainAfterMs);
    const parsed = adapter.parse(request, settings);
    if (parsed.kind === 'malformed') return parsed;
    const { records } = parsed;
    if (inWork > 0 && inWork + records.length > maxInWork) return later(comeAgainAfterMs);
    inWork += records.length;
    try {
      return await work(records, ports.now() + adapter.answerWithinMs);
    } finally {
      inWork -= records.length;
    }
  };

  async function work(records: readonly CrmRecord[], deadline: number): Promise<HookAnswer> {
    const token = adapter.api ? settings.apiToken : null;
    const write = settings.writeBack && token !== null ? adapter.api?.write : undefined;
    // Before a verdict is written every record is read: events overtake each other, and a record that is gone would
    // spoil the write for all others.
    const isRead = ({ toBeRead }: CrmRecord) => toBeRead === true || write !== undefined;
    const unread = [...new Set(records.filter(isRead).map(({ id }) => id))];
    let read: ReadonlyMap<string, string | null> = new Map();
    if (adapter.api && token !== null && unread.length > 0) {
      const answer = await adapter.api.read(client(token, deadline - apiMs * 2), unread);
      if (answer.kind === 'failed') return apiFailed('read', answer);
      read = answer.value;
    }
    // Of a record that is gone, or that nobody may read, there is nothing to say.
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
      const isNew = ({ event }: CrmRecord) => event === null || !written.has(event);
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
