// The answer of POST /v1/probes about one mailbox, as it is written and as it is read. What another presend says is not trusted to
// have the right form.

import {
  type MailboxProof,
  type RefusedCause,
  refusedCauses,
  type UnprovenCause,
} from '../address/mailbox-proof.ts';
import { dayMs, minuteMs } from '../durations.ts';
import { isRecord } from '../json-object.ts';
import { acceptedMs, unknownMs } from './keep-proof.ts';
import type { ProbeFinding } from './probe-finding.ts';

/** Every proof, with its causes; none if it has no cause. `syntax_error`: the text is not an address. */
export const proofCauses = {
  exists: [],
  unknown_user: [],
  disabled: [],
  full: [],
  catch_all: [],
  refused_us: refusedCauses,
  undetermined: [
    'greylisted',
    'unreachable',
    'timeout',
    'protocol',
    'ambiguous',
    'unconfirmed',
    'not_served',
    'smtputf8',
    'no_mail_host',
    'resting',
  ],
  not_checked: ['off', 'provider', 'syntax_error'],
} as const satisfies Readonly<
  Record<
    MailboxProof['kind'],
    readonly (RefusedCause | UnprovenCause | 'off' | 'provider' | 'syntax_error')[]
  >
>;

export interface ProbeAnswerItem {
  readonly email: string;
  readonly proof: MailboxProof['kind'];
  readonly cause: string | null;
  readonly checked_at: string | null;
  readonly retry_at: string | null;
}

const moment = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

export const probeAnswerItem = (
  email: string,
  { proof, checkedAt, retryAt }: ProbeFinding,
): ProbeAnswerItem => ({
  email,
  proof: proof.kind,
  cause: 'cause' in proof ? proof.cause : null,
  checked_at: moment(checkedAt),
  retry_at: moment(retryAt),
});

/** The clocks of two machines may differ by this much. */
const skewMs = 5 * minuteMs;
const longestRetryMs = 2 * dayMs;

/**
 * Reads the answer of another presend about one mailbox. Null if it is not a possible one: an unknown proof or cause, a proof without
 * a time, or with a time in the future or so long ago that it no longer counts.
 */
export function readProbeAnswer(value: unknown, now: number): ProbeFinding | null {
  if (!isRecord(value)) return null;
  const { proof: kind, cause, checked_at, retry_at } = value;
  if (typeof kind !== 'string' || !Object.hasOwn(proofCauses, kind)) return null;
  const causes: readonly string[] = proofCauses[kind as MailboxProof['kind']];
  if (causes.length === 0 ? cause != null : !causes.includes(cause as string)) return null;
  // We ask about addresses alone, so this answer is about something else.
  if (cause === 'syntax_error') return null;
  const checkedAt = readMoment(checked_at);
  const retryAt = readMoment(retry_at);
  if (checkedAt === undefined || retryAt === undefined) return null;
  const proof = (causes.length === 0 ? { kind } : { kind, cause }) as MailboxProof;
  if (causes.length === 0) {
    const countsMs = kind === 'exists' || kind === 'catch_all' ? acceptedMs : unknownMs;
    if (checkedAt === null || checkedAt > now + skewMs || checkedAt <= now - countsMs) return null;
  }
  return {
    proof,
    checkedAt: checkedAt === null ? null : Math.min(checkedAt, now),
    retryAt: retryAt === null ? null : Math.min(retryAt, now + longestRetryMs),
  };
}

/** Undefined if the value is not a time. */
function readMoment(value: unknown): number | null | undefined {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT[\d:.]{5,12}Z$/.test(value)) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
}
