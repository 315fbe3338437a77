// The columns that a list is given: their names, and the values of a verdict in them.

import type { Verdict } from '../verdict/verdict.ts';

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
 * One value for each of `ownColumns`, in their order. `checkedAt` (RFC 3339) is one for the whole list, so that it does
 * not matter in how many goes it was verified. `duplicate`: the address stood further up in the list.
 */
export const ownValues = (verdict: Verdict, checkedAt: string, duplicate: boolean): OwnValue[] => [
  verdict.result,
  verdict.reason,
  verdict.action,
  verdict.didYouMean,
  verdict.bounce.status,
  verdict.bounce.probability,
  verdict.disposable,
  verdict.role,
  verdict.free,
  verdict.provider,
  verdict.signals.includes('suppressed'),
  checkedAt,
  duplicate,
];
