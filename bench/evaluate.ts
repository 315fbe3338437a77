// Measures presend's rules on a file of known cases: `npm run evaluate -- KIND FILE [--legitimate FILE]`. Wrong cases
// are printed to stderr. The last line on stdout is JSON with the counts.

import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';

interface Evaluation {
  readonly misses: readonly string[];
  readonly summary: Readonly<Record<string, unknown>>;
}

/** The function that each kind of evaluation exports from its file in bench/evaluate. */
type Evaluate = (file: string, options: { legitimate?: string }) => Promise<Evaluation>;

const folder = new URL('./evaluate/', import.meta.url);
const kinds = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { legitimate: { type: 'string' } },
});
const [kind, file] = positionals;

if (kind === undefined || file === undefined || positionals.length > 2 || !kinds.includes(kind)) {
  console.error(`usage: evaluate KIND FILE [--legitimate FILE], where KIND is one of: ${kinds.join(', ')}`);
  process.exitCode = 2;
} else {
  const { evaluate }: { evaluate: Evaluate } = await import(new URL(`${kind}.ts`, folder).href);
  const { misses, summary } = await evaluate(file, values);
  for (const miss of misses) console.error(miss);
  console.log(JSON.stringify(summary));
}
