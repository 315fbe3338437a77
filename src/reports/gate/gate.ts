// The gate: answers whether a campaign may be sent, stores the decision, and reports when it changes.

import { dayMs, hourMs, minuteMs, startOfDay } from '../../durations.ts';
import type { CountQuery, EventCount, EventCounter } from '../count.ts';
import type { IncidentRepository } from '../incidents/incident-repository.ts';
import { policyBursts } from '../policy-burst.ts';
import { type EventTally, nothing, sentIn, sum } from '../tally.ts';
import type { BandProfile } from '../thresholds.ts';
import { decideGate, type GateState, type KnownFault, type ProviderMail } from './decide.ts';
import type { GateRepository } from './gate-repository.ts';
import type { AccountLimits } from './presets.ts';
import type { GateAnswer, GateChange, GateQuestion } from './question.ts';
import type { ReplyLimitRepository } from './reply-limits.ts';
import { needsWarmUp } from './warm-up.ts';

export interface GatePorts {
  readonly repository: GateRepository;
  readonly counter: Pick<EventCounter, 'count'>;
  /** What single replies of providers ask for; absent: nothing is kept about them. */
  readonly replyLimits?: Pick<ReplyLimitRepository, 'current' | 'deleteBefore'>;
  readonly incidents: Pick<IncidentRepository, 'list'>;
  /**
   * Returns the errors in the DNS records of a From domain, as they are known now. Null if they are not known. Must not reject,
   * and must not take long.
   */
  readonly senderFaults: (domain: string) => Promise<readonly KnownFault[] | null>;
  readonly profile: BandProfile | null;
  /** The limits of the operator's email service provider; null if they are not known. */
  readonly account: AccountLimits | null;
  readonly now: () => number;
  readonly newId: () => string;
  /** The body of the webhook about a change; null if no webhook is to be sent. */
  readonly bodyOf: ((change: GateChange) => string) | null;
  /** Called once for each change of a decision, in one of the processes. */
  readonly tell: (change: GateChange) => void;
}

export interface AnsweredQuestion {
  readonly question: GateQuestion;
  readonly answer: GateAnswer;
}

export interface Gate {
  ask(question: GateQuestion): Promise<GateAnswer>;
  /** Answers without storing the decision, so later changes are not reported. */
  peek(question: GateQuestion): Promise<GateAnswer>;
  /**
   * Answers about the campaigns about which the gate was asked lately, the latest question first. It does not store the decisions,
   * so later changes are not reported.
   */
  current(): Promise<readonly AnsweredQuestion[]>;
  /** Decides again about the campaigns that were asked about recently. */
  review(): Promise<void>;
  deleteBefore(before: number): Promise<void>;
}

/** How long after the last question about a campaign changes of its decision are reported. */
const followedMs = 2 * dayMs;
/** Maximum number of campaigns whose decisions are reviewed. */
const followedAtOnce = 50;
const incidentsAtOnce = 100;
/** How long rates are cached: those of a week hardly change in a minute, and those of earlier days only when a day ends. */
const keptMs = { week: minuteMs, usual: hourMs } as const;
/** Days that show what is usual. */
const usualDays = 28;
/** Minimum number of messages of a day, and of such days. */
const leastOfDays = { messages: 20, days: 5 } as const;

export function createGate(ports: GatePorts): Gate {
  const { repository, counter, now } = ports;
  const weeks = kept(() => weekOf(counter, now()), now, keptMs.week);
  const usual = kept(() => usualHardOf(counter, now()), now, keptMs.usual);

  /** What the answers to all questions of a moment are based on. */
  async function sharedAt(moment: number) {
    const [incidents, lately, day, week, replyLimits] = await Promise.all([
      ports.incidents.list({ status: 'open', limit: incidentsAtOnce }),
      counter.count({ from: moment - hourMs, to: moment + 1, by: 'provider', every: 'all' }),
      counter.count({ from: moment - dayMs, to: moment + 1, by: 'provider', every: 'all', causes: false }),
      weeks(),
      ports.replyLimits?.current(moment) ?? [],
    ]);
    return { incidents, lately, day, week, replyLimits };
  }

  async function stateFor(
    { campaign, list, fromDomain, firstSentAt }: GateQuestion,
    moment = now(),
    shared = sharedAt(moment),
  ): Promise<GateState> {
    const [known, scores, warmUpDays, senderFaults, mailBefore, usualHard] = await Promise.all([
      shared,
      repository.scores(campaign, list),
      firstSentAt === null || !needsWarmUp(firstSentAt, moment)
        ? []
        : daysSince(counter, firstSentAt, moment),
      fromDomain === null ? null : ports.senderFaults(fromDomain),
      tallyBefore(
        counter,
        list === null ? { by: 'campaign', names: [campaign] } : { by: 'list', names: [list] },
        moment,
      ),
      list === null ? usual() : null,
    ]);
    const { incidents, lately, day, week, replyLimits } = known;
    const lastWeek = sum(week.map(({ tally }) => tally));
    // Without reports of sent or delivered messages, every score would only rise.
    const hasVolume = lastWeek.delivered + lastWeek.sent > 0;
    return {
      ...{ now: moment, profile: ports.profile, account: ports.account },
      scores: hasVolume ? scores : [],
      ...{ incidents, lastWeek, warmUpDays, senderFaults, mailBefore, usualHard, replyLimits },
      refusing: hasVolume ? [] : policyBursts(lately).map(({ provider }) => provider),
      providers: providersOf(lately, day, week),
    };
  }

  async function decide(question: GateQuestion, isAsked: boolean): Promise<GateAnswer> {
    const answer = decideGate(question, await stateFor(question));
    const { campaign, purpose } = question;
    const at = now();
    const { bodyOf } = ports;
    const message = bodyOf && {
      id: ports.newId(),
      bodyAfter: (before: GateChange['before']) => bodyOf({ campaign, purpose, before, answer, at }),
    };
    const told = { campaign, question, decision: answer.decision, reasons: answer.reasons };
    const before = await repository.keep(told, at, isAsked, message);
    if (before !== null) ports.tell({ campaign, purpose, before, answer, at });
    return answer;
  }

  const followed = () => repository.askedSince(now() - followedMs, followedAtOnce);

  async function review(): Promise<void> {
    for (const { question } of await followed()) await decide(question, false);
  }

  return {
    ask: (question) => decide(question, true),
    peek: async (question) => decideGate(question, await stateFor(question)),
    async current() {
      const moment = now();
      const shared = sharedAt(moment);
      const asked = await followed();
      return Promise.all(
        asked.map(async ({ question }) => ({
          question,
          answer: decideGate(question, await stateFor(question, moment, shared)),
        })),
      );
    },
    review,
    async deleteBefore(before) {
      await repository.deleteBefore(before);
      await ports.replyLimits?.deleteBefore(before);
    },
  };
}

/** Returns the last result of `read`, or a new one if it is older than `ms`. A failure is not kept. */
function kept<T>(read: () => Promise<T>, now: () => number, ms: number): () => Promise<T> {
  let last: { readonly at: number; readonly value: T } | null = null;
  return async () => {
    if (last === null || now() - last.at >= ms) last = { at: now(), value: await read() };
    return last.value;
  };
}

async function weekOf(counter: GatePorts['counter'], now: number): Promise<EventCount[]> {
  const week: CountQuery = {
    from: now - 7 * dayMs,
    to: now + 1,
    by: 'provider',
    every: 'all',
    causes: false,
  };
  return counter.count(week);
}

const completeDays = (now: number) => ({ from: startOfDay(now) - usualDays * dayMs, to: startOfDay(now) });

async function tallyBefore(
  counter: GatePorts['counter'],
  of: Pick<CountQuery, 'by' | 'names'>,
  now: number,
): Promise<EventTally> {
  const counts = await counter.count({ ...completeDays(now), ...of, every: 'all', causes: false });
  return sum(counts.map(({ tally }) => tally));
}

/** The median is that of days, so a bad list on one of them does not change it. */
async function usualHardOf(counter: GatePorts['counter'], now: number): Promise<number | null> {
  const query: CountQuery = { ...completeDays(now), by: 'provider', every: 'day', causes: false };
  const days = Map.groupBy(await counter.count(query), ({ period }) => period);
  const rates = [...days.values()].flatMap((cells) => {
    const tally = sum(cells.map((cell) => cell.tally));
    const sent = sentIn(tally);
    return sent === null || sent < leastOfDays.messages ? [] : [tally.hard / sent];
  });
  if (rates.length < leastOfDays.days) return null;
  return rates.toSorted((a, b) => a - b)[Math.floor(rates.length / 2)]!;
}

/** The tallies of the complete days from the first mail on, the earliest first. */
async function daysSince(
  counter: GatePorts['counter'],
  firstSentAt: number,
  now: number,
): Promise<EventTally[]> {
  const from = startOfDay(firstSentAt);
  const to = startOfDay(now);
  if (to <= from) return [];
  const counts = await counter.count({ from, to, by: 'provider', every: 'day', causes: false });
  const days = Map.groupBy(counts, ({ period }) => period);
  return [...days]
    .toSorted(([one], [other]) => one - other)
    .map(([, cells]) => sum(cells.map(({ tally }) => tally)));
}

function providersOf(
  lately: readonly EventCount[],
  day: readonly EventCount[],
  week: readonly EventCount[],
): ProviderMail[] {
  const byName = (counts: readonly EventCount[]) => new Map(counts.map(({ name, tally }) => [name, tally]));
  const [lastHour, lastDay, lastWeek] = [byName(lately), byName(day), byName(week)];
  // The week is cached, so it may not have the first mail of a provider yet.
  return [...new Set([...lastWeek.keys(), ...lastDay.keys()])].map((name) => ({
    name,
    lastHour: lastHour.get(name) ?? nothing,
    lastDay: lastDay.get(name) ?? nothing,
    lastWeek: lastWeek.get(name) ?? lastDay.get(name) ?? nothing,
  }));
}
