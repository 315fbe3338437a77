// Reading of bodies whose shape nobody promises.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  address,
  at,
  nested as fieldValue,
  firstText,
  fromIso,
  fromMilliseconds,
  fromSeconds,
  isRecord,
  list,
  parseJson,
  parseJsonWithLongIntegers,
  text,
} from '../../src/webhooks/json.ts';

describe('an address', () => {
  test.each([
    ['jane@example.net', 'jane@example.net'],
    [' Jane@Example.net ', 'Jane@Example.net'],
    ['Jane <jane@example.net>', 'jane@example.net'],
    ['"Doe, <Jane>" <jane@example.net>', 'jane@example.net'],
    ['jane', null],
    ['Jane <jane>', null],
    ['Jane <jane doe@example.net>', null],
    [`${'j'.repeat(1020)}@a.b`, `${'j'.repeat(1020)}@a.b`],
    [`${'j'.repeat(1021)}@a.b`, null],
    ['x@example.org (Jane)', 'x@example.org (Jane)'],
    ['mailto:x@example.org', 'mailto:x@example.org'],
    ['abc..def@docomo.example', 'abc..def@docomo.example'],
    ['"john doe"@example.org', '"john doe"@example.org'],
    ['x@example.org.', 'x@example.org.'],
    ['jane@example.net; john@example.net', null],
    ['jane@example.net, john@example.net', null],
    ['', null],
    [null, null],
    [{ email: 'jane@example.net' }, null],
  ])('of %j is %j', (value, expected) => {
    expect(address(value)).toBe(expected);
  });
});

test('a text with a comma or semicolon between two at signs is several addresses', () => {
  const unit = fc.constantFrom('a', '@', ',', ';', ' ', '.');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
      const written = text.trim();
      const isOne = written.includes('@') && !/@.*[,;].*@/s.test(written);
      expect(address(text)).toBe(isOne ? written : null);
    }),
  );
});

describe('a time', () => {
  test.each([
    ['2026-11-20T12:00:00Z', Date.UTC(2026, 10, 20, 12)],
    ['2026-11-20T12:00:00.9876543Z', Date.UTC(2026, 10, 20, 12, 0, 0, 987)],
    ['2026-11-20T12:00:00+02:00', Date.UTC(2026, 10, 20, 10)],
    ['2026-11-20T12:00:00-0430', Date.UTC(2026, 10, 20, 16, 30)],
    ['2026-11-20 12:00:00', Date.UTC(2026, 10, 20, 12)],
    ['2026-13-20 12:00:00', null],
    ['2026-02-30T12:00:00Z', null],
    ['2028-02-29T12:00:00Z', Date.UTC(2028, 1, 29, 12)],
    ['20 November', null],
    [1_795_176_000, null],
  ])('by ISO 8601 of %j', (value, expected) => {
    expect(fromIso(value)).toBe(expected);
  });

  test.each([
    [1_795_176_000, 1_795_176_000_000],
    ['1795176000', 1_795_176_000_000],
    [1_795_176_000.25, 1_795_176_000_250],
    ['1e9', null],
    [-1, null],
    [Number.NaN, null],
    [null, null],
  ])('in seconds of %j', (value, expected) => {
    expect(fromSeconds(value)).toBe(expected);
  });

  test('in milliseconds', () => {
    expect(fromMilliseconds(1_795_176_000_123)).toBe(1_795_176_000_123);
  });
});

test('only own properties are on a path', () => {
  expect(at({ a: [{ b: 1 }] }, 'a', 0, 'b')).toBe(1);
  expect(at({}, 'constructor')).toBeUndefined();
  expect(at([], 'length', 'x')).toBeUndefined();
  expect(at(null, 'a')).toBeUndefined();
  expect(at('text', 0)).toBeUndefined();
});

test('empty text and values that are not text are null', () => {
  expect([text(''), text('  '), text(null), text({}), text(false)]).toEqual([null, null, null, null, null]);
  expect([text(' a '), text(0)]).toEqual(['a', '0']);
});

describe('depth', () => {
  const nested = (depth: number, inner = '1') => `${'['.repeat(depth)}${inner}${']'.repeat(depth)}`;

  test('64 levels are read, and more are not', () => {
    expect(parseJson(nested(64))).toBeDefined();
    expect(parseJson(nested(65))).toBeUndefined();
    expect(parseJson(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`)).toBeUndefined();
    expect(parseJsonWithLongIntegers(nested(64))).toBeDefined();
    expect(parseJsonWithLongIntegers(nested(65))).toBeUndefined();
  });

  test('brackets in strings and in siblings do not nest', () => {
    expect(parseJson(JSON.stringify([`\\"${'['.repeat(100)}`, '"[{'.repeat(100)]))).toHaveLength(2);
    expect(parseJson(`[${'[{}],'.repeat(100)}1]`)).toHaveLength(101);
  });
});

test('takes the first text that is not empty', () => {
  expect(firstText(null, ' ', 'a', 'b')).toBe('a');
  expect(firstText(undefined, '')).toBeNull();
});

test('what is not a list has no items', () => {
  expect(list(['a'])).toEqual(['a']);
  expect([null, 'text', { length: 1 }].map(list)).toEqual([[], [], []]);
});

test('JSON inside a field is read, and an object in a field is taken as it is', () => {
  expect(fieldValue('{"a":1}')).toEqual({ a: 1 });
  expect(fieldValue('not JSON')).toBeUndefined();
  expect(fieldValue({ a: 1 })).toEqual({ a: 1 });
});

test('only an object that is not a list is a record', () => {
  expect([{}, { a: 1 }].map(isRecord)).toEqual([true, true]);
  expect([null, [], 'text', 7, undefined].map(isRecord)).toEqual([false, false, false, false, false]);
});

test('the commas of JSON are limited where nothing has been verified, those in strings not counted', () => {
  expect(parseJson('{"a":1,"b":[2,3]}', 2)).toEqual({ a: 1, b: [2, 3] });
  expect(parseJson('{"a":1,"b":[2,3]}', 1)).toBeUndefined();
  expect(parseJson('[",,,\\",,",1]', 1)).toEqual([',,,",,', 1]);
  expect(parseJson(`[${'1,'.repeat(10_000)}1]`)).toHaveLength(10_001);
});
