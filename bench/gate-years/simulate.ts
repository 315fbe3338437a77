// Runs years of sends, once with a sender who asks the gate and once with one who ignores it, and sums up what the gate did.

import { hourMs } from '../../src/durations.ts';
import { openGate } from './gates.ts';
import { type BlockScore, watchYear, type YearScore } from './score.ts';
import { ignoreGate, obeyGate } from './sender.ts';
import { generateSendYear, lastDevelopmentSeed } from './year.ts';

export interface GateYear extends YearScore {
  readonly seed: number;
  readonly description: string;
  readonly isPoor: boolean;
  readonly reporter: string;
  readonly ignored: { readonly hard: number; readonly refused: number; readonly sent: number };
}

export async function runGateYear(seed: number, days = 365): Promise<GateYear> {
  const year = generateSendYear(seed, days);
  const gate = openGate(year);
  const { watcher, score } = watchYear(year);
  const world = await obeyGate(year, gate, watcher);
  gate.close();
  const { description, isPoor, reporter } = year;
  return { seed, description, isPoor, reporter, ...score(world), ignored: ignoreGate(year) };
}

const total = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0);
const rounded = (value: number): number => Math.round(value * 1000) / 1000;

function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? null;
}

const blocksOf = (blocks: readonly BlockScore[]) => {
  const before = blocks.filter(({ refused }) => refused > 0).map((block) => block.before);
  return {
    blocks: before.length,
    median: quantile(before, 0.5),
    p95: quantile(before, 0.95),
    max: quantile(before, 1),
    within50: rounded(before.filter((one) => one <= 50).length / before.length),
  };
};

/** The share of good mail that was not sent. */
const heldShare = ({ held }: GateYear): number => (held.good === 0 ? 0 : held.unsent / held.good);

/** A stop within this time of the first message is that still end before its third hour. */
const thirdHour = 2 * hourMs;

export function summarizeGateYears(years: readonly GateYear[]): object {
  const blocks = years.flatMap((year) => year.blocks.map((block) => ({ ...block, reporter: year.reporter })));
  const lists = years.flatMap((year) => year.lists);
  const hours = lists.flatMap(({ stoppedAfter }) => (stoppedAfter === null ? [] : [stoppedAfter / hourMs]));
  const falseStops = years.map((year) => year.falseStops.length);
  const ratios = years.map(({ hard, ignored }) => hard / ignored.hard);
  const inTime = lists.filter(({ stoppedAfter }) => stoppedAfter !== null && stoppedAfter < thirdHour).length;
  return {
    years: years.length,
    blocks: blocksOf(blocks.filter(({ trouble }) => trouble.as === 'bounce')),
    deferring_blocks: blocksOf(blocks.filter(({ trouble }) => trouble.as === 'deferral')),
    false_stops: {
      mean: rounded(total(falseStops) / years.length),
      max: Math.max(...falseStops),
      years_with_at_most_one: falseStops.filter((count) => count <= 1).length,
    },
    bad_lists: {
      lists: lists.length,
      stopped: hours.length,
      before_third_hour: inTime,
      median_hours: rounded(quantile(hours, 0.5) ?? 0),
      p95_hours: rounded(quantile(hours, 0.95) ?? 0),
      max_hours: rounded(quantile(hours, 1) ?? 0),
    },
    hard_bounces: {
      obeyed: total(years.map(({ hard }) => hard)),
      ignored: total(years.map(({ ignored }) => ignored.hard)),
      ratio: rounded(total(years.map(({ hard }) => hard)) / total(years.map(({ ignored }) => ignored.hard))),
      median_ratio: rounded(quantile(ratios, 0.5) ?? 0),
    },
    held_without_cause: {
      share: rounded(total(years.map(({ held }) => held.unsent)) / total(years.map(({ held }) => held.good))),
      worst_year: rounded(Math.max(...years.map(heldShare))),
    },
    sent: rounded(total(years.map(({ sent }) => sent)) / total(years.map(({ ignored }) => ignored.sent))),
  };
}

const timeText = (time: number): string => new Date(time).toISOString().slice(0, 16);

function tellYear(tell: (line: string) => void, year: GateYear): void {
  const { seed, description, blocks, lists, falseStops, hard, ignored } = year;
  tell(
    `${seed}: ${description}; hard ${hard} of ${ignored.hard}; held without cause ${(100 * heldShare(year)).toFixed(2)}%`,
  );
  for (const { trouble, before, refused, stoppedAfter } of blocks)
    if (before > 50)
      tell(
        `  ${trouble.kind} ${trouble.as} at ${trouble.provider} from ${timeText(trouble.from)}, share ${trouble.share.toFixed(2)}, ramp ${(trouble.ramp / hourMs).toFixed(1)} h: ${before} of ${refused}, stopped after ${stoppedAfter === null ? 'never' : (stoppedAfter / hourMs).toFixed(2)}`,
      );
  for (const { campaign, share, stoppedAfter, hard: bounced, sent } of lists)
    if (stoppedAfter === null || stoppedAfter >= thirdHour)
      tell(
        `  list ${campaign.name} (${campaign.messages} at ${share.toFixed(3)}, ${Math.round(campaign.speed)} an hour): ${bounced} of ${sent} bounced, stopped after ${stoppedAfter === null ? 'never' : (stoppedAfter / hourMs).toFixed(2)}`,
      );
  for (const { at, campaign, share, provider, codes } of falseStops)
    tell(
      `  false stop ${timeText(at)} of ${provider === undefined ? 'all' : provider} in ${campaign.name} (${campaign.messages} at ${share.toFixed(4)}): ${codes}`,
    );
}

export async function simulateGateYears(
  first: number,
  last: number,
  tell: (line: string) => void,
): Promise<object> {
  const years: GateYear[] = [];
  for (let seed = first; seed <= last; seed++) {
    const year = await runGateYear(seed);
    if (seed <= lastDevelopmentSeed) tellYear(tell, year);
    years.push(year);
  }
  return summarizeGateYears(years);
}
