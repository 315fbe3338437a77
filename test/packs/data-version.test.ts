// Versions of the data and their order.

import { expect, test } from 'vitest';
import { compareDataVersions, isDataVersion } from '../../src/packs/data-version.ts';

test.each(['2026-11-27', '2026-11-27.1', '2026-11-27.2', '2026-11-27.9999'])('%s is a version', (text) => {
  expect(isDataVersion(text)).toBe(true);
});

test.each([
  '',
  '2026-11',
  '2026-02-30',
  '2026-11-27.0',
  '2026-11-27.',
  '2026-11-27.10000',
  ' 2026-11-27',
  'v1',
])('%j is not a version', (text) => {
  expect(isDataVersion(text)).toBe(false);
});

test('versions are ordered by day, then by number', () => {
  const ordered = [
    '2025-12-31.9',
    '2026-01-01',
    '2026-01-01.1',
    '2026-01-01.2',
    '2026-01-01.10',
    '2026-01-02',
  ];
  for (const [i, a] of ordered.entries())
    for (const [j, b] of ordered.entries())
      expect(Math.sign(compareDataVersions(a, b)), `${a} ${b}`).toBe(Math.sign(i - j));
});
