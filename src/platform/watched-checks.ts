// Checks watched domains on request, and counts the DNS queries of each check, which are charged to the caller's rate limit.

import type { Preflight } from '../preflight/preflight.ts';
import type { SenderWatch, WatchedDomain } from '../preflight/watch/watch.ts';

type LoadPreflight = () => Promise<Pick<Preflight, 'check'>>;

export interface CountedCheck {
  /** Null if the domain is not watched. */
  readonly watched: WatchedDomain | null;
  /** DNS queries of the check; 0 if another process checked the domain at this moment. */
  readonly queries: number;
}

/** Counts the queries of the preflights that the watch makes. */
export function countWatchedChecks(load: LoadPreflight) {
  /** For each domain, the number of queries since the start of the last requested check. */
  const sent = new Map<string, number>();
  return {
    /** The checks for the watch. */
    preflight: async (): ReturnType<LoadPreflight> => {
      const { check } = await load();
      return {
        check: async (request) => {
          const answer = await check(request);
          sent.set(request.domain, (sent.get(request.domain) ?? 0) + answer.facts.queries);
          return answer;
        },
      };
    },
    async check(watch: Pick<SenderWatch, 'check'>, domain: string): Promise<CountedCheck> {
      sent.delete(domain);
      const watched = await watch.check(domain);
      const queries = sent.get(domain) ?? 0;
      sent.delete(domain);
      return { watched, queries };
    },
  };
}
