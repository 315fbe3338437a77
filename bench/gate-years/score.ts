// Measures what the gate did in a year against what was true.

import { dayMs, hourMs } from '../../src/durations.ts';
import type { GateAnswer } from '../../src/reports/gate/question.ts';
import { badShare } from './addresses.ts';
import { patienceMs, type Watcher } from './sender.ts';
import type { Campaign, SendYear, Trouble } from './types.ts';
import { isSender, type World } from './world.ts';

/**
 * From this share of addresses that do not exist on, a stop has a cause: guides call more than 5% critical. The share is the true
 * one of the addresses that were drawn (see `badShare`), not the chance with which they were.
 */
export const causeFrom = 0.05;
/** An import is a bad list, which has to be stopped, from this true share on. `guess`: imports are drawn from this chance on. */
export const badFrom = 0.08;

export interface BlockScore {
  readonly trouble: Trouble;
  /** Messages that the provider refused before mail to it was stopped, and in the whole block. */
  readonly before: number;
  readonly refused: number;
  /** Whether it was stopped, and how long that took; null: it ended before. */
  readonly stoppedAfter: number | null;
}

export interface ListScore {
  readonly campaign: Campaign;
  /** From its first message to the stop, in milliseconds; null: it was not stopped. */
  readonly stoppedAfter: number | null;
  readonly hard: number;
  readonly sent: number;
  /** The true share of its addresses that do not exist. */
  readonly share: number;
}

export interface FalseStop {
  readonly at: number;
  readonly campaign: Campaign;
  /** The true share of addresses that do not exist. */
  readonly share: number;
  /** The provider that is held; undefined: the whole campaign. */
  readonly provider: string | null | undefined;
  readonly codes: string;
}

/** Mail to which nothing bad would have happened (see `heldMail`). */
export interface HeldMail {
  readonly good: number;
  /** What of it was never sent. */
  readonly unsent: number;
}

export interface YearScore {
  readonly blocks: readonly BlockScore[];
  readonly lists: readonly ListScore[];
  readonly falseStops: readonly FalseStop[];
  readonly hard: number;
  readonly sent: number;
  readonly held: HeldMail;
  /** How often campaigns were answered to stop, and providers to be held. */
  readonly stops: number;
}

/** Reasons that are about all mail of the sender. */
const lasting: ReadonlySet<string> = new Set(['sender_block', 'authentication', 'provider_refuses']);

/** Stops of the same mail within a day are one. */
function oncePerDay<Stop extends Omit<FalseStop, 'share'>>(stops: readonly Stop[]): Stop[] {
  const last = new Map<string, number>();
  return stops.filter(({ at, campaign, provider }) => {
    const key = provider === undefined ? `campaign ${campaign.name}` : `provider ${provider}`;
    const before = last.get(key);
    last.set(key, at);
    return before === undefined || at - before > dayMs;
  });
}

/** How long after its end a trouble still explains a stop: queues give up, reports are late. `guess`. */
const echoMs = 6 * hourMs;

export function watchYear(year: SendYear): { watcher: Watcher; score(world: World): YearScore } {
  const stops: {
    at: number;
    campaign: Campaign;
    provider: string | null | undefined;
    codes: string;
    isNew: boolean;
    began: number;
  }[] = [];
  const refused: { readonly sentAt: number; readonly trouble: Trouble; readonly messages: number }[] = [];
  const slowed: { readonly at: number; readonly provider: string | null }[] = [];
  const first = new Map<Campaign, number>();
  const hardOf = new Map<Campaign, number>();
  const sentOf = new Map<Campaign, number>();
  const leftOf = new Map<Campaign, readonly number[]>();
  const isStopped = new Map<string, boolean>();
  const lastOf = new Map<Campaign, number>();
  /**
   * Since when each provider is limited, and each of the reasons is given, without a break. A hold that began with a cause is
   * not false while the gate tries whether the cause is gone.
   */
  const since = new Map<string, number>();
  const follow = (at: number, keys: ReadonlySet<string>) => {
    for (const key of since.keys()) if (!keys.has(key)) since.delete(key);
    for (const key of keys) if (!since.has(key)) since.set(key, at);
  };
  const beganOf = (keys: readonly string[], at: number) =>
    Math.min(at, ...keys.map((key) => since.get(key) ?? at));

  const note = (
    at: number,
    campaign: Campaign,
    key: string,
    provider: string | null | undefined,
    is: boolean,
    answer: GateAnswer,
  ) => {
    const was = isStopped.get(key) ?? false;
    isStopped.set(key, is);
    if (is)
      stops.push({
        at,
        campaign,
        provider,
        codes: answer.reasons.map(({ code, decision }) => `${code}=${decision}`).join(' '),
        isNew: !was,
        began: beganOf(
          provider === undefined
            ? answer.reasons.filter(({ decision }) => decision === 'stop').map(({ code }) => code)
            : [`at ${provider}`],
          at,
        ),
      });
  };
  const watcher: Watcher = {
    ended: (campaign, left) => leftOf.set(campaign, [...left]),
    sent(at, campaign, outcomes) {
      if (!first.has(campaign)) first.set(campaign, at);
      lastOf.set(campaign, at);
      let messages = 0;
      for (const one of outcomes) {
        if (one.isRepeated) continue;
        if (one.trouble !== null && isSender(one.trouble) && (one.at === at || year.reporter === 'sent'))
          refused.push({ sentAt: at, trouble: one.trouble, messages: one.messages });
        if (one.kind === 'bounce' && one.reply.class === 'hard')
          hardOf.set(campaign, (hardOf.get(campaign) ?? 0) + one.messages);
        const isMessage =
          year.reporter === 'sent' ? one.kind === 'sent' : one.kind === 'delivered' || one.kind === 'bounce';
        if (isMessage) messages += one.messages;
      }
      sentOf.set(campaign, (sentOf.get(campaign) ?? 0) + messages);
    },
    answered(at, campaign, answer) {
      const codes = answer.reasons.map(({ code }) => code).filter((code) => lasting.has(code));
      follow(at, new Set([...codes, ...answer.limits.map(({ provider }) => `at ${provider}`)]));
      note(at, campaign, `campaign ${campaign.name}`, undefined, answer.decision === 'stop', answer);
      const held = new Set(
        answer.limits.filter(({ perHour }) => perHour === 0).map(({ provider }) => provider),
      );
      for (const { provider } of answer.limits) slowed.push({ at, provider });
      for (const provider of new Set(year.providers.map(({ name }) => name)))
        note(at, campaign, `provider ${provider}`, provider, held.has(provider) || held.has('all'), answer);
    },
  };

  /**
   * Good mail: hardly any address of the campaign is bad, and neither its content nor a trouble at the provider, at any time until
   * the sender would give up, makes it fail. Mail of a new domain is left out, because its plan holds it back.
   */
  function heldMail(troubles: readonly Trouble[]): HeldMail {
    let good = 0;
    let unsent = 0;
    for (const campaign of year.campaigns) {
      const { startsAt, firstSentAt, refusedContent } = campaign;
      if (badShare(campaign) >= causeFrom || firstSentAt !== null) continue;
      const left = leftOf.get(campaign);
      for (const [index, { name, share }] of year.providers.entries()) {
        const isTroubled = troubles.some(
          ({ provider, from, to }) =>
            (provider === null || provider === name) &&
            from < startsAt + patienceMs &&
            to + echoMs > startsAt,
        );
        if (isTroubled || refusedContent?.provider === name) continue;
        good += share * campaign.messages;
        unsent += left?.[index] ?? 0;
      }
    }
    return { good: Math.round(good), unsent };
  }

  const explains = (trouble: Trouble, at: number): boolean =>
    at >= trouble.from &&
    at <= trouble.to + echoMs + (trouble.as === 'deferral' ? year.queueHours * hourMs : 0);

  function hasCause(
    { at, began, campaign, provider }: (typeof stops)[number],
    troubles: readonly Trouble[],
  ): boolean {
    if (
      troubles.some(
        (one) =>
          (provider === undefined || one.provider === null || one.provider === provider) &&
          (explains(one, at) || explains(one, began)),
      )
    )
      return true;
    if (
      badShare(campaign) >= causeFrom ||
      campaign.refusedContent !== null ||
      (campaign.forecast ?? 0) >= causeFrom
    )
      return true;
    // A bad list of the same day endangers the account, so it explains a stop of other campaigns.
    for (const [one, last] of lastOf)
      if (
        (badShare(one) >= causeFrom ||
          (one.refusedContent !== null &&
            (provider === undefined || one.refusedContent.provider === provider))) &&
        at >= first.get(one)! &&
        at <= last + dayMs
      )
        return true;
    return false;
  }

  return {
    watcher,
    score(world) {
      const troubles = [...year.troubles, ...world.caused];
      const blocks = troubles.filter(isSender).map((trouble): BlockScore => {
        const ends = ({ at, provider }: { at: number; provider?: string | null | undefined }) =>
          at >= trouble.from &&
          at < trouble.to &&
          (provider === undefined || provider === trouble.provider || provider === 'all');
        // Deferred mail waits in the queue: a lower limit is the answer to it.
        const stop = (
          trouble.as === 'bounce' ? stops.filter(ends) : [...stops, ...slowed].filter(ends)
        ).reduce<{ at: number } | undefined>(
          (earliest, one) => (earliest === undefined || one.at < earliest.at ? one : earliest),
          undefined,
        );
        const own = refused.filter((one) => one.trouble === trouble);
        const count = (some: typeof refused) => some.reduce((sum, { messages }) => sum + messages, 0);
        return {
          trouble,
          before: count(stop === undefined ? own : own.filter(({ sentAt }) => sentAt < stop.at)),
          refused: count(own),
          stoppedAfter: stop === undefined ? null : stop.at - trouble.from,
        };
      });
      const lists = year.campaigns
        .filter((campaign) => campaign.kind === 'import' && badShare(campaign) >= badFrom)
        .map((campaign): ListScore => {
          const from = first.get(campaign);
          const stop = stops.find((one) => one.campaign === campaign && one.provider === undefined);
          return {
            campaign,
            stoppedAfter: stop === undefined ? null : Math.max(stop.at - (from ?? stop.at), 0),
            hard: hardOf.get(campaign) ?? 0,
            sent: sentOf.get(campaign) ?? 0,
            share: badShare(campaign),
          };
        });
      return {
        blocks,
        lists,
        falseStops: oncePerDay(stops.filter((stop) => stop.isNew && !hasCause(stop, troubles))).map(
          (stop) => ({
            ...stop,
            share: badShare(stop.campaign),
          }),
        ),
        held: heldMail(troubles),
        hard: [...hardOf.values()].reduce((sum, one) => sum + one, 0),
        sent: [...sentOf.values()].reduce((sum, one) => sum + one, 0),
        stops: stops.filter(({ isNew }) => isNew).length,
      };
    },
  };
}
