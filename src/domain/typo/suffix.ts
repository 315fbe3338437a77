// Checks whether the ending of a domain is a public suffix, and finds the intended one if it is not.

import { parse } from 'tldts';
import { suffixes } from '../../../data/packed/typo.js';
import { findSpecialUse } from '../special-use.ts';
import { typingCost } from './distance.ts';

interface CommonSuffix {
  readonly text: string;
  /** The discount for a popular ending. */
  readonly bonus: number;
}

interface CommonSuffixes {
  readonly list: readonly CommonSuffix[];
  readonly texts: ReadonlySet<string>;
}

let loaded: CommonSuffixes | null = null;

const common = (): CommonSuffixes => {
  if (loaded !== null) return loaded;
  const list = suffixes.split('\n').map((line) => {
    const [text, weight] = line.split(' ') as [string, string];
    return { text, bonus: 0.3 * Math.log10(Number(weight) / 10) };
  });
  loaded = { list, texts: new Set(list.map(({ text }) => text)) };
  return loaded;
};

/** Endings of private networks. Like special-use names, they are not misspellings. */
const privateEndings = new Set('lan home corp intranet private localdomain domain'.split(' '));

const isReserved = (label: string): boolean =>
  privateEndings.has(label) || (!/^\d/.test(label) && findSpecialUse(`name.${label}`) !== null);

const asIs = { extractHostname: false, validateHostname: false, detectIp: false } as const;

/** Whether `suffix` is in the list of common endings, which most domains have. */
export const isCommonSuffix = (suffix: string): boolean => common().texts.has(suffix);

/** Whether `suffix` as a whole is in the ICANN part of the public suffix list. */
export const isPublicSuffix = (suffix: string): boolean => {
  if (isCommonSuffix(suffix)) return true;
  const { publicSuffix, isIcann } = parse(`name.${suffix}`, asIs);
  return isIcann === true && publicSuffix === suffix;
};

/** Whether `label` is a top-level domain that exists or is reserved. */
export const isTopLevelDomain = (label: string): boolean =>
  isPublicSuffix(label) ||
  isReserved(label) ||
  // Some top-level domains are in the list only with a second level: it has co.za, but not za.
  parse(`name.co.${label}`, asIs).isIcann === true;

/** The last label of a suffix. */
export const lastLabel = (suffix: string): string => suffix.slice(suffix.lastIndexOf('.') + 1);

/** Maximum cost of a correction, in single-key typos. */
const furthest = 1.5;
/** Two repairs tie if their costs differ by less than this. */
const tie = 0.1;

export interface SuffixRepair {
  /** The complete name with the intended ending. */
  readonly domain: string;
  readonly certain: boolean;
}

/**
 * Repairs the ending of a name whose last label is not a top-level domain (acme.con, acme.co.ul), or whose
 * second-to-last label resembles its country's `com` (acme.con.br). Null if the ending is valid, or if no ending
 * or several are close.
 */
export const repairSuffix = (labels: readonly string[]): SuffixRepair | null => {
  const last = labels.at(-1)!;
  if (labels.length < 2 || last.length < 2 || last.length > 6 || /^\d+$/.test(last)) return null;
  const known = isTopLevelDomain(last);
  if (known && (labels.length < 3 || last.length > 2 || labels.at(-2)!.length < 3)) return null;

  let best: { domain: string; cost: number } | null = null;
  let second = Number.POSITIVE_INFINITY;
  for (const depth of known ? [2] : [1, 2]) {
    if (labels.length <= depth) continue;
    const written = labels.slice(-depth).join('.');
    const stem = labels.slice(0, -depth).join('.');
    if (isPublicSuffix(written)) return null;
    for (const { text, bonus } of common().list) {
      if (Math.abs(text.length - written.length) > 1) continue;
      if (depth === 2 && (!text.includes('.') || (known && text !== `com.${last}`))) continue;
      const slip = typingCost(written, text, known ? 1 : furthest);
      if (slip === Number.POSITIVE_INFINITY) continue;
      const repair = { domain: `${stem}.${text}`, cost: slip - bonus };
      if (best === null || repair.cost < best.cost) {
        if (best !== null) second = best.cost;
        best = repair;
      } else second = Math.min(second, repair.cost);
    }
  }
  if (best === null || second - best.cost < tie) return null;
  return { domain: best.domain, certain: !known && best.cost <= 1 };
};
