// What holds for every text, not only for those that somebody thought of.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanAddress, splitAtSign } from '../../src/address/clean.ts';
import { isRoleAccount, plusTag } from '../../src/address/local-part.ts';
import { parseMailbox } from '../../src/address/parse.ts';
import { samePerson } from '../../src/address/same-person.ts';

/** Texts near the grammar, so that many are accepted and the others fail late. */
const pieces = [
  ...'aZ09.-_+@"\\ []:,<>()\u0000\u007f',
  'jane',
  'xn--',
  'xn--bcher-kva',
  'example.com',
  'IPv6:',
  '192.0.2.1',
  '::',
  ...'éüßσς例۱بא',
  ...[
    'e\u0301',
    '\u200c',
    '\u200d',
    '\u200b',
    '\u037e',
    '\ufe0f',
    '😀',
    '\ud800',
    '\u3002',
    '\u0966',
    'ſ',
    'Å',
  ],
];
const nearGrammar = fc.array(fc.constantFrom(...pieces), { maxLength: 24 }).map((parts) => parts.join(''));
const label = fc.array(fc.constantFrom(...'ab9-éüßσς例بאयक्षİıſÅ😀', 'e\u0301'), {
  minLength: 1,
  maxLength: 8,
});
const nearAddress = fc
  .tuple(nearGrammar, fc.array(label, { minLength: 1, maxLength: 4 }))
  .map(([local, labels]) => `${local}@${labels.map((parts) => parts.join('')).join('.')}`);
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 100 }),
  fc.emailAddress(),
  nearGrammar,
  nearAddress,
);

test('parsing never throws, and a refusal points into the text and quotes none of it', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const parsed = parseMailbox(text);
      if (parsed.ok) return;
      const { position, message } = parsed.failure;
      expect(position).toBeGreaterThanOrEqual(0);
      expect(position).toBeLessThanOrEqual(text.length);
      expect(message).toMatch(/^[A-Z][\w ,'@-]+\.$/i);
    }),
    { numRuns: 3000 },
  );
});

test('the address of a parsed mailbox parses to that mailbox', () => {
  let accepted = 0;
  fc.assert(
    fc.property(anyText, (text) => {
      const parsed = parseMailbox(text);
      if (!parsed.ok) return;
      accepted++;
      expect(parseMailbox(parsed.mailbox.address)).toEqual(parsed);
    }),
    { numRuns: 5000 },
  );
  expect(accepted).toBeGreaterThan(300);
});

test('an accepted address keeps every limit, in UTF-8 and as A-labels', () => {
  fc.assert(
    fc.property(fc.oneof(fc.emailAddress(), nearAddress), (text) => {
      const parsed = parseMailbox(text);
      if (!parsed.ok) return;
      const { localPart, domain, address } = parsed.mailbox;
      const octets = (part: string) => new TextEncoder().encode(part).length;
      expect(octets(localPart)).toBeLessThanOrEqual(64);
      expect(octets(address)).toBeLessThanOrEqual(254);
      expect(address).toBe(`${localPart}@${domain}`);
      expect(domain).toMatch(/^[a-z0-9.-]+$|^\[[^\]]+\]$/);
      for (const name of domain.split('.')) expect(name.length).toBeLessThanOrEqual(63);
    }),
    { numRuns: 2000 },
  );
});

test('a suggestion is valid, and never the text itself', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const cleaned = cleanAddress(text);
      if (cleaned === null) return;
      expect(parseMailbox(text).ok).toBe(false);
      expect(parseMailbox(cleaned).ok).toBe(true);
      expect(cleaned).not.toBe(text);
    }),
    { numRuns: 3000 },
  );
});

test('a split has a local part of the grammar and a domain without an at sign', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const split = splitAtSign(text);
      if (split === null) return;
      expect(parseMailbox(`${split.localPart}@example.com`).ok).toBe(true);
      expect(split.domain).toMatch(/^[^@]+$/);
    }),
    { numRuns: 3000 },
  );
});

test('facts and forms of an accepted address never throw, and the same-person form is stable', () => {
  fc.assert(
    fc.property(fc.oneof(fc.emailAddress(), nearAddress), (text) => {
      const parsed = parseMailbox(text);
      if (!parsed.ok) return;
      isRoleAccount(parsed.mailbox.localPart);
      plusTag(parsed.mailbox);
      const form = samePerson(parsed.mailbox);
      const again = parseMailbox(form);
      if (again.ok) expect(samePerson(again.mailbox)).toBe(form);
    }),
    { numRuns: 2000 },
  );
});

// Every loop of the parser moves forward over the text, and no text beyond 1,024 code units is read at all: the second
// is what these megabytes show, as any reading of them beyond linear would outlast the test's time limit.
const hostile = [
  '"',
  '@',
  '.',
  '\\',
  '"\\',
  'a',
  'a.',
  ' ',
  '<',
  'é',
  '\u0301',
  '@a',
  'xn--',
  '[',
  '(at)',
  ' at ',
  '%',
  '\ud800',
];
for (const unit of hostile)
  test(`a megabyte of ${JSON.stringify(unit)} is refused at once`, () => {
    const text = unit.repeat(1_000_000 / unit.length);
    for (const whole of [text, `jane@${text}`, `"${text}`, `mailto:${text}`, `jane@[${text}`]) {
      expect(parseMailbox(whole)).toMatchObject({ ok: false, failure: { code: 'address_too_long' } });
      expect(cleanAddress(whole)).toBeNull();
      expect(splitAtSign(whole)).toBeNull();
    }
  });
