// The port for the DKIM selectors with which the operator's own messages were signed, and which of them are still used.

import { dayMs } from '../durations.ts';

export interface SeenSelector {
  /** The domain in From. */
  readonly domain: string;
  /** The name of the key, such as `s1._domainkey.example.net`. */
  readonly name: string;
  /** When a message with it was last seen, in epoch milliseconds. */
  readonly seenAt: number;
}

export interface SelectorRepository {
  /**
   * Stores selectors with the time at which they were seen. An earlier time than the stored one changes nothing. Deletes
   * selectors that were last seen before `before`.
   */
  add(seen: readonly SeenSelector[], before: number): Promise<void>;
  /** Returns the selectors that were seen for a domain at or after `since` (epoch milliseconds), the latest first. */
  of(domain: string, since: number): Promise<readonly SeenSelector[]>;
}

export interface SeenSelectors {
  /** Records the DKIM signatures of a message that was returned in a bounce. */
  see(
    signatures: readonly { readonly from: string; readonly domain: string; readonly selector: string }[],
  ): Promise<void>;
  /** Returns the names of the keys that sign the mail of a domain. */
  currentOf(domain: string): Promise<readonly string[]>;
}

/** How long a selector counts as used after it was last seen. */
const usedMs = 7 * dayMs;

/** A selector counts only if it was last seen at most this long before the latest one. Older ones were probably replaced. */
const besideMs = 2 * dayMs;

/** Maximum number of selectors of one domain. */
const most = 5;

export function createSeenSelectors(repository: SelectorRepository, now: () => number): SeenSelectors {
  return {
    async see(signatures) {
      if (signatures.length === 0) return;
      const seen = signatures.map(({ from, domain, selector }) => ({
        domain: from,
        name: `${selector}._domainkey.${domain}`,
        seenAt: now(),
      }));
      await repository.add(seen, now() - usedMs);
    },
    async currentOf(domain) {
      const seen = await repository.of(domain, now() - usedMs);
      const latest = seen[0]?.seenAt ?? 0;
      return seen
        .filter(({ seenAt }) => seenAt >= latest - besideMs)
        .slice(0, most)
        .map(({ name }) => name);
    },
  };
}
