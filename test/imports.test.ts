// The house: imports point one way, there is no circle, and only src/entry names a runtime.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const source = new URL('../src', import.meta.url).pathname;

/** What each room may import besides itself. A room that is not listed may not exist. */
const mayImport: Record<string, readonly string[]> = {
  address: [],
  domain: [],
  bounce: [],
  verdict: ['address', 'domain', 'bounce'],
  dns: ['domain'],
  store: [],
  keys: ['store'],
  suppression: ['store', 'bounce', 'address'],
  operator: ['store', 'domain'],
  learning: ['bounce', 'store', 'suppression', 'verdict'],
  feedback: ['address', 'domain', 'bounce', 'esp', 'store', 'suppression'],
  esp: ['bounce'],
  crm: ['verdict', 'esp'],
  'batch.ts': ['address', 'domain', 'verdict', 'dns', 'suppression'],
  'validate.ts': ['address', 'domain', 'verdict', 'batch.ts'],
  lists: ['address', 'domain', 'verdict', 'store', 'suppression', 'validate.ts'],
  http: [
    'address',
    'domain',
    'bounce',
    'verdict',
    'dns',
    'store',
    'keys',
    'suppression',
    'operator',
    'learning',
    'feedback',
    'esp',
    'crm',
    'lists',
    'validate.ts',
  ],
  'index.ts': ['address', 'domain', 'bounce', 'verdict', 'dns', 'suppression', 'validate.ts'],
  // Runs in browsers, where nothing of the service is.
  widget: [],
  entry: ['*'],
};

const pure = ['address', 'domain', 'bounce', 'verdict'];

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(source, file), 'utf8') }));

const specifiers = (text: string) =>
  [...text.matchAll(/(?:\bfrom|\bimport\(|^import)\s*'([^']+)'/gm)].map((match) => match[1]!);

const room = (file: string) => file.split('/')[0]!;

const imports = files.flatMap(({ file, text }) =>
  specifiers(text).map((specifier) => ({
    file,
    specifier,
    target: specifier.startsWith('.') ? relative(source, join(source, dirname(file), specifier)) : null,
  })),
);

test('every room is known', () => {
  expect(files.map(({ file }) => room(file)).filter((name) => !(name in mayImport))).toEqual([]);
});

test('imports point one way', () => {
  const wrong = imports.filter(({ file, target }) => {
    if (target === null || target.startsWith('../data/packed/')) return false;
    const allowed = mayImport[room(file)] ?? [];
    return room(target) !== room(file) && !allowed.includes('*') && !allowed.includes(room(target));
  });
  expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
});

test('there is no circle', () => {
  const graph = new Map<string, string[]>();
  for (const { file, target } of imports)
    if (target !== null) graph.set(file, [...(graph.get(file) ?? []), target]);
  const done = new Set<string>();
  const circleFrom = (file: string, path: string[]): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    for (const next of graph.get(file) ?? []) {
      const circle = circleFrom(next, [...path, file]);
      if (circle) return circle;
    }
    done.add(file);
    return null;
  };
  for (const { file } of files) expect(circleFrom(file, [])).toBeNull();
});

test('only src/entry and the adapters named here know a runtime', () => {
  const runtime = imports.filter(
    ({ file, specifier }) => /^(node|cloudflare):/.test(specifier) && room(file) !== 'entry',
  );
  expect(runtime.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
});

test('the pure rooms read no clock, no chance, no environment and no network', () => {
  const impure =
    /\b(Date\.now|new Date\(\)|performance\.|Math\.random|process\.|fetch\(|setTimeout|crypto\.)/;
  const found = files.filter(({ file, text }) => pure.includes(room(file)) && impure.test(text));
  expect(found.map(({ file }) => file)).toEqual([]);
});
