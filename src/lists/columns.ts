// The columns that presend adds to a list: their names, and their values for a verdict.

import type { Judged } from '../validator/validate.ts';

export const ownColumns = [
  'ps_result',
  'ps_reason',
  'ps_action',
  'ps_did_you_mean',
  'ps_bounce_status',
  'ps_bounce_probability',
  'ps_disposable',
  'ps_role',
  'ps_free',
  'ps_provider',
  'ps_suppressed',
  'ps_checked_at',
  'ps_duplicate',
] as const;

export type OwnColumn = (typeof ownColumns)[number];

export type OwnValue = string | number | boolean | null;

/**
 * One value for each of `ownColumns`, in their order. `checkedAt` (RFC 3339) is the same for the whole list, so the
 * result does not depend on how often the run was interrupted. `duplicate`: the address occurred earlier in the list.
 */
export function ownValues(
  { judgement, bounce, didYouMean }: Judged,
  checkedAt: string,
  duplicate: boolean,
): OwnValue[] {
  const { row, signals, action, domain, role } = judgement;
  return [
    row.result,
    row.reason,
    action,
    didYouMean,
    bounce.status,
    bounce.probability,
    domain?.disposable ?? false,
    role,
    domain?.free ?? false,
    domain?.provider ?? null,
    signals.includes('suppressed'),
    checkedAt,
    duplicate,
  ];
}

/** The values of a row, and their text in the list's format once rendered. Many rows share one. */
export interface OwnCells {
  readonly values: readonly OwnValue[];
  text: string | null;
}
