// The packed disposable domains are what the sources say, and hit nobody else.

import { describe, expect, test } from 'vitest';
import { buildArtefacts, guardedDomains } from '../../data/packer/artefacts.ts';
import { compareRecords, mergeDisposable, normaliseEntry } from '../../data/packer/disposable.ts';
import { type DisposableSource, disposableSources } from '../../data/packer/disposable-sources.ts';
import { readData, rows } from '../../data/packer/tsv.ts';
import { describeName } from '../../src/domain/describe.ts';
import { isDisposable } from '../../src/domain/disposable.ts';
import { registrableDomain } from '../../src/domain/registrable.ts';

const disposable = (domain: string): boolean => isDisposable(domain, registrableDomain(domain) ?? domain);

interface SuffixTrie {
  /** 1 = a suffix of a registry, 2 = of a private operator. */
  readonly nodeFlags: Uint8Array;
  readonly edgeStart: Uint16Array;
  readonly edgeLength: Uint8Array;
  readonly edgeChild: Uint16Array;
  readonly labelText: string;
  readonly rulesRoot: number;
}

/** Every rule of the public suffix list that tldts carries; `any` stands for a wildcard. */
const publicSuffixes = async (): Promise<string[]> => {
  const file = new URL('../../node_modules/tldts/dist/es6/src/data/trie.js', import.meta.url);
  const trie = (await import(file.href)) as SuffixTrie;
  const labels: string[] = [];
  let offset = 0;
  for (const length of trie.edgeLength) {
    labels.push(trie.labelText.slice(offset, offset + length));
    offset += length;
  }
  const found: string[] = [];
  const walk = (node: number, suffix: string): void => {
    if (trie.nodeFlags[node] !== 0 && suffix !== '') found.push(suffix);
    for (let edge = trie.edgeStart[node]!; edge < trie.edgeStart[node + 1]!; edge++) {
      const label = labels[edge] === '*' ? 'any' : labels[edge]!;
      walk(trie.edgeChild[edge]!, suffix === '' ? label : `${label}.${suffix}`);
    }
  };
  walk(trie.rulesRoot, '');
  return found;
};

describe('packed equals sources', () => {
  const { artefacts, records, leftOut } = buildArtefacts();

  test.each(artefacts.map(({ path, text }) => ({ path, text })))('$path is up to date', ({ path, text }) => {
    expect(readData(path) === text, `data/${path} differs from its sources: npm run data`).toBe(true);
  });

  test('every entry of a source that decides or suggests is found, unless it is guarded, a public suffix or precious', () => {
    const refused = new Set([...leftOut.guarded, ...leftOut.publicSuffix]);
    const lost: string[] = [];
    for (const source of disposableSources.filter(({ vote }) => vote !== 'confirms'))
      for (const entry of source.read()) {
        const domain = normaliseEntry(entry);
        if (domain === null || refused.has(domain) || disposable(domain)) continue;
        if (source.vote === 'suggests' && /^[a-z]{1,4}\.(com|net|org)$/.test(domain)) continue;
        lost.push(entry);
      }
    expect(lost).toEqual([]);
  });

  test('every record is found, with any name beneath it', () => {
    const lost = records.filter(({ domain }) => !disposable(domain) || !disposable(`any.${domain}`));
    expect(lost).toEqual([]);
  });

  test('names that no source has are not found', () => {
    const listed = new Set(records.map(({ domain }) => domain));
    let taken = 0;
    let asked = 0;
    for (let i = 0; i < 300_000; i++) {
      const domain = `${(Math.imul(i, 0x9e3779b1) >>> 0).toString(36)}-${i}.${i % 2 ? 'com' : 'de'}`;
      if (listed.has(domain)) continue;
      asked++;
      if (disposable(domain)) taken++;
    }
    expect(asked).toBeGreaterThan(299_000);
    expect(taken).toBeLessThanOrEqual(2);
  });
});

describe('no real provider is called disposable', () => {
  test('no mailbox provider and no relay', () => {
    expect([...guardedDomains()].filter(disposable)).toEqual([]);
    expect(guardedDomains().size).toBeGreaterThan(2000);
  });

  test('no public suffix, of registries or of private operators', async () => {
    const suffixes = await publicSuffixes();
    expect(suffixes).toContain('co.uk');
    expect(suffixes).toContain('ddns.net');
    expect(suffixes.length).toBeGreaterThan(9000);
    expect(suffixes.filter(disposable)).toEqual([]);
  });
});

describe('how sources decide', () => {
  const source = (letter: string, vote: DisposableSource['vote'], entries: string[]): DisposableSource => ({
    letter,
    name: letter,
    licence: 'MIT',
    vote,
    read: () => entries,
  });

  test('one source that decides is enough; one that confirms adds its letter and no domain', () => {
    const { records, leftOut } = mergeDisposable(
      [source('a', 'decides', ['one.com', 'two.com']), source('z', 'confirms', ['two.com', 'three.com'])],
      new Set(),
    );
    expect(records).toEqual([
      { domain: 'one.com', sources: 'a' },
      { domain: 'two.com', sources: 'az' },
    ]);
    expect(leftOut.undecided).toBe(1);
  });

  test('a large collection is enough, but for the shortest names of com, net and org', () => {
    const { records } = mergeDisposable(
      [
        source('l', 'suggests', ['long-name.com', 'abc.com', 'abcd.net', 'abc.xyz']),
        source('a', 'decides', ['abcd.net']),
      ],
      new Set(),
    );
    expect(records.map(({ domain }) => domain)).toEqual(['abc.xyz', 'abcd.net', 'long-name.com']);
  });

  test('a public body is kept out', () => {
    const { records } = mergeDisposable(
      [source('a', 'decides', ['news.town.gov.uk', 'mail.college.edu', 'mail.college.edu.pl'])],
      new Set(),
    );
    expect(records.map(({ domain }) => domain)).toEqual(['mail.college.edu.pl']);
  });

  test('a guarded domain and its parents are kept out; what is beneath it is not', () => {
    const { records, leftOut } = mergeDisposable(
      [source('a', 'decides', ['provider.com', 'mail.provider.com', 'x.mail.provider.com'])],
      new Set(['mail.provider.com']),
    );
    expect(records.map(({ domain }) => domain)).toEqual(['x.mail.provider.com']);
    expect(leftOut.guarded).toEqual(['mail.provider.com', 'provider.com']);
  });

  test('a public suffix is kept out, whether a registry or a private operator runs it', () => {
    const { records } = mergeDisposable(
      [source('a', 'decides', ['co.uk', 'ddns.net', 'x.ddns.net'])],
      new Set(),
    );
    expect(records.map(({ domain }) => domain)).toEqual(['x.ddns.net']);
  });

  test('an entry beneath another is covered by it', () => {
    const { records, leftOut } = mergeDisposable([source('a', 'decides', ['a.b.com', 'b.com'])], new Set());
    expect(records.map(({ domain }) => domain)).toEqual(['b.com']);
    expect(leftOut.covered).toBe(1);
  });
});

describe('an update', () => {
  const domains = (from: number, to: number) =>
    new Set(Array.from({ length: to - from }, (_, i) => `name-${from + i}.com`));

  test('reports added and removed domains', () => {
    expect(compareRecords(new Set(['a.com', 'b.com']), new Set(['b.com', 'c.com']))).toMatchObject({
      added: ['c.com'],
      removed: ['a.com'],
    });
  });

  test('may drop 5 % and no more; a first packing drops nothing', () => {
    expect(compareRecords(domains(0, 100), domains(5, 200)).dropsTooMuch).toBe(false);
    expect(compareRecords(domains(0, 100), domains(6, 200)).dropsTooMuch).toBe(true);
    expect(compareRecords(new Set(), domains(0, 3)).dropsTooMuch).toBe(false);
  });
});

describe('an entry as people write it', () => {
  test.each([
    [' Example.COM ', 'example.com'],
    ['*.example.com', 'example.com'],
    ['@example.com', 'example.com'],
    ['münchen.de', 'xn--mnchen-3ya.de'],
    ['no-top-level', null],
    ['example.comm', null],
    ['two words.com', null],
    ['192.0.2.1', null],
  ])('%j is %j', (entry, domain) => {
    expect(normaliseEntry(entry)).toBe(domain);
  });
});

test('every row of our own lists has a source', () => {
  for (const file of ['disposable-extra.tsv', 'never-disposable.tsv', 'relays.tsv'])
    for (const row of rows(readData(file)))
      expect(
        row.every((cell) => cell !== ''),
        row.join(),
      ).toBe(true);
});

test.each([
  'shitware.nl',
  'lendscape.com',
  'atsw.de',
  'miam.kd2.org',
  'safe-mail.net',
  '21cn.com',
  'schools.nyc.org',
  'vfemail.net',
  'hush.com',
  'keemail.me',
  'airmail.cc',
  'sohu.com',
  'vip.sohu.com',
  'tom.com',
  'yeah.net',
  'mail333.com',
  'mail.by',
  'poczta.pl',
  'writeme.com',
  'consultant.com',
  'dr.com',
])('%s has real people', (domain) => {
  expect(describeName(domain).disposable).toBe(false);
});

test.each([
  'private.icloud.com',
  'sudomail.com',
  'sudomail.biz',
  'sudomail.net',
  'duck.com',
  'mozmail.com',
  'anonaddy.me',
  'addy.io',
  'passmail.net',
  'slmails.com',
])('%s is a relay', (domain) => {
  expect(describeName(domain)).toMatchObject({ relay: true, disposable: false });
});
