// Decides whether several providers that refuse or defer the mail of a sender have one cause, and joins their blocks if so.

import type { BounceReason } from '../../bounce/bounce.ts';
import { dayMs, hourMs } from '../../durations.ts';
import { type IncidentFinding, isRecent, largest, shareOfCauses } from './finding.ts';
import { type FoundRise, partOf, riseWith } from './rises.ts';
import { mailBetween, type Series, sumBetween } from './series.ts';
import { exposureSince, type Look, usualRate } from './usual.ts';

/** Blocks that begin at most this far apart began together. */
const togetherMs = 6 * hourMs;
/** The beginning of a block is looked for in the days that have counts by hour. */
const searchedMs = 7 * dayMs;

/** Causes that a provider sees in the sender, also if it only defers the mail: Yahoo's TSS04 is 421 4.7.0. */
const sendersFault: ReadonlySet<BounceReason> = new Set([
  'blocked_reputation',
  'sender_refused',
  'policy_refused',
  'spam_content',
  'content_refused',
]);

/** Whether a provider gives the sender as the cause of most of these failures. */
export const isSendersFault = (look: Look, rise: Pick<FoundRise, 'series' | 'from' | 'measure'>): boolean =>
  shareOfCauses(look, rise.series, rise, ({ reason }) => sendersFault.has(reason)) > 0.5;

/**
 * The other providers at which the rate is also far above the usual one, even if there are too few messages for a test. At night a
 * rise may show at one provider alone, so the last day counts too.
 */
export const raisedIn = (look: Look, providers: readonly Series[], rise: FoundRise): Series[] =>
  raisedBy(look, providers, rise, { messages: 3, rate: 0.02 });

const raisedBy = (look: Look, providers: readonly Series[], rise: FoundRise, least: Least): Series[] =>
  providers.filter(
    (series) =>
      series !== rise.series &&
      [rise.from, lastDay(look, rise)].some((from) => isRaised(look, { ...rise, series, from }, least)),
  );

interface Least {
  readonly messages: number;
  readonly rate: number;
}

const lastDay = ({ until }: Look, { from }: FoundRise): number => Math.min(from, until - dayMs);

function isRaised(
  look: Look,
  { series, measure, from }: Pick<FoundRise, 'series' | 'measure' | 'from'>,
  least: Least,
): boolean {
  const messages = sumBetween(series, measure, from, look.until);
  const exposure = exposureSince(look, series, measure, from) ?? 0;
  if (messages < least.messages || exposure === 0 || messages < least.rate * exposure) return false;
  if (measure === 'delay' && !isSendersFault(look, { series, measure, from })) return false;
  return messages >= 3 * exposure * usualRate(look, series, measure, from).rate;
}

/**
 * The other providers that share a rise: together they have a considerable part of the failures, even if each of them has only one or
 * two, as those of a sender with little mail do. Empty if the rise is that of one provider.
 */
export function sharersOf(look: Look, providers: readonly Series[], top: FoundRise): Series[] {
  const few = raisedBy(look, providers, top, { messages: 1, rate: Math.max(0.02, top.rate / 3) });
  const raised = [...new Set([...raisedIn(look, providers, top), ...few])];
  const since = lastDay(look, top);
  const messagesOf = (series: Series) => sumBetween(series, top.measure, since, look.until);
  const others = raised.reduce((sum, series) => sum + messagesOf(series), 0);
  const areMany = raised.length >= 2 && others >= 3 && others >= 0.15 * messagesOf(top.series);
  return areMany ? raised : [];
}

/**
 * Whether the sender is the cause of rises at several providers: they are at least three, or they began together, or they belong to
 * an open incident about many providers, or hardly any other provider accepts mail.
 */
export const haveSenderAsCause = (look: Look, rises: readonly FoundRise[]): boolean =>
  rises.length >= 3 ||
  wasAtMany(look, rises) ||
  beganTogether(look, rises) ||
  acceptingProviders(look, rises).length < 2;

/**
 * Whether an open incident is about many providers, including all of these. A block at many providers ends at one after the other,
 * because some keep a listing longer than others.
 */
export const wasAtMany = (look: Look, rises: readonly FoundRise[]): boolean =>
  look.known.some(
    ({ kind, closedAt, evidence }) =>
      kind === 'sender_block' &&
      closedAt === null &&
      rises.every(({ series }) => evidence.providers.some(({ name }) => name === series.name)),
  );

/** The providers with enough mail to show a rise of this size that do not show it. */
const acceptingProviders = (look: Look, rises: readonly FoundRise[]): Series[] =>
  look.series.groups.provider.filter(
    (series) =>
      isRecent(look, series) &&
      !rises.some((rise) => rise.series === series) &&
      rises.every(({ measure, from, rate }) => {
        const expected = rate * (exposureSince(look, series, measure, from) ?? 0);
        return expected >= 4 && sumBetween(series, measure, from, look.until) < expected / 4;
      }),
  );

/** Whether rises may have begun at about the same time: independent blocks rarely do. */
function beganTogether(look: Look, rises: readonly FoundRise[]): boolean {
  const begins = rises.map((rise) => beginOf(look, rise));
  const latest = Math.max(...begins.map(({ earliest }) => earliest));
  return latest - Math.min(...begins.map(({ first }) => first)) <= togetherMs;
}

/**
 * The hour since which more than half of the rate of a rise has lasted, and the earliest hour in which it may have begun: before the
 * first failures there may have been too little mail to show it.
 */
function beginOf(look: Look, { series, measure, from }: FoundRise) {
  const rate =
    sumBetween(series, measure, from, look.until) / Math.max(1, mailBetween(series, from, look.until));
  const end = look.until - searchedMs;
  let first = Math.floor(look.until / hourMs) * hourMs;
  let sum = 0;
  let most = 0;
  for (let start = first; start >= end; start -= hourMs) {
    const mail = mailBetween(series, start, start + hourMs);
    sum += sumBetween(series, measure, start, start + hourMs) - (rate / 2) * mail;
    if (sum <= most) continue;
    most = sum;
    first = start;
  }
  let earliest = first;
  while (earliest > end && mailBetween(series, earliest - hourMs, first) * rate < 3) earliest -= hourMs;
  return { first, earliest };
}

/**
 * Joins the blocks of several providers into one incident of the sender if they have one cause. Some providers refuse the mail and
 * others only defer it.
 */
export function joinBlocks(look: Look, findings: readonly IncidentFinding[]): IncidentFinding[] {
  const blocks = findings.filter(({ kind }) => kind === 'provider_block' || kind === 'sender_block');
  const whole = blocks.find(({ kind }) => kind === 'sender_block');
  const main = whole ?? blocks.toSorted((a, b) => b.rise.excess - a.rise.excess)[0];
  if (main === undefined) return [...findings];
  const areAll =
    blocks.length > 1 &&
    whole === undefined &&
    haveSenderAsCause(
      look,
      blocks.map(({ rise }) => rise),
    );
  const joined = blocks.filter(
    (block) =>
      block === main ||
      areAll ||
      (whole !== undefined && wasAtMany(look, [block.rise])) ||
      beganTogether(look, [main.rise, block.rise]),
  );
  const others = whole === undefined ? sharersOf(look, look.series.groups.provider, main.rise) : [];
  if (joined.length < 2 && others.length === 0 && (main === whole || !wasAtMany(look, [main.rise])))
    return [...findings];
  return [...findings.filter((finding) => !joined.includes(finding)), blockOf(look, joined, others)];
}

/** One block of the sender that has the failures of several blocks, and those of other providers whose rate is also raised. */
function blockOf(look: Look, blocks: readonly IncidentFinding[], others: readonly Series[]): IncidentFinding {
  const rises = blocks.map(({ rise }) => rise);
  const top = largest(rises);
  const from = Math.min(...rises.map((rise) => rise.from));
  const whole = partOf(look, { ...top, from }, look.series.all);
  const own = rises.map(({ series }) => series);
  const counted = [
    ...rises,
    ...others.filter((one) => !own.includes(one)).map((series) => ({ ...top, series })),
  ];
  const messages = counted.reduce(
    (sum, { series, measure }) => sum + sumBetween(series, measure, from, look.until),
    0,
  );
  const chance = Math.min(...rises.map((rise) => rise.chance));
  return {
    kind: 'sender_block',
    scope: {},
    rise: riseWith({ ...whole, messages, chance }, whole.rateBefore),
    measures: [...new Set(blocks.flatMap(({ measures }) => measures))],
    providers: [...new Set([...blocks.flatMap(({ providers }) => providers), ...others])],
  };
}
