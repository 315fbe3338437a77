// Counts how many disposable domains of a file are recognized. The file has one domain per line, or is a TSV with the
// domain in its first column, or NDJSON with a field `domain`. Lines that start with `#` are comments.

import { readFile } from 'node:fs/promises';
import { domainToASCII } from 'node:url';
import { describeName } from '../../src/domain/describe.ts';

const domainOf = (line: string): string =>
  line.startsWith('{') ? (JSON.parse(line) as { domain: string }).domain : line.split(/[\t,]/)[0]!;

export async function evaluate(
  file: string,
): Promise<{ misses: string[]; summary: { cases: number; caught: number } }> {
  const lines = (await readFile(file, 'utf8'))
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const misses = lines
    .map((line) => domainOf(line).trim())
    .filter((domain) => !describeName(domainToASCII(domain)).disposable);
  return { misses, summary: { cases: lines.length, caught: lines.length - misses.length } };
}
