// The reply to hook requests that several vendors accept.

import type { Annotated } from './annotation.ts';
import type { HookOutcome, HookReply } from './crm-adapter.ts';

const json = { 'content-type': 'application/json' };

/**
 * The reply to vendors that look only at the status. The fields in its body are for integration platforms between the
 * vendor and presend, and for people who try the hook.
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
