// Sends the mail of a synthetic sender hour by hour, and counts what comes back.

import { dayMs, hourMs } from '../../src/durations.ts';
import type { Random } from '../simulate/random.ts';
import { Evidence } from './evidence.ts';
import type { Reply } from './providers.ts';
import { type Mix, type Mixes, ordinaryReplies, splitReplies } from './replies.ts';
import { binomial, gammaFactor, poisson } from './sample.ts';
import { growthAt, type Mailing, type Part, type Sender, type SharedProvider } from './sender.ts';
import type { CountedKind, HourlyCount } from './types.ts';

/** What changes the outcome of mail for some time. */
export interface Effect {
  /** The index of the incident to which it belongs; null for ordinary life, which is not an incident. */
  readonly incident: number | null;
  readonly from: number;
  readonly to: number;
  /**
   * `bounce`: the mail fails. `queued`: it fails, at once or when the queue gives up. `deferral`: it is deferred, and a
   * part of it expires. `complaint`: recipients complain.
   */
  readonly as: 'bounce' | 'queued' | 'deferral' | 'complaint';
  matches(provider: SharedProvider, part: Part): boolean;
  /** The share of the matching mail, from 0 to 1. */
  rate(hour: number, provider: SharedProvider): number;
  mix(provider: SharedProvider): Mix;
  /** The share of deferred messages that expire. */
  readonly expires?: number;
}

export interface Span {
  readonly start: number;
  readonly from: number;
  readonly to: number;
  /** What happens in these hours is reported at their end. */
  readonly gap: { readonly from: number; readonly to: number } | null;
}

const ok: Reply = { class: 'none', reason: 'delivered', status: null };
const waiting: Reply = { class: 'none', reason: 'unknown', status: null };
const reported: Readonly<Record<Sender['reporter'], ReadonlySet<CountedKind>>> = {
  all: new Set<CountedKind>(['sent', 'delivered', 'deferred', 'bounce', 'complaint', 'unsubscribed']),
  delivered: new Set<CountedKind>(['delivered', 'deferred', 'bounce', 'complaint', 'unsubscribed']),
  sent: new Set<CountedKind>(['sent', 'bounce', 'complaint', 'unsubscribed']),
  bounces: new Set<CountedKind>(['bounce', 'complaint']),
};

/** How the rates of a provider differ from the ordinary ones on one day. */
interface DayOfProvider {
  readonly provider: SharedProvider;
  readonly mixes: Mixes;
  readonly hard: number;
  readonly full: number;
  readonly soft: number;
  readonly policy: number;
  readonly deferred: number;
}

interface Cell {
  readonly day: DayOfProvider;
  readonly part: Part;
  readonly campaign: string | null;
  readonly hour: number;
  readonly messages: number;
  /** The ordinary hard bounce rate of the mailing on this day. */
  readonly hard: number;
}

/** Sends all mailings from `span.start` to `span.to`. */
export function send(
  random: Random,
  sender: Sender,
  mailings: readonly Mailing[],
  effects: readonly Effect[],
  span: Span,
): { counts: HourlyCount[]; evidence: Evidence } {
  const counts: HourlyCount[] = [];
  const evidence = new Evidence();
  const told = reported[sender.reporter];
  const reportedAt = (hour: number) =>
    span.gap !== null && hour >= span.gap.from && hour < span.gap.to ? span.gap.to : hour;
  const mixes = sender.providers.map((provider) => ordinaryReplies(provider));

  const add = (cell: Cell, kind: CountedKind, hour: number, reply: Reply, messages: number) => {
    if (messages === 0 || hour >= span.to || !told.has(kind)) return;
    const { provider } = cell.day;
    counts.push({
      hour,
      reported: reportedAt(hour),
      provider: provider.name,
      mailHost: kind === 'bounce' ? provider.mailHost : null,
      source: cell.part.source,
      campaign: cell.campaign,
      list: cell.part.mailing.list,
      kind,
      class: reply.class,
      reason: reply.reason,
      status: reply.status,
      messages,
    });
  };

  /** Counts soft bounces: some are reported at once, the others when the queue gives up. */
  const addQueued = (cell: Cell, reply: Reply, messages: number, incident: number | null) => {
    const now = binomial(random, messages, sender.immediate);
    const later = cell.hour + sender.queueHours * hourMs;
    add(cell, 'bounce', cell.hour, reply, now);
    add(cell, 'bounce', later, reply, messages - now);
    evidence.failed(incident, reportedAt(cell.hour), now);
    evidence.failed(incident, reportedAt(later), messages - now);
  };

  /** Applies an effect to the `rest` of a cell. Returns how many messages failed and how many are late. */
  const apply = (effect: Effect, cell: Cell, rest: number): { failed: number; late: number } => {
    const { provider } = cell.day;
    const hit = binomial(random, rest, effect.rate(cell.hour, provider));
    const mix = effect.mix(provider);
    if (effect.as === 'deferral') {
      // Retries after one and three hours are often deferred again.
      const again = binomial(random, hit, 0.5);
      for (const [messages, hours] of [
        [hit, 0],
        [again, 1],
        [binomial(random, again, 0.5), 3],
      ] as const) {
        splitReplies(random, messages, mix, (reply, count) =>
          add(cell, 'deferred', cell.hour + hours * hourMs, reply, count),
        );
        if (told.has('deferred'))
          evidence.failed(effect.incident, reportedAt(cell.hour + hours * hourMs), messages);
      }
      const expired = binomial(random, hit, effect.expires ?? 0);
      splitReplies(random, expired, mix, ({ reason }, count) => {
        add(
          cell,
          'bounce',
          cell.hour + sender.queueHours * hourMs,
          { class: 'soft', reason, status: '4.4.7' },
          count,
        );
        if (!told.has('deferred'))
          evidence.failed(effect.incident, reportedAt(cell.hour + sender.queueHours * hourMs), count);
      });
      return { failed: expired, late: hit - expired };
    }
    splitReplies(random, hit, mix, (reply, count) => {
      if (effect.as === 'queued') addQueued(cell, reply, count, effect.incident);
      else {
        add(cell, 'bounce', cell.hour, reply, count);
        evidence.failed(effect.incident, reportedAt(cell.hour), count);
      }
    });
    return { failed: hit, late: 0 };
  };

  const sendCell = (cell: Cell, active: readonly Effect[]) => {
    const { day, part, hour } = cell;
    let rest = cell.messages;
    let late = 0;
    add(cell, 'sent', hour, waiting, rest);
    const complaining: Effect[] = [];
    for (const effect of active) {
      if (hour < effect.from || hour >= effect.to || !effect.matches(day.provider, part)) continue;
      evidence.tried(effect.incident, reportedAt(hour), cell.messages);
      if (effect.as === 'complaint') {
        complaining.push(effect);
        continue;
      }
      const outcome = apply(effect, cell, rest - late);
      rest -= outcome.failed;
      late += outcome.late;
    }
    const ordinary = (kind: CountedKind, mix: Mix, chance: number) => {
      const hit = binomial(random, rest - late, chance);
      if (kind === 'deferred')
        splitReplies(random, hit, mix, (reply, count) => add(cell, kind, hour, reply, count));
      else {
        rest -= hit;
        splitReplies(random, hit, mix, (reply, count) =>
          reply.class === 'soft' ? addQueued(cell, reply, count, null) : add(cell, kind, hour, reply, count),
        );
      }
      return hit;
    };
    ordinary('bounce', day.mixes.hard, cell.hard * day.hard);
    ordinary('bounce', day.mixes.full, day.full);
    ordinary('bounce', day.mixes.soft, day.soft);
    ordinary('bounce', day.mixes.policy, day.policy);
    late += ordinary('deferred', day.mixes.deferred, day.deferred);
    const soon = binomial(random, late, 0.7);
    add(cell, 'delivered', hour, ok, rest - late);
    add(cell, 'delivered', hour + hourMs, ok, soon);
    add(cell, 'delivered', hour + 3 * hourMs, ok, late - soon);
    sendFeedback(cell, rest, complaining);
  };

  const sendFeedback = (cell: Cell, delivered: number, complaining: readonly Effect[]) => {
    const { mailing } = cell.part;
    const { feedback } = cell.day.provider;
    const after = cell.hour + random.below(12) * hourMs;
    const complaint: Reply = { class: 'complaint', reason: 'feedback', status: null };
    add(cell, 'complaint', after, complaint, binomial(random, delivered, mailing.complaints * feedback));
    for (const effect of complaining) {
      const complaints = binomial(random, delivered, effect.rate(cell.hour, cell.day.provider) * feedback);
      add(cell, 'complaint', after, complaint, complaints);
      evidence.failed(effect.incident, reportedAt(after), complaints);
    }
    const unsubscribed = binomial(random, delivered, mailing.unsubscribes);
    add(cell, 'unsubscribed', cell.hour + random.below(12) * hourMs, waiting, unsubscribed);
  };

  for (let day = span.start; day < span.to; day += dayMs) {
    const active = effects.filter(({ from, to }) => from < day + dayMs && to > day);
    const days = sender.providers.map((provider, index): DayOfProvider => {
      const noise = gammaFactor(random, sender.steadiness);
      return {
        provider,
        mixes: mixes[index]!,
        hard: gammaFactor(random, 40),
        full: sender.full(provider) * gammaFactor(random, 25),
        soft: sender.soft * noise,
        policy: sender.policy * gammaFactor(random, 8),
        deferred: Math.min(sender.deferred * provider.defers * noise, 0.5),
      };
    });
    for (const mailing of mailings) {
      const weight = mailing.weight(day);
      if (weight === 0) continue;
      const volume = mailing.volume * weight * growthAt(sender, span.from, day) * gammaFactor(random, 60);
      const campaign = mailing.campaign(day);
      // Each campaign reaches another part of the list.
      const segment = gammaFactor(random, 25);
      for (const [at, share] of mailing.hours.entries()) {
        if (share === 0) continue;
        const hour = day + at * hourMs;
        for (const part of mailing.parts) {
          const mean = volume * share * part.share * gammaFactor(random, 60);
          for (const one of days) {
            const messages = poisson(random, mean * one.provider.share);
            if (messages > 0)
              sendCell({ day: one, part, campaign, hour, messages, hard: part.hard * segment }, active);
          }
        }
      }
    }
  }
  return { counts, evidence };
}
