// Incidents at many providers at once, whose cause is the sender.
//
// - sender_block: a listing at Spamhaus is used by most providers but hardly by Gmail (bobcares.com/blog/spamhaus-sbl,
//   suped.com on SBL bounces; Exchange Online's own addresses in January 2024: service incident EX703958). Shared
//   addresses of SendGrid were listed for what others sent (turunen.ee/sendgrids-shared-ip-problem).
// - authentication: Gmail's rules of February 2024 began with temporary 4.7.26 for a small share of the mail, and became
//   5.7.26 (valimail.com on error codes); Outlook.com refuses with 5.7.515 since May 2025 (support.microsoft.com); an SPF
//   record over ten look-ups is a permerror for all mail (simplefastwebsites.com on SPF PermError). A new tool that
//   is not in SPF breaks only its own mail.
// - soft_rise: the soft bounce rate went from 1% to 9% in ten days at six providers before anyone noticed (the project's
//   guides: a rising soft rate means that the reputation declines).

import { dayMs } from '../../src/durations.ts';
import type { Need } from './evidence.ts';
import {
  everyPart,
  isVisible,
  named,
  type Plan,
  type Planner,
  partsOf,
  reached,
  severity,
  steady,
  timeOf,
} from './plan.ts';
import { blocked, distrusted, unauthenticated, unauthenticatedWarning } from './replies.ts';
import { between, happens } from './sample.ts';
import type { Part, SharedProvider } from './sender.ts';
import type { Effect } from './sending.ts';

const needs = {
  sender_block: { failures: 30, rate: 0.05, windowHours: 24 },
  authentication: { failures: 25, rate: 0.03, windowHours: 24 },
  soft_rise: { failures: 60, rate: 0.03, windowHours: 72 },
} as const satisfies Record<string, Need>;

const everywhere = (): boolean => true;

export const planSenderBlock: Planner = (planning) => {
  const { sender } = planning;
  const need = needs.sender_block;
  const strength = severity(planning, 0.35, 1);
  const time = timeOf(planning, 10, 7 * 24);
  // Providers that hardly look at the list refuse nothing.
  const rates = new Map(
    sender.providers.flatMap((one) => (one.listing < 0.2 ? [] : [[one, strength * one.listing] as const])),
  );
  const refused = sender.providers.reduce((sum, one) => sum + one.share * (rates.get(one) ?? 0), 0);
  // It is a block across providers only if at least three of them show it.
  const visible = [...rates].filter(
    ([one, rate]) =>
      one.name !== null &&
      reached(sender, (other) => other === one) * rate * Math.min(time.hours / 24, 3) > 15,
  );
  if (
    visible.length < 3 ||
    refused < 0.08 ||
    !isVisible(reached(sender, everywhere), refused, time.hours, need)
  )
    return null;
  return [
    {
      truth: {
        kind: 'sender_block',
        from: time.from,
        to: time.to,
        cause: 'sender',
        providers: named([...rates.keys()]),
        severity: strength,
      },
      need,
      effects: [steady(planning, time, 'bounce', rates, blocked)],
      mailings: [],
    },
  ];
};

/** How strictly a provider refuses mail without authentication. */
const strictness: Readonly<Record<string, number>> = {
  gmail: 1,
  google: 0.9,
  outlook: 1,
  yahoo: 1,
  apple: 0.8,
  gmx: 0.7,
  webde: 0.7,
  microsoft365: 0.6,
};

export const planAuthentication: Planner = (planning) => {
  const { random, sender } = planning;
  const need = needs.authentication;
  const strength = severity(planning, 0.3, 1);
  const time = timeOf(planning, 14, 8 * 24);
  // Either all mail is affected, or that of one source, which a tool of its own sends.
  const sources = [...new Set(partsOf(sender).map(({ source }) => source))];
  const source = sources.length > 1 && happens(random, 0.3) ? random.pick(sources) : undefined;
  const matchesPart = source === undefined ? everyPart : (part: Part) => part.source === source;
  const onlyGmail = happens(random, 0.25) ? random.pick(['gmail', 'google']) : null;
  const rates = new Map(
    sender.providers.flatMap((one) => {
      const strict = strictness[one.name ?? ''] ?? 0.25;
      return onlyGmail === null || one.name === onlyGmail ? [[one, strength * strict] as const] : [];
    }),
  );
  const daily = [...rates].reduce(
    (sum, [one, rate]) => sum + rate * reached(sender, (other, part) => other === one && matchesPart(part)),
    0,
  );
  if (!isVisible(daily, 1, time.hours, need)) return null;
  const effects: Effect[] = [];
  const isGoogle = ({ name }: SharedProvider) => name === 'gmail' || name === 'google';
  const tellsDeferrals = sender.reporter === 'all' || sender.reporter === 'delivered';
  if (onlyGmail !== null && tellsDeferrals && time.hours > 72) {
    // Temporary errors first, then refusals.
    const change = time.from + 2 * dayMs;
    const warned = new Map(
      [...rates.keys()].filter(isGoogle).map((one) => [one, between(random, 0.06, 0.2)]),
    );
    effects.push(
      steady(
        planning,
        { from: time.from, to: change },
        'deferral',
        warned,
        unauthenticatedWarning,
        matchesPart,
      ),
      steady(planning, { from: change, to: time.to }, 'bounce', rates, unauthenticated, matchesPart),
    );
  } else effects.push(steady(planning, time, 'bounce', rates, unauthenticated, matchesPart));
  return [
    {
      truth: {
        kind: 'authentication',
        from: time.from,
        to: time.to,
        cause: 'sender',
        providers: named([...rates.keys()]),
        severity: strength,
      },
      need,
      effects,
      mailings: [],
    },
  ];
};

export const planSoftRise: Planner = (planning): readonly Plan[] | null => {
  const { random, sender, index } = planning;
  const need = needs.soft_rise;
  const highest = severity(planning, 0.06, 0.15);
  const days = between(random, 7, 12);
  const time = timeOf(planning, days * 24, 16 * 24);
  if (!isVisible(reached(sender, everywhere), highest / 2, 72, need)) return null;
  const steep = between(random, 0.8, 2);
  return [
    {
      truth: {
        kind: 'soft_rise',
        from: time.from,
        to: time.to,
        cause: 'sender',
        providers: named(sender.providers),
        severity: highest,
      },
      need,
      effects: [
        {
          incident: index,
          from: time.from,
          to: time.to,
          as: 'queued',
          matches: everywhere,
          rate: (hour, { defers }) =>
            highest *
            Math.min((hour - time.from) / (days * dayMs), 1) ** steep *
            Math.min(0.8 + 0.1 * defers, 1.3),
          mix: distrusted,
        },
      ],
      mailings: [],
    },
  ];
};
