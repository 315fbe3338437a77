// `npm run chaos -- regex`: finds regular expressions of src/ whose time grows faster than their input.
//
// For each expression, makes texts that begin with its words and go on with one small piece, many times. A match is ended after
// `limitMs`, so an expression that takes exponential time is found, too. `--only FILE` tests some files. The
// input of an expression that is printed must be short: check where it comes from.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createContext, Script } from 'node:vm';

const { values: options } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' } },
});
const source = new URL('../src', import.meta.url).pathname;

/** Regular expressions as they are written: after an operator or a bracket, to the end of the literal on the same line. */
const literal =
  /(?<=^\s*|[(,=:[!&|?{;>]\s*|return\s+)\/(?![*/])((?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)/gm;

interface Expression {
  readonly file: string;
  readonly pattern: RegExp;
}

function expressions(): Expression[] {
  const found: Expression[] = [];
  for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const code = readFileSync(join(source, file), 'utf8').replace(/^\s*(?:\*|\/\/).*$/gm, '');
    for (const [, pattern = '', flags = ''] of code.matchAll(literal))
      try {
        found.push({ file, pattern: new RegExp(pattern, flags.replace(/[gy]/, '')) });
      } catch {
        // It is not a regular expression, but for example two divisions.
      }
  }
  return found;
}

/** What hostile texts begin with: nothing, or the words of the expression, one after another. */
function beginnings({ source: text }: RegExp): string[] {
  const words = text
    .replace(/\[(?:[^\]\\]|\\.)*\]|\(\?<?[:=!]?|\{[\d,]+\}|\\[bBdDsSwWpP](?:\{[^}]*\})?|[()|*+?^$.]/g, '\0')
    .replace(/\\n/g, '\n')
    .replace(/\\(.)/g, '$1')
    .split(/\0+/)
    .filter((word) => word !== '');
  const all = words
    .slice(0, 12)
    .flatMap((word, at) => [word, words.slice(0, at + 1).join(' '), words.slice(0, at + 1).join('')]);
  return [...new Set(['', ...all])];
}

const pieces = [
  ' ',
  '\n',
  ' \n',
  '\t',
  'a',
  'A',
  '0',
  '.',
  '-',
  '@',
  ',',
  ':',
  ';',
  '/',
  '"',
  "'",
  '(',
  '<',
  '[',
  '=',
  '_',
  '*',
  '\\',
  'a.',
  'a-',
  '0.',
  'a ',
  '本',
];

const limitMs = 2000;
const input: { pattern: RegExp; text: string } = { pattern: /x/, text: '' };
const context = createContext(input);
const script = new Script('pattern.lastIndex = 0; pattern.test(text)');

/** Processor time of a match in milliseconds; infinite if it takes longer than the limit. */
function matchMs(pattern: RegExp, text: string): number {
  input.pattern = pattern;
  input.text = text;
  const before = process.threadCpuUsage();
  try {
    script.runInContext(context, { timeout: limitMs });
  } catch {
    return Number.POSITIVE_INFINITY;
  }
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/** A match of a text of 20 KB may take this long. Backtracking over all pairs of characters takes longer. */
const suspectMs = 30;
/** Four times the text may take this many times as long. Linear is 4, quadratic is 16. */
const mostGrowth = 8;
const length = 20_000;

const all = expressions().filter(({ file }) => options.only === undefined || file.includes(options.only));
let slow = 0;
for (const { file, pattern } of all) {
  search: for (const beginning of beginnings(pattern))
    for (const piece of new Set([...pieces, beginning, `${beginning} `]))
      for (const end of ['\0', '']) {
        if (piece === '') continue;
        const hostile = (size: number) => beginning + piece.repeat(Math.ceil(size / piece.length)) + end;
        const ms = matchMs(pattern, hostile(length));
        if (ms < suspectMs) continue;
        const longer = matchMs(pattern, hostile(4 * length));
        if (ms !== Number.POSITIVE_INFINITY && longer / ms < mostGrowth) continue;
        slow += 1;
        const written = `/${pattern.source.slice(0, 150)}/${pattern.flags}`;
        const text = `${JSON.stringify(beginning)} and then ${JSON.stringify(piece)}`;
        console.log(`SLOW ${file}: ${written} takes ${ms.toFixed(0)} ms for ${length / 1000} KB of ${text}`);
        break search;
      }
}
console.log(`${all.length} regular expressions: ${slow} need a short input`);
process.exit(0);
