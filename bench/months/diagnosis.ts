// Generates synthetic diagnoses: an incident of one of twelve causes, the counts that it leaves, and what DNS says about
// the sender before and after. Whoever changes this file does not read the code that diagnoses.
//
// Seeds 1 to 400 are for development. Seeds 1001 to 1400 are held out (see month.ts).

import { dayMs, hourMs } from '../../src/durations.ts';
import { type Random, randomFrom } from '../simulate/random.ts';
import { createHourlyCounts, type HourlyCounts } from './hourly-counts.ts';
import { planBadImport } from './list-incidents.ts';
import { attempts, drawSpan, reportersFor, sendMonth } from './month.ts';
import {
  isVisible,
  named,
  type Plan,
  type Planner,
  partsOf,
  pickProvider,
  reached,
  severity,
  steady,
  timeOf,
} from './plan.ts';
import { planProviderFault, planRateLimit, planSoftOutage } from './provider-incidents.ts';
import { deadAddresses, deadProvider, noReverseDns, rateLimited, spamContent } from './replies.ts';
import { happens } from './sample.ts';
import { drawSender, type Mailing, type Part } from './sender.ts';
import {
  brokenAuthentication,
  type Changed,
  goneReverseDns,
  harmlessChange,
  harmlessFlaw,
  healthySender,
  listed,
  type SenderDns,
} from './sender-dns.ts';
import { planAuthentication, planSenderBlock } from './sender-incidents.ts';
import type { Blame, HourlyCount, Scope } from './types.ts';

/** The causes, and who is at fault; null if nothing happened. */
export const diagnosisBlame = {
  authentication: 'sender',
  reverse_dns: 'sender',
  listed: 'sender',
  bad_source: 'list',
  provider_fault: 'provider',
  warm_up: 'sender',
  dead_provider: 'provider',
  list_import: 'list',
  content: 'sender',
  rate_limit: 'sender',
  soft_outage: 'provider',
  quiet: null,
} as const satisfies Record<string, Blame | null>;

export type DiagnosisKind = keyof typeof diagnosisBlame;
export const diagnosisKinds = Object.keys(diagnosisBlame) as DiagnosisKind[];

export const isDevelopmentDiagnosis = (seed: number): boolean => seed <= 400;

export interface SenderStates {
  readonly before: SenderDns;
  readonly after: SenderDns;
  /** When the state changed, in epoch milliseconds; null if it did not. */
  readonly changedAt: number | null;
}

export interface Diagnosis {
  readonly seed: number;
  readonly cause: DiagnosisKind;
  readonly description: string;
  /** The mail that is affected, and when. Null if the month is quiet. */
  readonly affected:
    | (Scope & { readonly from: number; readonly to: number; readonly evident: number })
    | null;
  readonly counts: readonly HourlyCount[];
  readonly hours: HourlyCounts;
  readonly dns: SenderStates;
}

const everywhere = (): boolean => true;

/** A share of all mail, or of the mail of one part, fails with one reply at all providers. */
const planReverseDns: Planner = (planning) => {
  const { sender } = planning;
  const need = { failures: 30, rate: 0.05, windowHours: 24 };
  const rate = severity(planning, 0.4, 1);
  const time = timeOf(planning, 12, 6 * 24);
  // Gmail refuses, and so do many small hosts; Microsoft does not.
  const rates = new Map(
    sender.providers.map((one) => [
      one,
      rate * (/^(gmail|google)$/.test(one.name ?? '') ? 1 : one.listing / 2),
    ]),
  );
  const share = sender.providers.reduce((sum, one) => sum + one.share * rates.get(one)!, 0);
  if (!isVisible(reached(sender, everywhere), share, time.hours, need)) return null;
  return [
    {
      truth: {
        kind: 'sender_block',
        from: time.from,
        to: time.to,
        cause: 'sender',
        providers: named(sender.providers),
        severity: rate,
      },
      need,
      effects: [steady(planning, time, 'bounce', rates, noReverseDns)],
      mailings: [],
    },
  ];
};

const planContent: Planner = (planning) => {
  const { random, sender } = planning;
  const need = { failures: 25, rate: 0.05, windowHours: 48 };
  const rate = severity(planning, 0.2, 0.9);
  const time = timeOf(planning, 24, 5 * 24);
  const campaigns = sender.mailings.filter(({ kind, perWeek }) => kind !== 'transactional' && perWeek >= 5);
  if (campaigns.length === 0) return null;
  const mailing = random.pick(campaigns);
  const matches = (part: Part) => part.mailing === mailing;
  if (
    !isVisible(
      reached(sender, (_, part) => matches(part)),
      rate,
      time.hours,
      need,
    )
  )
    return null;
  const rates = new Map(sender.providers.map((one) => [one, rate * (0.5 + random.unit() / 2)]));
  return [
    {
      truth: {
        kind: 'sender_block',
        from: time.from,
        to: time.to,
        cause: 'sender',
        providers: named(sender.providers),
        severity: rate,
      },
      need,
      effects: [steady(planning, time, 'bounce', rates, spamContent, matches)],
      mailings: [],
    },
  ];
};

/** A known source becomes bad from one day on, for example because a form is abused. */
const planBadSource: Planner = (planning) => {
  const { random, sender } = planning;
  const need = { failures: 25, rate: 0.05, windowHours: 72 };
  const rate = severity(planning, 0.07, 0.4);
  const time = timeOf(planning, 4 * 24, 12 * 24);
  const sources = [...new Set(partsOf(sender).map(({ source }) => source))].filter(
    (source) => source !== null,
  );
  if (sources.length < 2) return null;
  const source = random.pick(sources);
  const matches = (part: Part) => part.source === source;
  if (
    !isVisible(
      reached(sender, (_, part) => matches(part)),
      rate,
      72,
      need,
    )
  )
    return null;
  const rates = new Map(sender.providers.map((one) => [one, rate]));
  return [
    {
      truth: {
        kind: 'list_decay',
        source,
        from: time.from,
        to: time.to,
        cause: 'list',
        providers: named(sender.providers),
        severity: rate,
      },
      need,
      effects: [steady(planning, time, 'bounce', rates, deadAddresses, matches)],
      mailings: [],
    },
  ];
};

/** A provider closes: its domains no longer have a mail host (for example when an ISP ends its mail service). */
const planDeadProvider: Planner = (planning) => {
  const { sender, span } = planning;
  const need = { failures: 25, rate: 0.5, windowHours: 24 };
  const drawn = timeOf(planning, 4 * 24, 20 * 24);
  const time = { ...drawn, to: span.to };
  const provider = pickProvider(
    planning,
    (one) =>
      one.share < 0.15 &&
      isVisible(
        reached(sender, (other) => other === one),
        1,
        drawn.hours,
        need,
      ),
  );
  if (provider === null) return null;
  return [
    {
      truth: {
        kind: 'provider_fault',
        provider: provider.name!,
        from: time.from,
        to: time.to,
        cause: 'provider',
        providers: [provider.name!],
        severity: 1,
      },
      need,
      effects: [steady(planning, time, 'bounce', new Map([[provider, 1]]), deadProvider)],
      mailings: [],
    },
  ];
};

/** A new stream grows tenfold in a few days, and the big providers limit it. */
const planWarmUp: Planner = (planning) => {
  const { random, sender } = planning;
  const need = { failures: 50, rate: 0.1, windowHours: 24 };
  const time = timeOf(planning, 4 * 24, 8 * 24);
  const first = Math.floor(time.from / dayMs) * dayMs;
  const volume = Math.max(sender.daily * severity(planning, 0.1, 0.5), 600);
  const mailing = {
    kind: 'campaign' as const,
    list: null,
    volume,
    perWeek: 7,
    weight: (day: number) => (day >= first && day < time.to ? 0.3 + (2 * (day - first)) / (4 * dayMs) : 0),
    hours: Array.from({ length: 24 }, (_, hour) => (hour >= 8 && hour < 18 ? 0.1 : 0)),
    campaign: () => 'new-domain',
    complaints: 0.0003,
    unsubscribes: 0.001,
    parts: [] as Part[],
  } satisfies Mailing;
  mailing.parts.push({ mailing, source: partsOf(sender)[0]!.source, share: 1, hard: 0.003 });
  const rates = new Map(
    sender.providers.map((one) => [
      one,
      one.share > 0.08 && one.name !== null ? 0.3 + random.unit() * 0.5 : 0,
    ]),
  );
  if ([...rates.values()].filter((rate) => rate > 0).length < 2) return null;
  return [
    {
      truth: {
        kind: 'rate_limit',
        campaign: 'new-domain',
        from: time.from,
        to: time.to,
        cause: 'sender',
        providers: named(sender.providers.filter((one) => rates.get(one)! > 0)),
        severity: 0.5,
      },
      need,
      effects: [
        steady(planning, time, 'deferral', rates, rateLimited, (part) => part.mailing === mailing, 0.1),
      ],
      mailings: [mailing],
    },
  ];
};

const onePlan =
  (planner: Planner): Planner =>
  (planning) => {
    const plans = planner(planning);
    return plans?.length === 1 ? plans : null;
  };

const planners: Readonly<Record<Exclude<DiagnosisKind, 'quiet'>, Planner>> = {
  authentication: planAuthentication,
  reverse_dns: planReverseDns,
  listed: planSenderBlock,
  bad_source: planBadSource,
  provider_fault: planProviderFault,
  warm_up: planWarmUp,
  dead_provider: planDeadProvider,
  list_import: planBadImport,
  content: planContent,
  rate_limit: onePlan(planRateLimit),
  soft_outage: planSoftOutage,
};

const faults: Partial<Readonly<Record<DiagnosisKind, (random: Random, dns: SenderDns) => Changed>>> = {
  authentication: brokenAuthentication,
  reverse_dns: goneReverseDns,
  listed,
};

/** What DNS says before and after. Causes that DNS does not show come with harmless flaws and changes at times. */
function drawStates(
  random: Random,
  cause: DiagnosisKind,
  begins: number,
): { states: SenderStates; what: string[] } {
  const what: string[] = [];
  const by = cause === 'authentication' ? random.pick(['spf', 'dkim'] as const) : 'dkim';
  let before = healthySender(random, by);
  if (cause !== 'authentication' && happens(random, 0.35)) {
    const flawed = harmlessFlaw(random, before);
    before = flawed.dns;
    what.push(flawed.what);
  }
  const fault = faults[cause];
  if (fault !== undefined) {
    const { dns, what: broken } = fault(random, before);
    // Caches delay the effect of a change by minutes to hours.
    const changedAt = begins - Math.round(random.unit() * 4 * hourMs);
    return { states: { before, after: dns, changedAt }, what: [...what, broken] };
  }
  if (!happens(random, 0.3)) return { states: { before, after: before, changedAt: null }, what };
  const changed = harmlessChange(random, before);
  const changedAt = begins + Math.round((random.unit() * 6 - 5) * dayMs);
  return { states: { before, after: changed.dns, changedAt }, what: [...what, changed.what] };
}

const kindOf = (seed: number): DiagnosisKind => {
  const block = Math.floor(seed / diagnosisKinds.length);
  return diagnosisKinds[
    (seed + randomFrom(block * 7_919 + 3).below(diagnosisKinds.length)) % diagnosisKinds.length
  ]!;
};

/** The kinds of months whose reporters can show a cause. */
const shownLike = (cause: DiagnosisKind) =>
  cause === 'rate_limit' || cause === 'warm_up'
    ? 'rate_limit'
    : cause === 'soft_outage' || cause === 'bad_source'
      ? 'soft_outage'
      : 'quiet';

/** Generates the diagnosis of a seed. */
export function generateDiagnosis(seed: number): Diagnosis {
  const cause = kindOf(seed);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const random = randomFrom(Math.imul(seed, 374_761_393) + attempt * 40_503 + 5);
    const sender = drawSender(random, reportersFor(shownLike(cause)));
    const span = drawSpan(random, 30, 14);
    const plans: readonly Plan[] | null =
      cause === 'quiet' ? [] : planners[cause]({ random, sender, span, index: 0 });
    const month = plans === null ? null : sendMonth(random, sender, span, plans);
    if (month === null) continue;
    const [incident] = month.truth;
    const { states, what } = drawStates(random, cause, incident?.from ?? span.from + 10 * dayMs);
    const { profile, daily, audience, reporter } = sender;
    const { start, from, to } = span;
    const { provider, source, campaign, list: ofList } = incident ?? {};
    const names: Scope = {
      ...(provider === undefined ? {} : { provider }),
      ...(source === undefined ? {} : { source }),
      ...(campaign === undefined ? {} : { campaign }),
      ...(ofList === undefined ? {} : { list: ofList }),
    };
    return {
      seed,
      cause,
      description: `${profile} sender, audience ${audience}, ${daily} messages a day, reports ${reporter}: ${[cause, ...what].join('; ')}`,
      affected:
        incident === undefined
          ? null
          : { ...names, from: incident.from, to: incident.to, evident: incident.evident },
      counts: month.counts,
      hours: createHourlyCounts({
        seed,
        kind: 'quiet',
        description: '',
        profile,
        daily,
        start,
        from,
        to,
        ...month,
      }),
      dns: states,
    };
  }
  throw new Error(`no ${cause} diagnosis for seed ${seed}`);
}
