// Origins: what a publishable key is bound to.

import { expect, test } from 'vitest';
import { readOrigin } from '../../src/keys/key.ts';

test.each([
  ['https://shop.example', 'https://shop.example'],
  ['https://shop.example/', 'https://shop.example'],
  ['https://SHOP.example:443', 'https://shop.example'],
  ['http://localhost:3000', 'http://localhost:3000'],
  ['https://münchen.example', 'https://xn--mnchen-3ya.example'],
])('%s is the origin %s', (text, origin) => {
  expect(readOrigin(text)).toBe(origin);
});

test.each([
  'shop.example',
  'https://shop.example/checkout',
  'https://shop.example?x',
  'https://shop.example#x',
  'https://jane@shop.example',
  'https://*.shop.example',
  '*',
  'null',
  'file:///home',
  'javascript:alert(1)',
])('%s is none', (text) => {
  expect(readOrigin(text)).toBeNull();
});
