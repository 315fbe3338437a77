// A verdict as a flat object, the form that CRMs and automation tools store.

import type { Action, Reason, Result, Verdict } from '../verdict/verdict.ts';

/**
 * Every annotation has all fields, with null for a missing value. The reason is that automation tools let their users map
 * a field only after an answer has contained it.
 */
export interface Annotation {
  readonly presend_result: Result | 'no_address';
  readonly presend_reason: Reason | 'no_address';
  /** Null if the record has no address. */
  readonly presend_action: Action | null;
  /** One English sentence for display. */
  readonly presend_message: string;
  readonly presend_did_you_mean: string | null;
  readonly presend_bounce_class: 'hard' | 'soft' | null;
  readonly presend_bounce_status: string | null;
  readonly presend_bounce_probability: number | null;
  readonly presend_disposable: boolean | null;
  readonly presend_relay: boolean | null;
  readonly presend_role: boolean | null;
  readonly presend_free: boolean | null;
  readonly presend_provider: string | null;
  /** RFC 3339, UTC. */
  readonly presend_checked_at: string;
  /** Null if the record has no address. */
  readonly presend_expires_at: string | null;
}

/** The id of a CRM record and the verdict on its address. */
export interface Annotated {
  readonly id: string;
  readonly annotation: Annotation;
}

export function annotationOf(verdict: Verdict): Annotation {
  return {
    presend_result: verdict.result,
    presend_reason: verdict.reason,
    presend_action: verdict.action,
    presend_message: verdict.message,
    presend_did_you_mean: verdict.didYouMean,
    presend_bounce_class: verdict.bounce.class,
    presend_bounce_status: verdict.bounce.status,
    presend_bounce_probability: verdict.bounce.probability,
    presend_disposable: verdict.disposable,
    presend_relay: verdict.relay,
    presend_role: verdict.role,
    presend_free: verdict.free,
    presend_provider: verdict.provider,
    presend_checked_at: new Date(verdict.checkedAt).toISOString(),
    presend_expires_at: new Date(verdict.expiresAt).toISOString(),
  };
}

/** The annotation of a record without an address. `now`: epoch milliseconds. */
export const withoutAddress = (now: number): Annotation => ({
  presend_result: 'no_address',
  presend_reason: 'no_address',
  presend_action: null,
  presend_message: 'The record has no address.',
  presend_did_you_mean: null,
  presend_bounce_class: null,
  presend_bounce_status: null,
  presend_bounce_probability: null,
  presend_disposable: null,
  presend_relay: null,
  presend_role: null,
  presend_free: null,
  presend_provider: null,
  presend_checked_at: new Date(now).toISOString(),
  presend_expires_at: null,
});

/**
 * One annotation for each entry of `emails`, in order. A null entry is a record without an address. `verdicts` has the
 * verdicts on the other entries, in the same order.
 */
export function annotate(
  emails: readonly (string | null)[],
  verdicts: readonly Verdict[],
  now: number,
): Annotation[] {
  const remaining = verdicts.values();
  return emails.map((email) =>
    email === null ? withoutAddress(now) : annotationOf(remaining.next().value!),
  );
}
