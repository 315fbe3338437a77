// Packs the lists that the typo engine reads into one module.

import { type Artefact, constant } from './artefact.ts';
import { retiredProviders } from './retired.ts';
import { readData, rows as rowsOf } from './tsv.ts';

const rows = (file: string): string[][] => rowsOf(readData(file));

const sorted = (lines: Iterable<string>) => [...new Set(lines)].sort().join('\n');

export const typoArtefact = (): Artefact => {
  const mailDomains = rows('mail-domains.tsv');
  const listed = new Set(mailDomains.map(([domain]) => domain!));
  const retired = new Set(retiredProviders().map(({ domain }) => domain));
  const known = rows('typo-known-domains.txt').map(([domain]) => domain!);
  return {
    path: 'packed/typo.js',
    text:
      constant(
        'data/mail-domains.tsv; a line is `domain weight`, with ` isp` for an access provider; weight 0 is never suggested.',
        'mailDomains',
        sorted(
          mailDomains.map(
            ([domain, , kind, weight]) =>
              `${domain} ${kind === 'relay' || retired.has(domain!) ? 0 : weight}${kind === 'isp' ? ' isp' : ''}`,
          ),
        ),
      ) +
      constant(
        'data/typo-known-domains.txt; other domains that exist and look like misspellings.',
        'knownDomains',
        sorted(known.filter((domain) => !listed.has(domain))),
      ) +
      constant(
        'the coined names of data/imitated-domains.tsv.',
        'companies',
        sorted(
          rows('imitated-domains.tsv')
            .filter(([, coined]) => coined !== undefined)
            .map(([domain]) => domain!),
        ),
      ) +
      constant(
        'data/typo-brands.tsv; coined names of providers, `everywhere` where any country code may be theirs.',
        'brands',
        sorted(rows('typo-brands.tsv').map((columns) => columns.join(' '))),
      ) +
      constant(
        'data/typo-suffixes.tsv; a line is `suffix weight`.',
        'suffixes',
        sorted(rows('typo-suffixes.tsv').map((columns) => columns.join(' '))),
      ),
  };
};
