// Public suffix plus one label.

import { expect, test } from 'vitest';
import { registrableDomain } from '../../src/domain/registrable.ts';

test.each([
  ['example.com', 'example.com'],
  ['a.b.example.com', 'example.com'],
  ['mail.example.co.uk', 'example.co.uk'],
  ['xn--mnchen-3ya.de', 'xn--mnchen-3ya.de'],
  ['someone.blogspot.com', 'blogspot.com'],
  ['co.uk', null],
])('of %s it is %s', (domain, registrable) => {
  expect(registrableDomain(domain)).toBe(registrable);
});
