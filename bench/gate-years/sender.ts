// Two senders of one year: one that asks the gate before each batch and does what it answers, and one that ignores it.

import { hourMs, minuteMs } from '../../src/durations.ts';
import type { GateAnswer, GateQuestion } from '../../src/reports/gate/question.ts';
import { binomial } from '../months/sample.ts';
import { type Random, randomFrom } from '../simulate/random.ts';
import type { Campaign, Outcome, SendYear, SharedProvider } from './types.ts';
import { createWorld, type World } from './world.ts';

/** The gate, as a sender sees it. */
export interface AskedGate {
  /** Reports what happened, as a provider's webhook does. */
  report(outcomes: readonly Outcome[], now: number): Promise<void>;
  ask(question: GateQuestion, now: number): Promise<GateAnswer>;
  /** Called once an hour. */
  tend(now: number): Promise<void>;
}

/** What the sender did and was told, in the order of time. */
export interface Watcher {
  sent(at: number, campaign: Campaign, outcomes: readonly Outcome[]): void;
  answered(at: number, campaign: Campaign, answer: GateAnswer): void;
  /** The campaign ended or was given up. `left`: messages that were not sent, in the order of `year.providers`. */
  ended(campaign: Campaign, left: readonly number[]): void;
}

/** The most messages between two questions, and the parts of an hour between them, as docs/gate.md recommends. */
const askEvery = { messages: 50, partsOfHour: 3 } as const;
/** A campaign that cannot be sent in this time is given up. */
export const patienceMs = 48 * hourMs;

interface Running {
  readonly campaign: Campaign;
  readonly random: Random;
  /** Messages to send by provider, in the order of `year.providers`. */
  readonly left: number[];
  nextAt: number;
}

function start(year: SendYear, campaign: Campaign): Running {
  const random = randomFrom(campaign.seed ^ 0x5eed);
  let rest = campaign.messages;
  let share = 1;
  const left = year.providers.map((provider, index) => {
    const some =
      index === year.providers.length - 1
        ? rest
        : binomial(random, rest, Math.min(provider.share / share, 1));
    rest -= some;
    share -= provider.share;
    return some;
  });
  return { campaign, random, left, nextAt: campaign.startsAt };
}

/** Takes at most `count` of the messages that may be sent, in the mix of providers. */
function takeBatch(random: Random, allowed: readonly number[], count: number): number[] {
  let pool = allowed.reduce((sum, one) => sum + one, 0);
  let need = Math.min(count, pool);
  return allowed.map((some) => {
    const drawn = pool === some ? need : binomial(random, need, some / pool);
    pool -= some;
    // The rest must fit into what the other providers allow.
    const taken = Math.min(Math.max(drawn, need - pool), some, need);
    need -= taken;
    return taken;
  });
}

const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);

function sendBatch(
  world: World,
  running: Running,
  providers: readonly SharedProvider[],
  batch: readonly number[],
  at: number,
): Outcome[] {
  return batch.flatMap((messages, index) => {
    running.left[index]! -= messages;
    return messages === 0 ? [] : world.send(at, running.campaign, providers[index]!, messages);
  });
}

/** Sends everything as planned. Returns the number of hard bounces. */
export function ignoreGate(year: SendYear): { hard: number; refused: number; sent: number } {
  const world = createWorld(year);
  const totals = { hard: 0, refused: 0, sent: 0 };
  const slices = year.campaigns.flatMap((campaign) => {
    const running = start(year, campaign);
    const hours = Math.ceil(campaign.messages / campaign.speed);
    return Array.from({ length: hours }, (_, hour) => ({ running, at: campaign.startsAt + hour * hourMs }));
  });
  slices.sort((one, other) => one.at - other.at);
  for (const { running, at } of slices) {
    const batch = takeBatch(running.random, running.left, Math.ceil(running.campaign.speed));
    totals.sent += sum(batch);
    for (const { kind, reply, messages, trouble, isRepeated } of sendBatch(
      world,
      running,
      year.providers,
      batch,
      at,
    )) {
      if (kind !== 'bounce' || isRepeated) continue;
      if (reply.class === 'hard') totals.hard += messages;
      else if (trouble !== null) totals.refused += messages;
    }
  }
  return totals;
}

/** What may be sent to each provider now. */
class Paces {
  private readonly recent: { at: number; provider: string | null; campaign: string; messages: number }[] = [];

  add(at: number, provider: string | null, campaign: string, messages: number): void {
    if (messages > 0) this.recent.push({ at, provider, campaign, messages });
  }

  allowed(
    at: number,
    running: Running,
    providers: readonly SharedProvider[],
    { limits }: GateAnswer,
  ): number[] {
    while (this.recent.length > 0 && this.recent[0]!.at <= at - hourMs) this.recent.shift();
    const used = (matches: (one: { provider: string | null; campaign: string }) => boolean) =>
      this.recent.reduce((total, one) => total + (matches(one) ? one.messages : 0), 0);
    const room = new Map<string | null, number>();
    let all = Number.POSITIVE_INFINITY;
    for (const { provider, perHour } of limits) {
      if (provider === 'all') all = perHour - used(({ campaign }) => campaign === running.campaign.name);
      else room.set(provider, perHour - used((one) => one.provider === provider));
    }
    return providers.map(({ name }, index) => {
      const free = Math.max(Math.min(running.left[index]!, room.get(name) ?? all, all), 0);
      if (room.has(name)) room.set(name, room.get(name)! - free);
      all -= free;
      return free;
    });
  }
}

const questionAbout = ({ campaign, left }: Running): GateQuestion => ({
  campaign: campaign.name,
  purpose: campaign.purpose,
  fromDomain: null,
  list: campaign.list,
  forecast: campaign.forecast === null ? null : { hard: campaign.forecast, catchAll: null },
  planned: sum(left),
  firstSentAt: campaign.firstSentAt,
});

/** Events that wait to be reported, by minute. */
class Reports {
  private readonly minutes = new Map<number, Outcome[]>();
  private reached = 0;

  add(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) {
      // A report arrives at the end of its slice of 10 seconds, as webhooks collect events.
      const slice = Math.max(Math.ceil(outcome.reportedAt / 10_000), this.reached);
      const list = this.minutes.get(slice);
      if (list === undefined) this.minutes.set(slice, [outcome]);
      else list.push(outcome);
    }
  }

  take(now: number): [number, Outcome[]][] {
    this.reached = Math.floor(now / 10_000) + 1;
    const due = [...this.minutes].filter(([slice]) => slice < this.reached);
    for (const [slice] of due) this.minutes.delete(slice);
    return due.sort(([one], [other]) => one - other);
  }
}

/** Sends the year as the gate allows. Ends when all campaigns are sent or given up. */
export async function obeyGate(year: SendYear, gate: AskedGate, watcher: Watcher): Promise<World> {
  const world = createWorld(year);
  const paces = new Paces();
  const reports = new Reports();
  const running: Running[] = [];
  const waiting = [...year.campaigns];
  let tended = year.from;
  const reach = async (now: number) => {
    while (tended + hourMs <= now) {
      tended += hourMs;
      for (const [slice, outcomes] of reports.take(tended)) await gate.report(outcomes, slice * 10_000);
      await gate.tend(tended);
    }
    for (const [slice, outcomes] of reports.take(now)) await gate.report(outcomes, slice * 10_000);
  };
  for (;;) {
    let next = running.reduce<Running | null>(
      (first, one) => (first === null || one.nextAt < first.nextAt ? one : first),
      null,
    );
    if (waiting.length > 0 && (next === null || waiting[0]!.startsAt <= next.nextAt)) {
      next = start(year, waiting.shift()!);
      running.push(next);
    }
    if (next === null) return world;
    const now = next.nextAt;
    const { campaign } = next;
    if (sum(next.left) === 0 || now > campaign.startsAt + patienceMs) {
      running.splice(running.indexOf(next), 1);
      watcher.ended(campaign, next.left);
      continue;
    }
    await reach(now);
    const answer = await gate.ask(questionAbout(next), now);
    watcher.answered(now, campaign, answer);
    if (answer.decision === 'stop') {
      next.nextAt = Math.max(answer.until, now + 5 * minuteMs);
      continue;
    }
    // A small stream asks once in two hours.
    const many =
      campaign.kind === 'transactional'
        ? Math.max(Math.ceil(2 * campaign.speed), 1)
        : Math.min(askEvery.messages, Math.ceil(campaign.speed / askEvery.partsOfHour));
    const batch = takeBatch(next.random, paces.allowed(now, next, year.providers, answer), many);
    const messages = sum(batch);
    if (messages === 0) {
      next.nextAt = now + Math.min(Math.max(answer.until - now, 5 * minuteMs), 30 * minuteMs);
      continue;
    }
    for (const [index, some] of batch.entries())
      paces.add(now, year.providers[index]!.name, campaign.name, some);
    const outcomes = sendBatch(world, next, year.providers, batch, now);
    watcher.sent(now, campaign, outcomes);
    reports.add(outcomes);
    const speed =
      answer.decision === 'slow' && answer.limits.length === 0 ? campaign.speed / 2 : campaign.speed;
    next.nextAt = Math.round(now + (messages / speed) * hourMs);
  }
}
