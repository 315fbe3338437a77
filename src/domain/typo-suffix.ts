// The ending of a domain: whether it is a real public suffix, and how far a written one is from the one that was meant.

import { parse } from 'tldts';
import { suffixes } from '../../data/packed/typo.ts';
import { typingCost } from './typo-distance.ts';

interface Suffix {
  readonly text: string;
  /** Subtracted from a cost: common endings are meant more often. */
  readonly bonus: number;
}

let common: readonly Suffix[] | null = null;
let commonTexts: ReadonlySet<string> | null = null;

const load = () => {
  common = suffixes.split('\n').map((line) => {
    const [text, weight] = line.split(' ') as [string, string];
    return { text, bonus: 0.3 * Math.log10(Number(weight) / 10) };
  });
  commonTexts = new Set(common.map(({ text }) => text));
};

// Names that RFC 2606, RFC 6761, RFC 6762, RFC 7686, RFC 8375 and ICANN set aside, and names of private networks: no misspellings.
const reserved = new Set(
  'test example invalid localhost local onion alt arpa internal lan home corp intranet private localdomain domain'.split(
    ' ',
  ),
);

const asIs = { extractHostname: false, validateHostname: false, detectIp: false } as const;

/** Whether `suffix` as a whole is a public suffix of ICANN's part of the list. */
export const isPublicSuffix = (suffix: string): boolean => {
  if (commonTexts === null) load();
  if (commonTexts!.has(suffix)) return true;
  const { publicSuffix, isIcann } = parse(`name.${suffix}`, asIs);
  return isIcann === true && publicSuffix === suffix;
};

/** Whether the last label of a name is a top-level domain that exists or is set aside. */
export const isTopLevelDomain = (label: string): boolean =>
  isPublicSuffix(label) ||
  reserved.has(label) ||
  // Some have rules for their second level only, such as *.ck, or co.za without za.
  parse(`name.co.${label}`, asIs).isIcann === true;

const isDigits = (text: string) => /^\d+$/.test(text);

/**
 * Repairs the ending of `labels` where its last label is no top-level domain: the whole name with the ending that was most
 * likely meant and what the repair costs, or null where none or more than one is near.
 */
export const repairSuffix = (labels: readonly string[]): { domain: string; cost: number } | null => {
  if (commonTexts === null) load();
  const last = labels.at(-1)!;
  if (labels.length < 2 || isDigits(last) || last.length > 6 || isTopLevelDomain(last)) return null;
  let best: { domain: string; cost: number } | null = null;
  let second = Number.POSITIVE_INFINITY;
  for (const depth of [1, 2]) {
    if (labels.length <= depth) continue;
    const written = labels.slice(-depth).join('.');
    const stem = labels.slice(0, -depth).join('.');
    for (const { text, bonus } of common!) {
      // A broken last label of a two-label ending is judged together with its first label only.
      if (depth === 2 && !text.includes('.')) continue;
      const raw = typingCost(written, text);
      if (raw > 1.5) continue;
      const cost = raw - bonus;
      const domain = `${stem}.${text}`;
      if (best === null || cost < best.cost) {
        if (best !== null && best.domain !== domain) second = best.cost;
        best = { domain, cost };
      } else if (domain !== best.domain) second = Math.min(second, cost);
    }
  }
  return best !== null && second - best.cost >= 0.1 ? best : null;
};
