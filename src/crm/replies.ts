// The reply to a hook request of a vendor that looks only at the status of the reply.

import type { Annotated } from './annotation.ts';
import type { HookOutcome, HookReply } from './crm-adapter.ts';

const json = { 'content-type': 'application/json' };

/**
 * Status 200, or 503 if the vendor should retry later. The vendor ignores the body: its fields are for integration
 * platforms between the vendor and presend, and for people who try the hook.
 */
export const plainReply = (outcome: HookOutcome): HookReply =>
  outcome.kind === 'later'
    ? {
        status: 503,
        headers: { ...json, 'retry-after': String(Math.ceil(outcome.afterMs / 1000)) },
        body: JSON.stringify({ records: [] }),
      }
    : { status: 200, headers: json, body: JSON.stringify({ records: outcome.records.map(flat) }) };

const flat = ({ id, annotation }: Annotated) => ({ id, ...annotation });
