// Packs bounce-rules.txt and enhanced-status.tsv into the modules that src/bounce imports.

import type { Artefact } from './artefact.ts';
import { readData } from './tsv.ts';

const header = (source: string) =>
  `// Generated from data/${source}: edit that file and run npm run data.\n\n`;

const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !line.startsWith('#'));

/**
 * Returns the text of the module with the rules in order. Each rule is `[name, fault, reason, conditions, phrases]`. In
 * the phrases, word sets such as `{box}` are replaced by their words. The samples (lines with `>`) are left out.
 */
export function packBounceRules(source: string): string {
  const rules: [string, string, string, string[], string[]][] = [];
  const sets = new Map<string, string>();
  for (const line of lines(source)) {
    if (line.startsWith('>')) continue;
    const set = /^\{([a-z-]+)\} = (.+)$/.exec(line);
    if (set) {
      const [, name = '', words = ''] = set;
      const before = sets.get(name);
      sets.set(name, before === undefined ? words : `${before}|${words}`);
    } else if (line.startsWith('  ')) {
      const rule = rules.at(-1);
      if (rule === undefined) throw new Error(`phrase before any rule: ${line}`);
      const phrases = rule[4];
      if (line.startsWith('   ')) phrases.push(continued(phrases.pop() ?? '', line.trim()));
      else phrases.push(line.trim());
    } else {
      const [name = '', fault = '', reason = '', ...conditions] = line.split(' ');
      rules.push([name, fault, reason, conditions, []]);
    }
  }
  for (const rule of rules) rule[4] = rule[4].map((phrase) => withSets(phrase, sets));
  return `${header('bounce-rules.txt')}/** Name, fault, reason, conditions, phrases. */
export type PackedRule = readonly [string, string, string, readonly string[], readonly string[]];

export const bounceRules: readonly PackedRule[] = [\n${rules.map((rule) => `  ${JSON.stringify(rule)},\n`).join('')}];\n`;
}

/** Joins a phrase and its continuation line: without a space if the phrase ends in `|`, otherwise with one. */
const continued = (phrase: string, rest: string) =>
  phrase.endsWith('|') ? phrase + rest : `${phrase} ${rest}`;

/** `({box}|name)` → `(user|recipient|…|name)`, and `{box}` alone → `(user|recipient|…)`. */
function withSets(phrase: string, sets: ReadonlyMap<string, string>): string {
  const words = (name: string) => {
    const found = sets.get(name);
    if (found === undefined) throw new Error(`undefined word set {${name}}: ${phrase}`);
    return found;
  };
  return phrase
    .replace(/\([^)]*\)/g, (choice) => choice.replace(/\{([a-z-]+)\}/g, (_, name: string) => words(name)))
    .replace(/\{([a-z-]+)\}/g, (_, name: string) => `(${words(name)})`);
}

/**
 * Returns the text of the module with the statuses. Each is `[status, weight, reason, meaning, advice or null]`. A
 * range such as `4.7.500-699` is written as one entry for each status.
 */
export function packEnhancedStatus(source: string): string {
  const rows = lines(source).flatMap((line) => {
    const [range = '', weight, reason, meaning, advice] = line.split('\t');
    return statuses(range).map((status) => [status, weight, reason, meaning, advice ?? null]);
  });
  return `${header('enhanced-status.tsv')}/** Status, weight, reason, meaning, advice if it differs from the reason's. */
export type PackedStatus = readonly [string, string, string, string, string | null];

export const enhancedStatuses: readonly PackedStatus[] = [\n${rows.map((row) => `  ${JSON.stringify(row)},\n`).join('')}];\n`;
}

function statuses(range: string): string[] {
  const [first = '', last] = range.split('-');
  if (last === undefined) return [first];
  const dot = first.lastIndexOf('.') + 1;
  const from = Number(first.slice(dot));
  return Array.from({ length: Number(last) - from + 1 }, (_, at) => first.slice(0, dot) + (from + at));
}

export const bounceArtefacts = (): Artefact[] => [
  { path: 'packed/bounce-rules.ts', text: packBounceRules(readData('bounce-rules.txt')) },
  { path: 'packed/enhanced-status.ts', text: packEnhancedStatus(readData('enhanced-status.tsv')) },
];
