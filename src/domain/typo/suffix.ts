// Decides whether the ending of a domain is a public suffix, and corrects misspelled endings.

import { parse } from 'tldts';
import { suffixes } from '../../../data/packed/typo.js';
import { dataPart, entriesBy } from '../../data-part.ts';
import { findSpecialUse } from '../special-use.ts';
import { typingCost } from './distance.ts';

interface CommonSuffix {
  readonly text: string;
  /** A discount on the cost of misspelling this ending. It is higher for popular endings. */
  readonly bonus: number;
}

interface CommonSuffixes {
  readonly list: readonly CommonSuffix[];
  readonly texts: ReadonlySet<string>;
}

export const commonSuffixes = dataPart({
  name: 'typo-suffixes',
  builtIn: () => suffixes,
  ...entriesBy('\n', /^[a-z0-9-]+(?:\.[a-z0-9-]+)* [1-9]\d*$/),
  build: (lines): CommonSuffixes => {
    const list = lines.split('\n').map((line) => {
      const [text, weight] = line.split(' ') as [string, string];
      return { text, bonus: 0.3 * Math.log10(Number(weight) / 10) };
    });
    return { list, texts: new Set(list.map(({ text }) => text)) };
  },
});

const common = commonSuffixes.current;

/** Top-level domains that are used in private networks. Like special-use names, they are never corrected. */
const privateEndings = new Set('lan home corp intranet private localdomain domain'.split(' '));

const isReserved = (label: string): boolean =>
  privateEndings.has(label) || (!/^\d/.test(label) && findSpecialUse(`name.${label}`) !== null);

/** Options with which tldts does not check the name. */
const asIs = { extractHostname: false, validateHostname: false, detectIp: false } as const;

/** Whether `suffix` is in data/typo-suffixes.tsv, the list of the most popular endings. */
export const isCommonSuffix = (suffix: string): boolean => common().texts.has(suffix);

/** Whether `suffix` is a public suffix by the ICANN part of the public suffix list. False for `example.com`. */
export const isPublicSuffix = (suffix: string): boolean => {
  if (isCommonSuffix(suffix)) return true;
  const { publicSuffix, isIcann } = parse(`name.${suffix}`, asIs);
  return isIcann === true && publicSuffix === suffix;
};

/** Whether `label` is a top-level domain that exists or is reserved. */
export const isTopLevelDomain = (label: string): boolean =>
  isPublicSuffix(label) ||
  isReserved(label) ||
  // The public suffix list contains some top-level domains only with a second level: co.za, but not za.
  parse(`name.co.${label}`, asIs).isIcann === true;

/** The last label of a suffix. */
export const lastLabel = (suffix: string): string => suffix.slice(suffix.lastIndexOf('.') + 1);

/** Maximum cost of a correction in the unit of `typingCost`: about 1 for an ordinary typing error. */
const furthest = 1.5;
/** If the costs of the two best corrections differ by less than this, neither is chosen. */
const tie = 0.1;

export interface SuffixRepair {
  /** The whole domain with the intended ending. */
  readonly domain: string;
  /** Whether the correction is certain enough for the confidence `likely`. */
  readonly certain: boolean;
}

/**
 * Corrects the ending of a domain, which is given as a list of labels. Corrects it only if the top-level domain does not exist
 * (acme.con, acme.co.ul), or if the top-level domain is a country and the label before it is a misspelled `com` (acme.con.br).
 * Returns null if the ending is valid, if no popular ending resembles it, or if several resemble it almost equally.
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
