// Patience of lists: less time for lookups where earlier ones waited in vain.
//
// A list may hold thousands of domains whose name servers are dead, and the resolver does not say which servers these are. So
// patience is learned from what lookups under the same parent domain, and all lookups together, gained by waiting.

import type { FoundMailHost, MailHosts } from './mail-hosts.ts';
import { createMemory } from './memory.ts';

/** What lookups under one parent domain, or all lookups, have shown. */
interface Experience {
  /** Lookups that timed out since the last answer. */
  unanswered: number;
  /** Lookups that waited longer than usual: without an answer until the end, and with one. */
  vain: number;
  rewarded: number;
}

/** Milliseconds in which servers that answer at all have almost always answered. */
const usualMs = 1500;

/** Milliseconds for a server under a parent domain where nothing answers. */
const shortMs = 500;

/** Timeouts in a row after which nothing is expected to answer. */
const unansweredAtMost = 10;

/** Long waits are cut to the usual time after so many in vain, unless at least this share of them had an answer. */
const leastVain = 5;
const leastReward = 0.05;

/** Long waits that are remembered; older ones count half each time. */
const remembered = 64;

/** One lookup in so many has its full time all the same, to notice servers that are back. */
const probeEvery = 16;

/** Parent domains that are remembered. */
const maxParents = 5000;

/**
 * Shortens the deadlines of lookups where longer ones were in vain: to 500 ms where nothing has answered ten times in a row, to
 * 1.5 s where hardly any longer wait had an answer. What remains unanswered is `undetermined`, as after the full time.
 * `now`: epoch milliseconds.
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

/** Milliseconds beyond which waiting was not worth it. */
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
