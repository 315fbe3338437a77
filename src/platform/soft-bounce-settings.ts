// The settings about soft bounces, with the rules of the email service provider as defaults.

import { dayMs } from '../durations.ts';
import type { EspPreset } from '../reports/gate/presets.ts';
import { defaultRules, type SuppressionRules } from '../suppression/rules.ts';

/**
 * The rules about soft bounces: those of the email service provider, unless a setting says otherwise. Without a provider, full
 * mailboxes have a limit of their own only if FULL_BOUNCES sets one.
 */
export function softBounceRules(
  preset: EspPreset | null,
  wholeNumber: (name: string, fallback: number, least: number, most: number) => number,
): SuppressionRules['soft'] {
  const { soft } = defaultRules;
  const fullBounces = wholeNumber('FULL_BOUNCES', preset?.fullMailbox.bounces ?? 0, 0, 1000);
  const entryDays = wholeNumber('SOFT_ENTRY_DAYS', soft.entryMs / dayMs, 1, 3650);
  const full = {
    bounces: fullBounces,
    overMs: wholeNumber('FULL_BOUNCE_DAYS', preset?.fullMailbox.days ?? 3, 0, 365) * dayMs,
    entryMs: wholeNumber('FULL_ENTRY_DAYS', preset?.fullMailbox.entryDays ?? 30, 1, 3650) * dayMs,
  };
  return {
    ...soft,
    bounces: wholeNumber('SOFT_BOUNCES', preset?.softBounces ?? soft.bounces, 1, 1000),
    count: preset?.softCount ?? soft.count,
    overMs: wholeNumber('SOFT_BOUNCE_DAYS', soft.overMs / dayMs, 0, 365) * dayMs,
    entryMs: entryDays * dayMs,
    full: fullBounces === 0 ? null : full,
  };
}
