// The fast check gives the same answer as the whole search. Capital letters turn it off.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mailDomains } from '../../../data/packed/typo.js';
import { typoModel } from '../../../src/domain/typo/model.ts';
import { suggestDomain } from '../../../src/domain/typo/suggest.ts';
import { isUnrelated } from '../../../src/domain/typo/unrelated.ts';

const providers = mailDomains.split('\n').map((line) => line.split(' ')[0]!);
const endings = 'com de co.uk com.br net au io com.ec it xyz yahoo live k12.ca.us nonsense'.split(' ');

const isFast = (domain: string) => isUnrelated(domain);

/** One letter of `text` is dropped, added or replaced. */
const edited = (text: string) =>
  fc
    .tuple(fc.nat(2), fc.nat(text.length), fc.stringMatching(/^[a-z0-9.-]$/))
    .map(
      ([kind, at, put]) =>
        text.slice(0, at) + (kind === 0 ? '' : put) + text.slice(at + (kind === 1 ? 0 : 1)),
    );

const misspelled = fc
  .constantFrom(...providers)
  .chain(edited)
  .chain((text) => fc.oneof(fc.constant(text), edited(text)));
const elsewhere = fc
  .tuple(misspelled, fc.constantFrom(...endings))
  .map(([text, ending]) => `${text.split('.')[0]}.${ending}`);
const companies = fc
  .tuple(fc.stringMatching(/^[a-z]{3,12}$/), fc.constantFrom(...endings))
  .map(([name, ending]) => `${name}.${ending}`);

test('the answer with the fast check is the answer without it', () => {
  fc.assert(
    fc.property(fc.oneof(misspelled, elsewhere, companies), (domain) => {
      fc.pre(!typoModel().real.has(domain));
      expect(suggestDomain(domain)).toEqual(suggestDomain(domain.toUpperCase()));
    }),
    { numRuns: 4000 },
  );
});

test.each(['siemens.com', 'a-company.de', 'company.co.uk', 'bakery.io', 'm3.xyz', 'lindner.com'])(
  'fast: %s',
  (domain) => {
    expect(isFast(domain)).toBe(true);
    expect(suggestDomain(domain)).toBeNull();
  },
);

test.each([
  ['another script', 'xn--gmal-nza.com'],
  ['a capital letter', 'Siemens.com'],
  ['no dot', 'siemens'],
  ['a dot at the end', 'siemens.com.'],
  ['a hyphen at an edge', 'siemens-.com'],
  ['an ending that does not exist', 'siemens.con'],
  ['more labels than an ending has', 'mail.siemens.com'],
  ['a run of letters', 'gmaaail.com'],
  ['a dot missing after a name', 'gmailcom.br'],
  ['an ending twice', 'gmailcom.com'],
  ['an ending twice, after a hyphen', 'gmail-com.com'],
  ['labels that are swapped', 'com.yahoo'],
  ['a hyphen too many', 'g-mail.com'],
  ['a name under another ending', 'gmail.io'],
  ['a slip in a name', 'gmial.com'],
])('left to the whole search: %s', (_, domain) => {
  expect(isFast(domain)).toBe(false);
});
