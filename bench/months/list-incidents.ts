// Incidents whose cause is the list.
//
// - bad_import: purchased and old lists bounce at 13% to 20% and more (suped.com on recovering from a purchased list;
//   enrichmatic.com: 8-15% for a dirty list). SES reviews an account at 5% and pauses it at 10%
//   (blog.sendops.dev/blog/fix-aws-ses-bounce-and-complaint-rate). Of some imports nothing arrives at all; a mailbox for
//   returned mail then knows of bounces alone.
// - list_decay: business addresses decay by 2% to 3.6% a month and consumer addresses by 0.5% to 1% (firstsales.io on B2B
//   data decay; the project's guides). A sender that reaches older and older segments of its list sees its hard
//   bounce rate rise with each mailing.
// - complaints: Google's limit is 0.3%, SES reviews an account at 0.1% (see sender.ts); a campaign to people who did not
//   ask for it reaches 0.5% to 2%.

import { dayMs, hourMs } from '../../src/durations.ts';
import type { Need } from './evidence.ts';
import {
  isVisible,
  named,
  type Planner,
  type Planning,
  partsOf,
  reached,
  severity,
  steady,
  timeOf,
} from './plan.ts';
import { deadAddresses, down, spamContent } from './replies.ts';
import { between, happens, logBetween } from './sample.ts';
import { averageDaily, launchedAt, type Mailing, type Part, type Sender } from './sender.ts';
import type { Effect } from './sending.ts';
import type { Scope } from './types.ts';

const needs = {
  bad_import: { failures: 20, rate: 0.05, windowHours: 48 },
  list_decay: { failures: 40, rate: 0.025, windowHours: 96 },
  complaints: { failures: 15, rate: 0.002, windowHours: 72 },
} as const satisfies Record<string, Need>;

const importNames = ['import', 'bought-list', 'old-customers', 'conference-scan', 'merged-crm', 'lottery'];

/** Whether any mail of the sender has a source; likewise for campaigns and lists. */
const namesOf = (sender: Sender, day: number) => ({
  sources: partsOf(sender).some(({ source }) => source !== null),
  campaigns: sender.mailings.some(({ campaign }) => campaign(day) !== null),
  lists: sender.mailings.some(({ list }) => list !== null),
});

/** A mailing to new addresses on one or several days. */
export function newMailing(
  { from, to }: { from: number; to: number },
  volume: number,
  names: { source: string | null; campaign: string | null; list: string | null },
  hard: number,
): Mailing {
  const first = Math.floor(from / dayMs) * dayMs;
  const mailing = {
    kind: 'campaign' as const,
    list: names.list,
    volume,
    perWeek: 7,
    weight: (day: number) => (day >= first && day < to ? 1 : 0),
    hours: launchedAt((from / hourMs) % 24, 3),
    campaign: () => names.campaign,
    complaints: 0.0005,
    unsubscribes: 0.002,
    parts: [] as Part[],
  };
  mailing.parts.push({ mailing, source: names.source, share: 1, hard });
  return mailing;
}

export const planBadImport: Planner = (planning) => {
  const { random, sender } = planning;
  const need = needs.bad_import;
  const drawn = timeOf(planning, 20, 5 * 24);
  const time = { from: drawn.from, to: Math.ceil(drawn.to / dayMs) * dayMs };
  const known = namesOf(sender, time.from);
  if (!known.sources && !known.campaigns && !known.lists) return null;
  const total = happens(random, 0.2);
  const rate = total ? 1 : logBetween(random, 0.09, 0.6);
  const volume = Math.max(sender.daily * logBetween(random, 0.03, 0.5), 60);
  if (volume * rate < 2 * need.failures) return null;
  const name = `${random.pick(importNames)}-${1 + random.below(99)}`;
  // The import shows in at least one of the names.
  const names = {
    source: known.sources ? name : null,
    campaign: known.campaigns && (!known.sources || happens(random, 0.6)) ? `welcome-${name}` : null,
    list: known.lists ? (known.sources && happens(random, 0.5) ? 'offers' : name) : null,
  };
  const mailing = newMailing(time, volume, names, 0.005);
  const rates = new Map(sender.providers.map((one) => [one, rate]));
  return [
    {
      truth: {
        kind: 'bad_import',
        ...(names.source === null ? {} : { source: names.source }),
        ...(names.campaign === null ? {} : { campaign: names.campaign }),
        ...(names.list === name ? { list: name } : {}),
        from: time.from,
        to: time.to,
        cause: 'list',
        providers: named(sender.providers),
        severity: rate,
      },
      need,
      effects: [steady(planning, time, 'bounce', rates, deadAddresses, (part) => part.mailing === mailing)],
      mailings: [mailing],
    },
  ];
};

/** Picks mail that one name tells apart from the rest: a source, a list, or a campaign that keeps its name. */
function pickScope(
  { random, sender, span }: Planning,
  isEnough: (matches: (part: Part) => boolean) => boolean,
): { scope: Scope; matches: (part: Part) => boolean } | null {
  const options: { scope: Scope; matches: (part: Part) => boolean }[] = [];
  for (const source of new Set(partsOf(sender).map((part) => part.source)))
    if (source !== null) options.push({ scope: { source }, matches: (part) => part.source === source });
  for (const mailing of sender.mailings) {
    if (mailing.kind === 'transactional' || mailing.perWeek < 1) continue;
    const matches = (part: Part) => part.mailing === mailing;
    const campaign = mailing.campaign(span.from);
    const keepsName = campaign !== null && campaign === mailing.campaign(span.from + dayMs);
    if (mailing.list !== null || keepsName)
      options.push({
        scope: {
          ...(mailing.list === null ? {} : { list: mailing.list }),
          ...(keepsName ? { campaign } : {}),
        },
        matches,
      });
  }
  const enough = options.filter(({ matches }) => isEnough(matches));
  return enough.length === 0 ? null : random.pick(enough);
}

/** Names of which most of the mail is affected, beside the name of the scope itself. */
function aliasesOf({ sender, span }: Planning, matches: (part: Part) => boolean): Scope[] {
  const names = new Map<string, { scope: Scope; all: number; affected: number }>();
  for (const part of partsOf(sender)) {
    const campaign = part.mailing.campaign(span.from);
    const volume = averageDaily(part);
    for (const [name, value] of Object.entries({ source: part.source, list: part.mailing.list, campaign })) {
      if (value === null) continue;
      const key = `${name} ${value}`;
      const sum = names.get(key) ?? { scope: { [name]: value }, all: 0, affected: 0 };
      names.set(key, {
        ...sum,
        all: sum.all + volume,
        affected: sum.affected + (matches(part) ? volume : 0),
      });
    }
  }
  return [...names.values()].filter(({ all, affected }) => affected > 0.6 * all).map(({ scope }) => scope);
}

export const planListDecay: Planner = (planning) => {
  const { random, sender, index } = planning;
  const need = needs.list_decay;
  const highest = severity(planning, 0.05, 0.12);
  const days = between(random, 10, 18);
  const time = timeOf(planning, days * 24, 20 * 24);
  const picked = pickScope(planning, (matches) =>
    isVisible(
      reached(sender, (_, part) => matches(part)),
      highest / 2,
      72,
      need,
    ),
  );
  if (picked === null) return null;
  return [
    {
      truth: {
        kind: 'list_decay',
        ...picked.scope,
        aliases: aliasesOf(planning, picked.matches),
        from: time.from,
        to: time.to,
        cause: 'list',
        providers: named(sender.providers),
        severity: highest,
      },
      need,
      effects: [
        {
          incident: index,
          from: time.from,
          to: time.to,
          as: 'bounce',
          matches: (_, part) => picked.matches(part),
          rate: (hour) => highest * Math.min((hour - time.from) / (days * dayMs), 1),
          mix: deadAddresses,
        },
      ],
      mailings: [],
    },
  ];
};

export const planComplaints: Planner = (planning) => {
  const { sender } = planning;
  const need = needs.complaints;
  const time = timeOf(planning, 3 * 24, 9 * 24);
  const heard = sender.providers.reduce((sum, { share, feedback }) => sum + share * feedback, 0);
  const overall = severity(planning, 0.004, 0.015);
  // Only providers with a feedback loop tell, so what is heard is a part of what people report.
  const rate = overall / heard;
  if (rate > 0.2) return null;
  const picked = pickScope(planning, (matches) =>
    isVisible(
      reached(sender, (_, part) => matches(part)),
      overall,
      72,
      need,
    ),
  );
  if (picked === null) return null;
  const rates = new Map(sender.providers.map((one) => [one, rate]));
  return [
    {
      truth: {
        kind: 'complaints',
        ...picked.scope,
        aliases: aliasesOf(planning, picked.matches),
        from: time.from,
        to: time.to,
        cause: 'list',
        providers: named(sender.providers.filter(({ feedback }) => feedback > 0)),
        severity: overall,
      },
      need,
      effects: [steady(planning, time, 'complaint', rates, spamContent, (part) => picked.matches(part))],
      mailings: [],
    },
  ];
};

/** A new source with honest addresses: more of them bounce than of the others, but no more than guides accept. */
export function honestSource(planning: Planning): Mailing[] {
  const { random, sender } = planning;
  const time = timeOf(planning, 3 * 24, 15 * 24);
  if (!partsOf(sender).some(({ source }) => source !== null)) return [];
  const most = sender.profile === 'cold' ? 0.0045 : 0.015;
  return [
    newMailing(
      time,
      sender.daily * between(random, 0.02, 0.2),
      { source: 'fair-visitors', campaign: null, list: null },
      between(random, most / 2, most),
    ),
  ];
}

/** A short hiccup of a provider: an hour or two of deferrals, which retries solve. Nobody wants to be told. */
export function hiccup(planning: Planning): Effect {
  const { random, sender, span } = planning;
  const provider = random.pick(sender.providers);
  const from = span.start + random.below((span.to - span.start) / hourMs - 3) * hourMs;
  const time = { from, to: from + (1 + random.below(2)) * hourMs };
  const rates = new Map([[provider, between(random, 0.05, 0.25)]]);
  return { ...steady(planning, time, 'deferral', rates, down), incident: null };
}
