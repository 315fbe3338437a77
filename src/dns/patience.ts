// Shortens the lookups of lists where waiting longer has been useless before.
//
// A list may contain thousands of domains with dead name servers, and a resolver does not say which servers it asked. So the
// time of a lookup depends on how long earlier lookups waited and whether they got an answer: those under the same parent
// domain, and all of them.

import type { FoundMailHost, MailHosts } from './mail-hosts.ts';
import { createMemory } from './memory.ts';

/** Counts of lookups, either of those under one parent domain or of all. */
interface Experience {
  /** Lookups that timed out since the last answer. */
  unanswered: number;
  /** Lookups that took longer than `usualMs` and got no answer, and those that took longer and got one. */
  vain: number;
  rewarded: number;
}

/** Milliseconds within which almost every server answers that answers at all. */
const usualMs = 1500;

/** Maximum milliseconds of a lookup where no answer is expected. */
const shortMs = 500;

/** Consecutive timeouts after which no answer is expected. */
const unansweredAtMost = 10;

/** Lookups end after `usualMs` if at least `leastVain` long ones got no answer, and less than this share got one. */
const leastVain = 5;
const leastReward = 0.05;

/** When more long lookups than this are counted, both counts are halved, so new lookups outweigh old ones. */
const remembered = 64;

/** One of this many shortened lookups gets its full time, to notice that servers answer again. */
const probeEvery = 16;

/** Maximum number of parent domains with counts of their own. */
const maxParents = 5000;

/**
 * Shortens the deadlines of lookups: to 500 ms after ten consecutive timeouts, and to 1.5 s if hardly any longer lookup got
 * an answer. A lookup that ends without an answer is `undetermined`, as after its full time. `now` returns epoch
 * milliseconds.
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

/** Milliseconds after which a lookup hardly ever gets an answer; Infinity if there are too few counts. */
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
