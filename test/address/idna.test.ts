// A domain as written → its A-labels (UTS 46), or null.

import { expect, test } from 'vitest';
import { toALabels } from '../../src/address/idna.ts';

test.each([
  ['example.com', 'example.com'],
  ['Bücher.Example', 'xn--bcher-kva.example'],
  ['_dmarc.example.com', '_dmarc.example.com'],
])('%s has the A-labels %s', (domain, labels) => {
  expect(toALabels(domain)).toBe(labels);
});

test.each([
  ['an ideographic full stop, which adds a label', 'example。com'],
  ['a hyphen at the start of a label', '-a.example'],
  ['a hyphen at the end of a label', 'a-.example'],
  ['hyphens in the third and fourth position beside a letter beyond ASCII', 'ab--ü.example'],
  ['an A-label of nothing', 'xn--.example'],
  ['nothing', ''],
])('%s is refused', (_, domain) => {
  expect(toALabels(domain)).toBeNull();
});
