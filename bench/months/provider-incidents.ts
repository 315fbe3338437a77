// Incidents at one provider.
//
// - provider_block: Microsoft's S3140 and S3150 refuse all mail of an IP address for days
//   (support.sendgrid.com 38465017420955; engagor.ai on S3150); T-Online refuses unknown IP addresses
//   (spamresource.com/2020/06); Proofpoint and Mimecast refuse for business recipients only; GMX and WEB.DE refused bulk
//   mail of town councils (networknowledge.de). Some are partial, because only one of several IP addresses is blocked.
// - provider_fault: Gmail answered 550 5.1.1 for existing mailboxes on 2020-12-14 (2 h 22 min) and 2020-12-15 (4 h 19 min)
//   (rightwave.com, bigmailer.io, status.mixpanel.com/incidents/vjftprp9lcbv); temporary 4.3.0 replies came beside them.
// - soft_outage: mail servers that time out for hours to days (itespresso.de on 1&1 2007; status.firespring.com).
// - rate_limit: Yahoo TSS04, Gmail 4.7.28, Microsoft 4.7.650, Orange OFR004_104, GMX (the sources in providers.ts). A
//   warm-up that is too fast meets the limits of several providers, each for itself
//   (dmarcpal.com on 4.7.28 during a warm-up).
// - full_mailboxes: Gmail enforced its storage quota from 2024-08-15 on, and full mailboxes rose for all senders
//   (suped.com on mailbox-full bounces since August 2024).

import { hourMs } from '../../src/durations.ts';
import type { Need } from './evidence.ts';
import {
  isVisible,
  named,
  type Plan,
  type Planner,
  type Planning,
  pickProvider,
  reached,
  severity,
  steady,
  timeOf,
} from './plan.ts';
import { blocked, down, falselyUnknown, full, overloaded, rateLimited } from './replies.ts';
import { happens } from './sample.ts';
import { hourOfDay, type SharedProvider } from './sender.ts';

const needs = {
  provider_block: { failures: 25, rate: 0.08, windowHours: 24 },
  provider_fault: { failures: 25, rate: 0.05, windowHours: 24 },
  soft_outage: { failures: 30, rate: 0.15, windowHours: 24 },
  rate_limit: { failures: 50, rate: 0.1, windowHours: 24 },
  full_mailboxes: { failures: 40, rate: 0.015, windowHours: 72 },
} as const satisfies Record<string, Need>;

const mailTo = ({ sender }: Planning, provider: SharedProvider): number =>
  reached(sender, (one) => one === provider);

export const planProviderBlock: Planner = (planning) => {
  const need = needs.provider_block;
  const rate = happens(planning.random, 0.5) ? severity(planning, 0.85, 1) : severity(planning, 0.2, 0.85);
  const time = timeOf(planning, 8, 9 * 24);
  const provider = pickProvider(planning, (one) => isVisible(mailTo(planning, one), rate, time.hours, need));
  if (provider === null) return null;
  return [
    {
      truth: {
        kind: 'provider_block',
        provider: provider.name!,
        from: time.from,
        to: time.to,
        cause: 'sender',
        providers: [provider.name!],
        severity: rate,
      },
      need,
      effects: [steady(planning, time, 'bounce', new Map([[provider, rate]]), blocked)],
      mailings: [],
    },
  ];
};

export const planProviderFault: Planner = (planning) => {
  const need = needs.provider_fault;
  const rate = severity(planning, 0.08, 0.9);
  const time = timeOf(planning, 3, 30);
  const provider = pickProvider(planning, (one) => isVisible(mailTo(planning, one), rate, time.hours, need));
  if (provider === null) return null;
  const rates = new Map([[provider, rate]]);
  const unsteady = happens(planning.random, 0.4)
    ? [{ ...steady(planning, time, 'deferral', new Map([[provider, 0.08]]), down), incident: null }]
    : [];
  return [
    {
      truth: {
        kind: 'provider_fault',
        provider: provider.name!,
        from: time.from,
        to: time.to,
        cause: 'provider',
        providers: [provider.name!],
        severity: rate,
      },
      need,
      effects: [steady(planning, time, 'bounce', rates, falselyUnknown), ...unsteady],
      mailings: [],
    },
  ];
};

export const planSoftOutage: Planner = (planning) => {
  const need = needs.soft_outage;
  const { sender } = planning;
  const rate = severity(planning, 0.35, 1);
  const time = timeOf(planning, 5, 48);
  const provider = pickProvider(planning, (one) => isVisible(mailTo(planning, one), rate, time.hours, need));
  if (provider === null) return null;
  const rates = new Map([[provider, rate]]);
  const tellsDeferrals = sender.reporter === 'all' || sender.reporter === 'delivered';
  // What is still in the queue when the provider is back is delivered.
  const expires = sender.queueHours < time.hours ? 0.5 : 0.05;
  const effect =
    tellsDeferrals && happens(planning.random, 0.6)
      ? steady(planning, time, 'deferral', rates, down, undefined, expires)
      : steady(planning, time, 'queued', rates, down);
  return [
    {
      truth: {
        kind: 'soft_outage',
        provider: provider.name!,
        from: time.from,
        to: time.to,
        cause: 'provider',
        providers: [provider.name!],
        severity: rate,
      },
      need,
      effects: [effect],
      mailings: [],
    },
  ];
};

/** Limits at one provider, or of a fast warm-up at up to three, each an incident of its own. */
export const planRateLimit: Planner = (planning) => {
  const { random, sender } = planning;
  const need = needs.rate_limit;
  if (sender.reporter !== 'all' && sender.reporter !== 'delivered') return null;
  const time = timeOf(planning, 14, 6 * 24);
  const count = happens(random, 0.25) ? 2 + random.below(2) : 1;
  const plans: Plan[] = [];
  const chosen = new Set<SharedProvider>();
  for (let index = 0; index < count; index++) {
    const rate = severity(planning, 0.2, 0.8);
    const provider = pickProvider(
      planning,
      (one) => !chosen.has(one) && isVisible(mailTo(planning, one), rate, time.hours, need),
    );
    if (provider === null) return null;
    chosen.add(provider);
    plans.push({
      truth: {
        kind: 'rate_limit',
        provider: provider.name!,
        from: time.from,
        to: time.to,
        cause: 'sender',
        providers: [provider.name!],
        severity: rate,
      },
      need,
      effects: [
        steady(
          { ...planning, index: planning.index + index },
          time,
          'deferral',
          new Map([[provider, rate]]),
          rateLimited,
          undefined,
          happens(random, 0.5) ? 0.03 : 0.15,
        ),
      ],
      mailings: [],
    });
  }
  return plans;
};

/** More full mailboxes from one day on: at one provider after a change of its quota, or at all for an idle list. */
export const planFullMailboxes: Planner = (planning) => {
  const { random, sender, span } = planning;
  const need = needs.full_mailboxes;
  const time = timeOf(planning, 8 * 24, 20 * 24);
  const everywhere = happens(random, 0.35);
  const rate = severity(planning, 0.025, 0.08);
  const isEnough = (one: SharedProvider) =>
    sender.full(one) < rate / 4 && isVisible(mailTo(planning, one), rate, time.hours, need);
  const provider = pickProvider(planning, isEnough);
  const standing = sender.providers.some((one) => sender.full(one) > rate / 4);
  if (
    everywhere
      ? standing ||
        !isVisible(
          reached(sender, () => true),
          rate,
          72,
          need,
        )
      : provider === null
  )
    return null;
  const affected = everywhere ? sender.providers : [provider!];
  // A queue that gives up only after days tells late: leave the time for it.
  if (time.from + sender.queueHours * hourMs > span.to) return null;
  return [
    {
      truth: {
        kind: 'full_mailboxes',
        ...(everywhere ? {} : { provider: provider!.name! }),
        from: time.from,
        to: time.to,
        cause: everywhere ? 'list' : 'provider',
        providers: named(affected),
        severity: rate,
      },
      need,
      effects: [steady(planning, time, 'queued', new Map(affected.map((one) => [one, rate])), full)],
      mailings: [],
    },
  ];
};

/** Deferrals at the hours in which campaigns start: everybody sends on the hour (see sender.ts). */
export const planTopOfHour: Planner = (planning) => {
  const { sender, span, index } = planning;
  if (sender.reporter !== 'all' && sender.reporter !== 'delivered') return null;
  const need = { failures: 25, rate: 0, windowHours: 24, days: 3 };
  const rate = severity(planning, 0.12, 0.4);
  const time = timeOf(planning, 9 * 24, 20 * 24);
  const hours = new Set(
    sender.mailings.flatMap((mailing) =>
      mailing.kind === 'campaign' && mailing.perWeek >= 5
        ? [mailing.hours.findIndex((share) => share > 0)]
        : [],
    ),
  );
  const steadyPart = sender.mailings.find(({ kind }) => kind === 'transactional');
  if (hours.size === 0 || steadyPart === undefined) return null;
  const starting = sender.mailings.filter(({ kind, perWeek }) => kind === 'campaign' && perWeek >= 5);
  const atStart = starting.reduce((sum, { volume, hours: shares }) => sum + volume * Math.max(...shares), 0);
  if (atStart * rate < 2.5 * need.failures || steadyPart.volume < 400) return null;
  return [
    {
      truth: {
        kind: 'top_of_hour',
        from: time.from,
        to: Math.min(time.to, span.to),
        cause: 'sender',
        providers: named(sender.providers),
        severity: rate,
      },
      need,
      effects: [
        {
          incident: index,
          from: time.from,
          to: time.to,
          as: 'deferral',
          matches: () => true,
          rate: (hour) => (hours.has(hourOfDay(hour)) ? rate : 0),
          mix: overloaded,
        },
      ],
      mailings: [],
    },
  ];
};
