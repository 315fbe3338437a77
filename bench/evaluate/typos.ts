// Counts how many misspelled domains get the right suggestion, and how many legitimate domains get one although they
// should not.

import { readFileSync } from 'node:fs';
import { suggestDomain } from '../../src/domain/typo/suggest.ts';

const rows = (file: string): string[][] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));

/**
 * `file` has the columns domain, intended domain and number of sources. `legitimate` has the columns domain, tier, and
 * edit distance to the nearest big provider. Suggestions of every confidence count.
 */
export async function evaluate(
  file: string,
  options: { legitimate?: string },
): Promise<{ misses: string[]; summary: Record<string, unknown> }> {
  const misses: string[] = [];
  const typos = { cases: 0, right: 0, wrong: 0, none: 0 };
  const confirmed = { cases: 0, right: 0 };
  for (const [domain, intended, sources] of rows(file)) {
    const suggested = suggestDomain(domain!)?.domain ?? null;
    const outcome = suggested === null ? 'none' : suggested === intended ? 'right' : 'wrong';
    typos.cases += 1;
    typos[outcome] += 1;
    if (Number(sources) >= 2) {
      confirmed.cases += 1;
      if (outcome === 'right') confirmed.right += 1;
    }
    if (outcome !== 'right')
      misses.push(`${outcome}\t${domain}\t${intended}\t${suggested ?? '-'}\t${sources}`);
  }
  const legitimate = { legitimate: 0, corrected: 0, near: 0, near_corrected: 0 };
  if (options.legitimate !== undefined)
    for (const [domain, tier, distance] of rows(options.legitimate)) {
      const suggestion = suggestDomain(domain!);
      const near = Number(distance) <= 2;
      legitimate.legitimate += 1;
      if (near) legitimate.near += 1;
      if (suggestion === null) continue;
      legitimate.corrected += 1;
      if (near) legitimate.near_corrected += 1;
      misses.push(`corrected\t${domain}\t${tier}\t${suggestion.domain}\t${distance}`);
    }
  console.error(`with two or more sources: ${confirmed.right} of ${confirmed.cases} right`);
  return { misses, summary: { ...typos, ...legitimate } };
}
