// What email service providers do with soft bounces and what they tolerate: data/esp-presets.tsv.

import { espPresets } from '../../../data/packed/sending.js';

/** Rates at which a provider acts against an account, from 0 to 1. Null if none is known. */
export interface AccountLimits {
  readonly hardReview: number | null;
  readonly hardPause: number | null;
  readonly complaintReview: number | null;
  readonly complaintPause: number | null;
}

export interface EspPreset {
  readonly name: string;
  /** Soft bounces until an address is suppressed; null: presend's own rule. */
  readonly softBounces: number | null;
  /** `row`: soft bounces in a row, so a delivery resets the count. `total`: a delivery does not reset it. */
  readonly softCount: 'row' | 'total';
  /** Hours for which the provider tries a message again; null if unknown. */
  readonly retryHours: number | null;
  readonly limits: AccountLimits;
  /** After how many messages over how many days a full mailbox is suppressed, and for how many days. */
  readonly fullMailbox: { readonly bounces: number; readonly days: number; readonly entryDays: number };
}

const number = (text: string | undefined): number | null =>
  text === undefined || text === '-' ? null : Number(text);

const presets: readonly EspPreset[] = espPresets.split('\n').map((line) => {
  const [
    name,
    softBounces,
    softCount,
    retryHours,
    hardReview,
    hardPause,
    complaintReview,
    complaintPause,
    ...full
  ] = line.split(' ');
  return {
    name: name!,
    softBounces: number(softBounces),
    softCount: softCount === 'total' ? 'total' : 'row',
    retryHours: number(retryHours),
    limits: {
      hardReview: number(hardReview),
      hardPause: number(hardPause),
      complaintReview: number(complaintReview),
      complaintPause: number(complaintPause),
    },
    fullMailbox: { bounces: Number(full[0]), days: Number(full[1]), entryDays: Number(full[2]) },
  };
});

/** The values of the setting ESP_PRESET. */
export const espPresetNames: readonly string[] = ['none', ...presets.map(({ name }) => name)];

/** Returns the preset of a provider; null for `none` and for unknown names. */
export const espPreset = (name: string): EspPreset | null =>
  presets.find((preset) => preset.name === name) ?? null;
