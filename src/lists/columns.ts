// The columns that presend adds to a list: their names, and their values for a verdict.

import { dayName } from '../calendar.ts';
import { type Engagement, engagementStateOf } from '../events/engagement.ts';
import type { Judged } from '../validator/validate.ts';
import { type MessageLanguage, messageOf } from './messages.ts';

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
  'ps_message',
  'ps_addresses',
  'ps_address',
  'ps_gateway',
  'ps_engagement',
  'ps_last_active',
  'ps_mailbox',
] as const;

/** The index of `ps_address`. Its value differs in every row, so it is null in `OwnCells`, which rows share. */
export const addressColumnIndex = ownColumns.indexOf('ps_address');

export type OwnColumn = (typeof ownColumns)[number];

export type OwnValue = string | number | boolean | null;

/** What presend knows about the opens, clicks and replies of a person, as it is written into a row. */
export interface EngagementValues {
  /** One of `engagementStates`. */
  readonly state: string;
  /** The day (UTC) of the latest sign of life, such as 2026-11-20; null if there is none. */
  readonly lastActive: string | null;
}

/** `engagement`: null if nothing is recorded about the address. `asOf` is in epoch milliseconds. */
export const engagementValues = (engagement: Engagement | null, asOf: number): EngagementValues => ({
  state: engagementStateOf(engagement, asOf),
  lastActive: engagement?.lastActive == null ? null : dayName(engagement.lastActive),
});

/**
 * The values of a row for `ownColumns`, in their order, with null for `ps_address`. `checkedAt` (RFC 3339) is the same
 * for the whole list, so the result does not depend on whether the run was interrupted. `duplicate`: the address
 * occurred earlier in the list. `addresses`: see `addressesJson`; null for a contact with one address. `engagement`: null if no
 * provider reports it.
 */
export function ownValues(
  { judgement, bounce, didYouMean }: Judged,
  checkedAt: string,
  duplicate: boolean,
  addresses: string | null,
  language: MessageLanguage = 'en',
  engagement: EngagementValues | null = null,
): OwnValue[] {
  const { row, action, domain, role } = judgement;
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
    row.reason === 'suppressed',
    checkedAt,
    duplicate,
    messageOf(row, language),
    addresses,
    null,
    domain?.gateway ?? null,
    engagement?.state ?? null,
    engagement?.lastActive ?? null,
    judgement.mailbox?.proof.kind ?? null,
  ];
}

/**
 * The values that presend writes into a row. `text` is the text of those before `ps_address`, in the format of the list;
 * null until the first row is written. Rows with equal values may share one object, so their text is created only once.
 */
export interface OwnCells {
  readonly values: readonly OwnValue[];
  text: string | null;
  /** The text of the columns after `ps_address`. */
  textAfter: string;
}

/** The values of a row that has no address. */
export const noAddressValues: readonly OwnValue[] = ownColumns.map((name) =>
  name === 'ps_reason' ? 'no_address' : null,
);

/** The verdicts on all addresses of a contact, as JSON for the column `ps_addresses`. Pass the best address first. */
export const addressesJson = (all: readonly { readonly email: string; readonly judged: Judged }[]): string =>
  JSON.stringify(
    all.map(({ email, judged: { judgement, didYouMean } }) => ({
      address: email,
      result: judgement.row.result,
      reason: judgement.row.reason,
      action: judgement.action,
      ...(didYouMean !== null && { did_you_mean: didYouMean }),
    })),
  );
