// `node bench/report.ts`: writes docs/benchmarks.svg, and the table in docs/benchmarks.md, from results/*.json.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benches } from './benches.ts';
import { chart } from './report/chart.ts';
import { table, withGenerated } from './report/table.ts';
import { readResults } from './results.ts';

const docs = join(import.meta.dirname, '../docs');
const page = join(docs, 'benchmarks.md');
const picture = join(docs, 'benchmarks.svg');

/** Returns the text that the page and the picture should have, by file. */
export function report(): { readonly [file: string]: string } {
  const results = readResults(Object.keys(benches));
  return { [page]: withGenerated(readFileSync(page, 'utf8'), table(results)), [picture]: chart(results) };
}

export function writeReport(): void {
  for (const [file, text] of Object.entries(report())) writeFileSync(file, text);
}

if (import.meta.main) writeReport();
