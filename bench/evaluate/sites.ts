// Counts the suggestions that the typo engine makes for the names of popular websites. A likely suggestion for such a
// name is a mistake unless it was reviewed.

import { readFileSync } from 'node:fs';
import { suggestDomain } from '../../src/domain/typo/suggest.ts';

const lines = (file: string | URL): string[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

/**
 * Number of names at the beginning of the file that are so popular that none of them should get a likely suggestion.
 */
const mostVisited = 10_000;

/**
 * `file` has one domain per line, the most visited first. A miss is a likely suggestion that is not in
 * data/typo-likely-sites.tsv.
 */
export async function evaluate(file: string): Promise<{ misses: string[]; summary: Record<string, number> }> {
  const reviewed = new Set(
    lines(new URL('../../data/typo-likely-sites.tsv', import.meta.url)).map((line) =>
      line.split('\t').slice(0, 2).join('\t'),
    ),
  );
  const misses: string[] = [];
  const summary = { sites: 0, likely: 0, likely_most_visited: 0, possible: 0, unreviewed: 0 };
  for (const [position, domain] of lines(file).entries()) {
    const suggestion = suggestDomain(domain.trim());
    summary.sites += 1;
    if (suggestion === null) continue;
    summary[suggestion.confidence] += 1;
    if (suggestion.confidence !== 'likely') continue;
    if (position < mostVisited) summary.likely_most_visited += 1;
    if (reviewed.has(`${domain.trim()}\t${suggestion.domain}`)) continue;
    summary.unreviewed += 1;
    misses.push(`likely\t${domain.trim()}\t${suggestion.domain}\t${position + 1}`);
  }
  return { misses, summary };
}
