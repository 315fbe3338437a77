// Fits the constants of the typing-error model (src/domain/typo/constants.ts) on generated slips. Moves one constant at a time by
// a step up or down, and keeps the change if it lowers the loss. Half of the slips and of the real domains are held out: they take
// no part in the fit, and a result that is not better on them is discarded.

import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { generateSlips, knownDomains, type Slip } from './slips.ts';

/** How the model does with a set of constants. All figures are between 0 and 1. */
export interface Fitness {
  /** The share of slips that are corrected to the intended domain, each by its weight. */
  readonly right: number;
  /** The share of slips that are corrected to another domain. */
  readonly wrong: number;
  /** The share of known real domains that would be corrected if no list protected them. */
  readonly corrected: number;
  /** What the fit minimizes. */
  readonly loss: number;
}

/** A wrong correction costs as much as this many missed ones, because mail then goes to another person. */
const wrongCost = 5;
/**
 * What the share of real domains that are corrected costs. The known domains are those nearest to providers. People type them so
 * rarely that correcting all of them costs as much as missing half of the slips.
 */
const correctedCost = 0.5;
/** Factors by which a constant is changed. */
const steps = [1.1, 0.9];
const mostRounds = 2;

type Suggest = (domain: string) => { readonly domain: string } | null;
interface Engine {
  readonly suggestDomain: Suggest;
  readonly suggestForUnused: Suggest;
}

const constantsFile = new URL('../../src/domain/typo/constants.ts', import.meta.url);
const engineFile = new URL('../../src/domain/typo/suggest.ts', import.meta.url);
const numbers = /^( +)(\w+): ([\d.]+),$/gm;

/** The names and values of all constants in the text of constants.ts, in their order. */
export const constantsIn = (text: string): { readonly name: string; readonly value: number }[] =>
  [...text.matchAll(numbers)].map(([, , name, value]) => ({ name: name!, value: Number(value) }));

/** The text of constants.ts with these values, in the order of `constantsIn`. */
export const withValues = (text: string, values: readonly number[]): string => {
  let index = 0;
  return text.replace(numbers, (_, indent, name) => `${indent}${name}: ${values[index++]},`);
};

const texts = new Map<string, string>();

/** Loads another instance of the typo engine for each text of constants.ts. The marker in the URL passes on to its imports. */
const hookEngines = () =>
  registerHooks({
    resolve(specifier, context, next) {
      const marker = new URL(context.parentURL ?? 'file:///').search;
      const resolved = next(specifier, context);
      const isEngine = marker !== '' && resolved.url.includes('/src/domain/typo/');
      return isEngine ? { ...resolved, url: resolved.url.split('?')[0] + marker } : resolved;
    },
    load(url, context, next) {
      const { search, pathname } = new URL(url);
      const text = pathname === constantsFile.pathname ? texts.get(search) : undefined;
      return text === undefined
        ? next(url, context)
        : { format: 'module-typescript', source: text, shortCircuit: true };
    },
  });

const engineWith = async (text: string): Promise<Engine> => {
  const marker = `?fit=${texts.size}`;
  texts.set(marker, text);
  return await import(engineFile.href + marker);
};

/** Measures how an engine corrects `slips`, and how many of the real domains `known` it would correct. */
export function fitnessOf(engine: Engine, slips: readonly Slip[], known: readonly string[]): Fitness {
  let all = 0;
  let right = 0;
  let wrong = 0;
  for (const { written, meant, weight } of slips) {
    const domain = engine.suggestDomain(written)?.domain;
    all += weight;
    if (domain === meant) right += weight;
    else if (domain !== undefined) wrong += weight;
  }
  const corrected = known.filter((domain) => engine.suggestForUnused(domain) !== null).length;
  const shares = { right: right / all, wrong: wrong / all, corrected: corrected / known.length };
  const loss = 1 - shares.right - shares.wrong + wrongCost * shares.wrong + correctedCost * shares.corrected;
  return { ...shares, loss };
}

const shown = ({ right, wrong, corrected, loss }: Fitness): string =>
  `right ${right.toFixed(4)}, wrong ${wrong.toFixed(4)}, real corrected ${corrected.toFixed(4)}, loss ${loss.toFixed(4)}`;

/** Divides a list into the half that is fitted and the half that is held out, by a hash of the text of each item. */
export function halves<Item>(
  items: readonly Item[],
  textOf: (item: Item) => string,
): readonly [Item[], Item[]] {
  const parts: [Item[], Item[]] = [[], []];
  for (const item of items) {
    let hash = 0;
    for (const character of textOf(item)) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
    parts[(hash >>> 16) & 1]!.push(item);
  }
  return parts;
}

/**
 * Prints the fitness before and after, on both halves, and each constant that changes. Returns the text of constants.ts with the
 * new values, or unchanged if they are not better on the half that was held out.
 */
export async function fit(print: (line: string) => void = console.log): Promise<string> {
  const [slips, otherSlips] = halves(generateSlips(), ({ written }) => written);
  const [known, otherKnown] = halves(knownDomains(), (domain) => domain);
  const text = readFileSync(constantsFile, 'utf8');
  const named = constantsIn(text);
  const hooks = hookEngines();
  const measure = async (values: readonly number[]): Promise<Fitness> =>
    fitnessOf(await engineWith(withValues(text, values)), slips, known);
  const measureHeldOut = async (values: readonly number[]): Promise<Fitness> =>
    fitnessOf(await engineWith(withValues(text, values)), otherSlips, otherKnown);

  const values = named.map(({ value }) => value);
  const before = await measure(values);
  print(`${slips.length} slips, ${known.length} real domains, ${values.length} constants`);
  print(`before: ${shown(before)}`);
  const heldOutBefore = await measureHeldOut(values);
  print(`before, held out: ${shown(heldOutBefore)}`);
  let best = before;
  let isBetter = true;
  for (let round = 0; isBetter && round < mostRounds; round += 1) {
    isBetter = false;
    for (const index of values.keys())
      for (const step of steps) {
        const tried = values.with(index, Number((values[index]! * step).toFixed(3)));
        const fitness = await measure(tried);
        if (fitness.loss >= best.loss - 1e-6) continue;
        values[index] = tried[index]!;
        best = fitness;
        isBetter = true;
        break;
      }
  }
  const heldOut = await measureHeldOut(values);
  hooks.deregister();
  for (const [index, { name, value }] of named.entries())
    if (value !== values[index]) print(`  ${name}: ${value} → ${values[index]}`);
  print(`after:  ${shown(best)}`);
  print(`after, held out: ${shown(heldOut)}`);
  return heldOut.loss < heldOutBefore.loss ? withValues(text, values) : text;
}
