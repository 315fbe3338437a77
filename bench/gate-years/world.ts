// What happens to the messages of a year: each batch that is sent has outcomes, some of them reported later.

import { dayMs, hourMs, minuteMs, startOfDay } from '../../src/durations.ts';
import {
  blocked,
  down,
  falselyUnknown,
  type Mix,
  type Mixes,
  ordinaryReplies,
  rateLimited,
  spamContent,
  splitReplies,
  unauthenticated,
} from '../months/replies.ts';
import { binomial, gammaFactor, happens } from '../months/sample.ts';
import { seasonAt } from '../months/sender.ts';
import { type Random, randomFrom } from '../simulate/random.ts';
import { addressesOf } from './addresses.ts';
import type { Campaign, Outcome, Reply, SendYear, SharedProvider, Trouble } from './types.ts';

const ok: Reply = { class: 'none', reason: 'delivered', status: null };
const waiting: Reply = { class: 'none', reason: 'unknown', status: null };
const complaint: Reply = { class: 'complaint', reason: 'feedback', status: null };

export const isSender = ({ kind }: Trouble): boolean => kind === 'block' || kind === 'authentication';

/** The share of mail that a trouble hits at a time. */
export function strengthAt({ from, to, share, ramp }: Trouble, at: number): number {
  if (at < from || at >= to) return 0;
  return ramp === 0 ? share : share * Math.min((at - from) / ramp, 1);
}

function repliesOf(trouble: Trouble, provider: SharedProvider): Mix {
  switch (trouble.kind) {
    case 'block':
      return trouble.as === 'bounce' ? blocked(provider) : rateLimited(provider);
    case 'authentication':
      return unauthenticated(provider);
    case 'false_unknown':
      return falselyUnknown(provider);
    case 'outage':
    case 'network':
      return down(provider);
  }
}

/**
 * The most messages a day that a provider takes from a new domain, by the day since its first mail: 50 on the first one, half
 * as many again each day (published plans start with 20 to 200 and double within one to three days).
 */
const capacityOf = (age: number, share: number): number =>
  50 * 1.5 ** Math.floor(age / dayMs) * Math.max(share * 3, 0.5);

export interface World {
  /** Troubles that the sender caused itself while it warmed up. */
  readonly caused: readonly Trouble[];
  /** Sends the next `messages` of a campaign to a provider. */
  send(at: number, campaign: Campaign, provider: SharedProvider, messages: number): Outcome[];
}

export function createWorld(year: SendYear): World {
  const randoms = new Map<Campaign, Random>();
  const mixes = new Map<SharedProvider, Mixes>(year.providers.map((one) => [one, ordinaryReplies(one)]));
  const caused: Trouble[] = [];
  /** Messages of a new domain by provider and day. */
  const fresh = new Map<string, number>();
  /** Days differ: a factor by day and provider. */
  const noise = new Map<string, number>();

  /** How many messages of each campaign were sent. */
  const sent = new Map<Campaign, number>();

  /** The number of the next `messages` addresses of a campaign that do not exist. */
  const takeBad = (campaign: Campaign, messages: number): number => {
    const before = sent.get(campaign) ?? 0;
    sent.set(campaign, before + messages);
    return addressesOf(campaign)
      .subarray(before, before + messages)
      .reduce((sum, one) => sum + one, 0);
  };

  const randomOf = (campaign: Campaign): Random => {
    let random = randoms.get(campaign);
    if (random === undefined) {
      random = randomFrom(campaign.seed);
      randoms.set(campaign, random);
    }
    return random;
  };
  const noiseAt = (provider: SharedProvider, at: number): number => {
    const key = `${startOfDay(at)} ${provider.name} ${provider.mailHost}`;
    let factor = noise.get(key);
    if (factor === undefined) {
      let hash = year.seed;
      for (const character of key) hash = (Math.imul(hash, 31) + character.codePointAt(0)!) | 0;
      factor = gammaFactor(randomFrom(hash), 4);
      noise.set(key, factor);
    }
    return factor;
  };

  function reportTime(random: Random, at: number): number {
    const delay = happens(random, year.late)
      ? -Math.log(1 - random.unit()) * 3 * hourMs
      : 15_000 * Math.exp(random.normal());
    const time = at + Math.round(delay);
    return year.gaps.find(({ from, to }) => time >= from && time < to)?.to ?? time;
  }

  return {
    caused,
    send(at, campaign, provider, messages) {
      const random = randomOf(campaign);
      const outcomes: Outcome[] = [];
      const add = (
        kind: Outcome['kind'],
        reply: Reply,
        count: number,
        when = at,
        trouble: Trouble | null = null,
      ) => {
        if (count === 0) return;
        if (year.reporter === 'sent' && (kind === 'delivered' || kind === 'deferred')) return;
        if (year.reporter === 'delivered' && kind === 'sent') return;
        const one = { campaign, provider, kind, reply, at: when, trouble, isRepeated: false };
        // Failures are reported one by one, successes together.
        const parts = kind === 'sent' || kind === 'delivered' ? [count] : new Array<number>(count).fill(1);
        for (const part of parts) {
          const reportedAt = kind === 'sent' ? when : reportTime(random, when);
          outcomes.push({ ...one, messages: part, reportedAt });
          if (happens(random, year.twice))
            outcomes.push({
              ...one,
              messages: part,
              reportedAt: reportedAt + 10 * minuteMs,
              isRepeated: true,
            });
        }
      };
      const defer = (count: number, mix: Mix, end: number, trouble: Trouble | null): void => {
        splitReplies(random, count, mix, (reply, some) => add('deferred', reply, some, at, trouble));
        const last = at + year.queueHours * hourMs;
        if (end <= last) {
          add('delivered', ok, count, Math.max(end, at + hourMs));
          return;
        }
        splitReplies(random, count, mix, ({ reason }, some) =>
          add('bounce', { class: 'soft', reason, status: '4.4.7' }, some, last, trouble),
        );
      };

      let rest = messages;
      let bad = takeBad(campaign, messages);
      // What fails for another reason may be addressed to anybody.
      const takeAway = (count: number) => {
        for (let left = count; left > 0; left--, rest--) if (happens(random, bad / rest)) bad--;
      };
      add('sent', waiting, rest);
      const active = [...year.troubles, ...(campaign.firstSentAt === null ? [] : caused)];
      for (const trouble of active) {
        if (trouble.provider !== null && trouble.provider !== provider.name) continue;
        const hit = binomial(random, rest, strengthAt(trouble, at));
        if (hit === 0) continue;
        takeAway(hit);
        const mix = repliesOf(trouble, provider);
        if (trouble.as === 'deferral') defer(hit, mix, trouble.to, trouble);
        else splitReplies(random, hit, mix, (reply, count) => add('bounce', reply, count, at, trouble));
      }
      if (campaign.firstSentAt !== null && rest > 0) {
        const key = `${startOfDay(at)} ${provider.name} ${provider.mailHost}`;
        const before = fresh.get(key) ?? 0;
        fresh.set(key, before + rest);
        const capacity = Math.floor(capacityOf(at - campaign.firstSentAt, provider.share));
        const over = Math.min(Math.max(before + rest - capacity, 0), rest);
        if (over > 0 && before + rest > 2.5 * capacity && provider.name !== null)
          caused.push({
            kind: 'block',
            provider: provider.name,
            from: at + minuteMs,
            to: at + dayMs,
            share: 0.9,
            ramp: 0,
            as: 'bounce',
          });
        const deferred = binomial(random, over, 0.7);
        defer(deferred, rateLimited(provider), at + 4 * hourMs, null);
        takeAway(deferred);
      }
      const factor = noiseAt(provider, at);
      const ordinary = (mix: Mix, chance: number) => {
        const hit = binomial(random, rest, Math.min(chance, 0.9));
        takeAway(hit);
        splitReplies(random, hit, mix, (reply, count) => add('bounce', reply, count));
      };
      if (campaign.refusedContent?.provider === provider.name)
        ordinary(spamContent(), campaign.refusedContent.share);
      const { hard, full, soft, policy, deferred } = mixes.get(provider)!;
      splitReplies(random, bad, hard, (reply, count) => add('bounce', reply, count));
      rest -= bad;
      bad = 0;
      ordinary(full, year.full);
      ordinary(soft, year.soft * factor);
      ordinary(policy, year.policy * factor);
      const late = binomial(
        random,
        rest,
        Math.min(year.deferred * provider.defers * factor * seasonAt(at), 0.5),
      );
      splitReplies(random, late, deferred, (reply, count) => add('deferred', reply, count));
      add('delivered', ok, late, at + hourMs);
      add('delivered', ok, rest - late);
      const complaints = binomial(random, rest, year.complaints * provider.feedback);
      add('complaint', complaint, complaints, at + random.below(12) * hourMs);
      return outcomes;
    },
  };
}
