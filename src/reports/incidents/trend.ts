// Finds rates that rose steadily for days or weeks.

import { dayMs } from '../../durations.ts';
import { hasOpen } from './known.ts';
import { chanceOfCount, trendScore } from './overdispersed.ts';
import { type FoundRise, type RiseLimits, riseWith, stillOpen } from './rises.ts';
import type { Measure, Series } from './series.ts';
import { type Look, sentOf, usualRate } from './usual.ts';

/** Returns a rise that took many days: a steady trend of the daily rates. Null if there is none. */
export function trendOf(look: Look, series: Series, measure: Measure, limits: RiseLimits): FoundRise | null {
  if (!look.isVolumeKnown) return null;
  const days = series.days
    .filter(({ start }) => start < look.until && start >= look.until - 28 * dayMs)
    .map((day) => ({ start: day.start, count: day[measure], exposure: sentOf(day) ?? 0 }))
    .filter(({ exposure }) => exposure >= 30)
    .slice(-14);
  if (days.length < 10 || days.at(-1)!.start < look.until - 2 * dayMs) return null;
  const isOpen = hasOpen(look, series, measure);
  const ease = isOpen ? stillOpen.ease : 1;
  if (trendScore(days.map(({ count, exposure }) => count / exposure)) < 3.4 * ease) return null;
  const third = Math.floor(days.length / 3);
  const before = pooled(days.slice(0, third));
  const { count: messages, exposure, rate } = pooled(days.slice(-3));
  const rateBefore = Math.max(before.rate, 0.5 / before.exposure);
  if (messages < 20 || rate < ease * limits.rate || rate < Math.max(1, ease * limits.ratio) * rateBefore)
    return null;
  const from = days.at(-3)!.start;
  const { size } = usualRate(look, series, measure, from);
  const chance = chanceOfCount(messages, exposure * rateBefore, Math.min(size, before.count + 3));
  if (chance > (isOpen ? stillOpen.mostChance : look.mostChance)) return null;
  return riseWith({ series, measure, from, messages, exposure, chance }, rateBefore);
}

function pooled(days: readonly { readonly count: number; readonly exposure: number }[]) {
  const count = days.reduce((sum, day) => sum + day.count, 0);
  const exposure = days.reduce((sum, day) => sum + day.exposure, 0);
  return { count, exposure, rate: count / exposure };
}
