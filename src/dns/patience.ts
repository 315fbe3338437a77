// Gives the DNS lookups of a list less time if earlier lookups waited long and got no answer.
//
// A list may contain thousands of domains whose name servers do not respond. A resolver does not say which name servers it
// asked, so lookups cannot be grouped by server. They are counted per parent domain (`co.uk` for `example.co.uk`), and
// also all together. These counts decide how long the next lookup may take.

import { createMemory } from '../memory.ts';
import type { FoundMailHost, MailHosts } from './mail-hosts.ts';

/** What earlier lookups have shown: those of domains under one parent domain, or all lookups. */
interface Experience {
  /** Number of lookups that timed out since the last lookup with an answer. */
  unanswered: number;
  /** Number of lookups that took longer than `usualMs` and got no answer. */
  vain: number;
  /** Number of lookups that took longer than `usualMs` and got an answer. */
  rewarded: number;
}

/** Milliseconds within which almost every lookup that gets an answer gets it. */
const usualMs = 1500;

/** Maximum milliseconds of a lookup after `unansweredAtMost` timeouts in a row. */
const shortMs = 500;

/** Number of timeouts in a row after which lookups get only `shortMs`. */
const unansweredAtMost = 10;

/** Minimum number of lookups that took longer than `usualMs` in vain, before lookups are limited to `usualMs`. */
const leastVain = 5;

/** Lookups are limited to `usualMs` only if less than this share of those that took longer got an answer. */
const leastReward = 0.05;

/**
 * Maximum of the sum of `vain` and `rewarded`, the numbers of lookups that took longer than `usualMs`. When the sum is
 * greater, both counts are halved, so recent lookups weigh more than old ones.
 */
const remembered = 64;

/** One in this many lookups that would be shortened gets its full time. It shows whether servers answer again. */
const probeEvery = 16;

/** Maximum number of parent domains whose lookups are counted separately. */
const maxParents = 5000;

/**
 * Wraps `mailHosts` so lookups get less time: 500 ms after ten timeouts in a row, and 1.5 s if hardly any lookup that
 * took longer got an answer. When its time runs out, a lookup has the result that `mailHosts` gives at any deadline. `now`
 * returns epoch milliseconds.
 */
export function withPatience(mailHosts: MailHosts, now: () => number): MailHosts {
  const experiences = createMemory<Experience>(maxParents);
  const all: Experience = { unanswered: 0, vain: 0, rewarded: 0 };
  let reduced = 0;

  const experiencesFor = (domain: string): readonly Experience[] => {
    const parent = domain.slice(domain.indexOf('.') + 1);
    const known = experiences.get(parent) ?? { unanswered: 0, vain: 0, rewarded: 0 };
    experiences.set(parent, known);
    return [known, all];
  };

  const patienceOf = (full: number, concerned: readonly Experience[]): number => {
    const patience = Math.min(full, ...concerned.map(mostUseful));
    return patience < full && ++reduced % probeEvery === 0 ? full : patience;
  };

  return {
    ...mailHosts,
    lookup: (domain, deadline, together) => {
      const started = now();
      const concerned = experiencesFor(domain);
      const patience = patienceOf(deadline - started, concerned);
      const looked = mailHosts.lookup(domain, started + patience, together);
      if (!(looked instanceof Promise)) return looked;
      return looked.then((found) => {
        for (const experience of concerned) learn(experience, found, now() - started);
        return found;
      });
    },
  };
}

/** Maximum milliseconds of a lookup, judged by earlier lookups. Infinity if they give no reason to shorten it. */
function mostUseful({ unanswered, vain, rewarded }: Experience): number {
  if (unanswered >= unansweredAtMost) return shortMs;
  const isVain = vain >= leastVain && rewarded < leastReward * (vain + rewarded);
  return isVain ? usualMs : Number.POSITIVE_INFINITY;
}

function learn(experience: Experience, { mailHost }: FoundMailHost, took: number): void {
  const isAnswered = mailHost.kind !== 'undetermined' || mailHost.cause !== 'timeout';
  experience.unanswered = isAnswered ? 0 : experience.unanswered + 1;
  if (took <= usualMs) return;
  if (isAnswered) experience.rewarded++;
  else experience.vain++;
  if (experience.vain + experience.rewarded <= remembered) return;
  experience.vain /= 2;
  experience.rewarded /= 2;
}
