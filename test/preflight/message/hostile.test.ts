// Whatever a message contains, the check answers, and the work does not grow faster than the message.

import { expect, test } from 'vitest';
import { readHtml } from '../../../src/preflight/message/html-content.ts';
import { messageLimits, readStructure } from '../../../src/preflight/message/mime.ts';
import { checkRaw, messageOf } from './sound-message.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A generator of numbers below `most` from a seed (mulberry32), so that each run has the same messages. */
const chance = (seed: number) => {
  let state = seed;
  return (most: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
  };
};

const pieces = [
  ...[
    'From: a@example.net',
    'From: <',
    'Subject: =?utf-8?B?',
    'Content-Type: multipart/mixed; boundary=b',
    '\r\n',
    '\n',
    '\r',
  ],
  ...[
    'Content-Type: text/html; charset="',
    'Content-Transfer-Encoding: base64',
    '--b',
    '--b--',
    '\0',
    '\ud800',
    '(',
    ')',
    '"',
    '<',
    '>',
  ],
  ...[
    '<a href="http://[',
    '&#x110000;',
    '&#55296;',
    '<!--',
    '=',
    '=3D',
    'DKIM-Signature: v=1; a=rsa-sha256; d=',
    '; h=from; bh=; b=',
    ';',
  ],
  ...[
    'List-Unsubscribe: <',
    'Date: ',
    'filename*0*=',
    "utf-8''%ff",
    'Content-Type: message/rfc822',
    'https://xn--',
    '@',
    '\t',
    ' ',
  ],
  ...['Return-Path: <@>', 'Message-ID: <', 'charset=utf-16', 'charset=iso-2022-jp', '\ufeff', 'é'],
];

test.each([1, 2, 3, 4])(
  'messages of random pieces, and sound ones with random changes, seed %i',
  async (seed) => {
    const next = chance(seed);
    const sound = await messageOf({});
    for (let round = 0; round < 150; round++) {
      const made = Array.from({ length: next(60) }, () => pieces[next(pieces.length)]!).join(
        next(2) ? '' : '\r\n',
      );
      const changed = sound.slice();
      for (let change = next(20); change > 0; change--) changed[next(changed.length)] = next(256);
      const cut = changed.subarray(next(100), changed.length - next(changed.length));
      for (const raw of [bytes(made), changed, cut]) {
        const { findings, facts } = await checkRaw(raw);
        for (const { name } of facts.attachments) expect(name).not.toMatch(/\p{Cc}/u);
        expect(() => JSON.stringify({ findings, facts })).not.toThrow();
        for (const { seen, publish } of findings) {
          expect(seen).not.toMatch(/undefined|NaN|\p{Cc}/u);
          expect(seen.length).toBeLessThan(1500);
          expect(publish?.value.length).toBeLessThan(5000);
        }
      }
    }
  },
);

test('an empty message', async () => {
  const { domain, findings } = await checkRaw(new Uint8Array());
  expect(domain).toBeNull();
  expect(findings.map(({ code }) => code)).toContain('from_missing');
});

test('parts, headers and nesting are read up to their limits', () => {
  const start = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n';
  const many = readStructure(bytes(`${start}${'--b\r\n\r\n'.repeat(2000)}`));
  expect(many.parts).toHaveLength(messageLimits.parts);
  expect(many.exceeded).toContain('parts');
  let nested = '';
  for (let depth = 0; depth < 200; depth++)
    nested += `Content-Type: multipart/mixed; boundary=b${depth}x\r\n\r\n--b${depth}x\r\n`;
  expect(readStructure(bytes(nested)).exceeded).toContain('depth');
  expect(readStructure(bytes('A: b\r\n'.repeat(5000))).headers).toHaveLength(messageLimits.headers);
  expect(readStructure(bytes(`A: ${'b'.repeat(300_000)}\r\nB: c\r\n\r\n`)).exceeded).toContain('headerBytes');
});

test('links are read up to their limit', () => {
  const { links, isCut } = readHtml('<a href="https://example.net/">a</a>'.repeat(3000));
  expect(links).toHaveLength(2000);
  expect(isCut).toBe(true);
});

/** The least time of three, in milliseconds. */
async function leastMs(work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const from = performance.now();
    await work();
    least = Math.min(least, performance.now() - from);
  }
  return least;
}

/** Different letters that take long to encode. */
const various = (length: number): string =>
  Array.from({ length }, (_, at) => String.fromCharCode(0x4e00 + ((at * 7919) % 20_000))).join('');

const html = 'From: a@example.net\r\nContent-Type: text/html\r\n\r\n';
const growing: readonly (readonly [what: string, start: string, piece: string])[] = [
  ['tags without an end', html, '<a b="'],
  ['tags that begin', html, '<'],
  ['comments without an end', html, '<!-- '],
  ['quotes of both kinds', html, `<a x='" y="' `],
  ['titles without an end', html, '<title>'],
  ['attributes', `${html}<a`, ' a='],
  ['links', html, '<a href="http://example.net/">'],
  ['addresses in text', 'From: a@example.net\r\n\r\n', 'http://x '],
  ['short lines', 'From: a@example.net\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n', '--\r\n'],
  ['boundaries', 'From: a@example.net\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n', '--b\r\n'],
  ['addresses in From', 'From: ', '<a@b.c>,'],
  ['brackets in From', 'From: ', '('],
  ['parameters', 'Content-Type: text/html', ';a="'],
  ['brackets in List-Unsubscribe', 'List-Unsubscribe: ', '<'],
  ['spaces in a Date', 'Date: Fri, 20 Nov', ' '],
];

// A quadratic function takes 16 times as long for 4 times the input.
test.each(growing)('the time for %s grows no faster than the message', async (_, start, piece) => {
  const of = (size: number) => bytes(start + piece.repeat(size / piece.length));
  const [small, large] = [of(100_000), of(400_000)];
  const base = await leastMs(() => checkRaw(small));
  expect(await leastMs(() => checkRaw(large))).toBeLessThan(Math.max(base * 10, 150));
});

// Each message is at the limit of what is read, so that a function that is quadratic in one address or one field takes seconds.
const signature =
  'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=s1; h=from; bh=A; b=A\r\n';
test.each([
  [
    'punctuation after addresses',
    `From: a@example.net\r\n\r\n${`http://${'!'.repeat(1990)}a `.repeat(2000)}`,
  ],
  ['labels of hosts', `${html}${`<a href="http://${'a.'.repeat(2000)}com/">x</a>`.repeat(1000)}`],
  ['letters of hosts', `${html}${`<a href="http://${various(1300)}.com/">x</a>`.repeat(1000)}`],
  ['letters of the domain in From', `From: a@${various(2700)}.com\r\n`.repeat(30)],
  ['lines of a signed field', `${signature}From: a@example.net${'\r\n '.repeat(80_000)}x\r\n\r\nx`],
  ['lines without a colon', `${signature}From: a@example.net\r\n${'x\r\n'.repeat(80_000)}\r\nx`],
])('%s take little time', async (_, text) => {
  const raw = bytes(text);
  expect(await leastMs(() => checkRaw(raw))).toBeLessThan(1000);
});

test('a host that is longer than DNS allows leads nowhere, and one that is not is read', async () => {
  const codes = async (host: string) =>
    (await checkRaw(bytes(`${html}<a href="https://${host}/">x</a>`))).findings.map(({ code }) => code);
  const label = 'a'.repeat(63);
  const longest = `${[label, label, label, 'a'.repeat(57)].join('.')}.com`;
  expect(longest).toHaveLength(253);
  expect(await codes(`${longest}.:443`)).not.toContain('link_invalid');
  expect(await codes(`name:${'x'.repeat(300)}@${longest}`)).not.toContain('link_invalid');
  expect(await codes(`a${longest}`)).toContain('link_invalid');
});
