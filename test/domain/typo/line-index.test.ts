// The index of lines finds what a Map of the same lines finds.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { companies, knownDomains, mailDomains } from '../../../data/packed/typo.js';
import { lineIndex } from '../../../src/domain/typo/line-index.ts';
import { typoModel } from '../../../src/domain/typo/model.ts';

const word = fc.oneof(fc.stringMatching(/^[ab.]{1,3}$/), fc.stringMatching(/^[a-z0-9-]{1,12}\.[a-z]{2,3}$/));
const line = fc
  .tuple(word, fc.constantFrom('', ' 7', ' 16 isp'), fc.boolean())
  .map(([first, rest, isEmpty]) => (isEmpty ? '' : first + rest));

test('the first line with a word is found, and no line without it', () => {
  fc.assert(
    fc.property(fc.array(line), fc.array(line), fc.array(word), (lines, after, others) => {
      const text = lines.join('\n');
      const map = new Map<string, number>();
      let start = 0;
      for (const one of lines) {
        const first = one.split(' ')[0]!;
        if (first !== '' && !map.has(first)) map.set(first, start);
        start += one.length + 1;
      }
      for (const searches of [0, 5, 1000]) {
        const { find } = lineIndex([text, ...after].join('\n'), text.length, searches);
        for (const one of ['', ...map.keys(), ...others]) expect(find(one)).toBe(map.get(one) ?? -1);
      }
    }),
    { numRuns: 200 },
  );
});

test.each([0, 100])(
  'a word that begins or ends like another is another word: indexed after %i searches',
  (searches) => {
    const text = 'gmail.com 100\ngmail.co\n\nmail.com';
    const { find } = lineIndex(text, text.length, searches);
    expect(['gmail.com', 'gmail.co', 'mail.com'].map(find)).toEqual([0, 14, 24]);
    for (const other of [
      'gmail.c',
      'gmail.comm',
      'ail.com',
      'mail.co',
      'mail.com.br',
      '100',
      'gmail.com 100',
      'gmail.com ',
      'gmail.co\n',
      ' ',
      '\n',
    ])
      expect(find(other)).toBe(-1);
  },
);

// The sets of the model, built from the packed texts in the plainest way.
const mailboxes = new Map(
  mailDomains.split('\n').map((row): [string, number] => [row.split(' ')[0]!, Number(row.split(' ')[1])]),
);
const real = new Set([...mailboxes.keys(), ...knownDomains.split('\n'), ...companies.split('\n')]);
const targets = new Set([...mailboxes].filter(([, weight]) => weight >= 6).map(([domain]) => domain));

test('the model has the domains of the lists, and no others', () => {
  const { real: isReal, mailboxDomains, targets: isTarget } = typoModel();
  const asked = [...real].flatMap((domain) => [
    domain,
    `${domain}m`,
    domain.slice(1),
    domain.slice(0, -1),
    `a${domain}`,
  ]);
  const differing = [...asked, '', 'gmail', 'com', 'gmail.com 100'].filter(
    (domain) =>
      isReal.has(domain) !== real.has(domain) ||
      mailboxDomains.has(domain) !== mailboxes.has(domain) ||
      isTarget.has(domain) !== targets.has(domain),
  );
  expect(differing).toEqual([]);
});
