// The house: imports point one way, there is no circle, and only the adapters named here know a runtime.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const source = new URL('../src', import.meta.url).pathname;

/**
 * The rooms from the lowest to the highest. A room may import its own files and rooms below it, never one above or at
 * its own level, so that a reader who knows what is below can read a room alone.
 */
const levels: readonly (readonly string[])[] = [
  [
    'beta-function.ts',
    'calendar.ts',
    'data-part.ts',
    'durations.ts',
    'json-object.ts',
    'memory.ts',
    'number-text.ts',
    'service-url.ts',
    'thread-peer.ts',
  ],
  ['clock.ts', 'csv', 'encoding', 'version.ts', 'storage', 'written-dates.ts', 'xlsx'],
  ['maybe-promise.ts'],
  ['address', 'audit', 'bounce'],
  ['domain', 'tables'],
  ['signals'],
  ['dns', 'keys', 'overrides', 'reports', 'suppression', 'verdict', 'webhooks', 'widget'],
  ['mailbox'],
  ['alerts', 'client', 'events', 'packs', 'preflight', 'react', 'validator'],
  ['console', 'crm', 'diagnosis', 'esp', 'lists', 'index.ts'],
  ['jobs', 'pending'],
  ['learning'],
  // Adapters: they implement the ports of the rooms, and no room knows them.
  ['storage/sqlite'],
  ['http'],
  ['platform'],
  ['cli'],
];
const levelOf = new Map(levels.flatMap((rooms, level) => rooms.map((name) => [name, level] as const)));

const pure = ['csv', 'encoding', 'xlsx', 'address', 'domain', 'tables', 'bounce', 'verdict'];

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(source, file), 'utf8') }));

const specifiers = (text: string) =>
  [...text.matchAll(/(?:\bfrom|\bimport\(|^import)\s*'([^']+)'/gm)].map((match) => match[1]!);

const room = (file: string) => /^storage\/sqlite(?=\/)/.exec(file)?.[0] ?? file.split('/')[0]!;

/** The files of data/, named as seen from src/. */
const dataFiles = readdirSync(join(source, '../data'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.[jt]s$/.test(file))
  .map((file) => ({ file: `../data/${file}`, text: readFileSync(join(source, '../data', file), 'utf8') }));

const importsOf = (sources: typeof files) =>
  sources.flatMap(({ file, text }) =>
    specifiers(text).map((specifier) => ({
      file,
      specifier,
      target: specifier.startsWith('.') ? relative(source, join(source, dirname(file), specifier)) : null,
    })),
  );
const imports = importsOf(files);
const dataImports = importsOf(dataFiles);

test('every room is known', () => {
  expect(files.map(({ file }) => room(file)).filter((name) => !levelOf.has(name))).toEqual([]);
});

test('imports point one way', () => {
  const wrong = imports.filter(({ file, target }) => {
    if (target === null || target.startsWith('../data/packed/') || room(target) === room(file)) return false;
    return levelOf.get(room(target))! >= levelOf.get(room(file))!;
  });
  expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
});

test('packed data imports nothing, and the packer imports pure rooms alone', () => {
  const wrong = dataImports.filter(
    ({ file, target }) =>
      file.startsWith('../data/packed/') ||
      (target !== null && !target.startsWith('../data/') && !pure.includes(room(target))),
  );
  expect(dataFiles.filter(({ file }) => file.startsWith('../data/packed/')).length).toBeGreaterThan(5);
  expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
});

/** Every CLI command exports this; cli.ts reads it. */
const commandContract = new Set(['command']);

test('an exported name has one declaration in the whole house', () => {
  const exported =
    /^export (?:default )?(?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|interface|type|enum) ([\w$]+)/gm;
  const places = new Map<string, Set<string>>();
  for (const { file, text } of files)
    for (const [, name] of text.matchAll(exported))
      if (!(commandContract.has(name!) && file.startsWith('cli/')))
        places.set(name!, (places.get(name!) ?? new Set()).add(file));
  expect(places.size).toBeGreaterThan(1000);
  const shared = [...places].filter(([, declaredIn]) => declaredIn.size > 1);
  expect(shared.map(([name, declaredIn]) => `${name}: ${[...declaredIn].join(', ')}`)).toEqual([]);
});

test('there is no circle', () => {
  const graph = new Map<string, string[]>();
  for (const { file, target } of [...imports, ...dataImports])
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
  for (const { file } of [...files, ...dataFiles]) expect(circleFrom(file, [])).toBeNull();
});

const runtimeFiles =
  /^(platform|cli|(dns|mailbox)\/transport|storage\/(sqlite|files|postgres))\/|^suppression\/node-hasher\.ts$|^webhooks\/(certificates|crypto|key-format)\.ts$/;

test('only platform, cli and the adapters named here know a runtime', () => {
  const runtime = imports.filter(
    ({ file, specifier }) => /^(node|cloudflare):/.test(specifier) && !runtimeFiles.test(file),
  );
  expect(runtime.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
});

test('the pure rooms read no clock, no chance, no environment and no network', () => {
  const impure =
    /\b(Date\.now|new Date\(\)|performance\.|Math\.random|process\.|fetch\(|setTimeout|crypto\.)/;
  const found = files.filter(({ file, text }) => pure.includes(room(file)) && impure.test(text));
  expect(found.map(({ file }) => file)).toEqual([]);
});

test('SQL stands only in storage', () => {
  const sql = /\b(SELECT [^;]* FROM|INSERT INTO|DELETE FROM|UPDATE \w+ SET)\b/;
  // Rooms whose repositories have not moved yet.
  const waiting = ['keys', 'learning', 'overrides', 'suppression', 'platform'];
  const found = files.filter(({ file, text }) => !waiting.includes(room(file)) && sql.test(text));
  expect(found.map(({ file }) => file).filter((file) => !file.startsWith('storage/'))).toEqual([]);
});

test('SQL is in storage alone, and no room but storage, platform and cli asks a database', () => {
  const sql =
    /['"`]\s*(?:SELECT\s|INSERT INTO\s|UPDATE \w+ SET\s|DELETE FROM\s|CREATE (?:TABLE|INDEX)\s|PRAGMA\s|WITH RECURSIVE\s)/;
  const outside = files.filter(({ file }) => !file.startsWith('storage/'));
  expect(outside.filter(({ text }) => sql.test(text)).map(({ file }) => file)).toEqual([]);
  const asking = imports.filter(
    ({ file, target }) =>
      target === 'storage/database.ts' &&
      !['storage', 'storage/sqlite', 'platform', 'cli'].includes(room(file)),
  );
  expect(asking.map(({ file }) => file)).toEqual([]);
});
