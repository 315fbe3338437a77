// Names that can never take public mail.

import { expect, test } from 'vitest';
import { findSpecialUse } from '../../src/domain/special-use.ts';

test.each([
  ['[192.0.2.1]', 'ip_address'],
  ['[IPv6:2001:db8::1]', 'ip_address'],
  ['192.0.2.1', 'ip_address'],
  ['mailhost', 'single_label'],
  ['com', 'single_label'],
  ['localhost', 'localhost'],
  ['app.localhost', 'localhost'],
  ['shop.test', 'test'],
  ['nobody.invalid', 'invalid'],
  ['any.example', 'example'],
  ['hidden.onion', 'onion'],
  ['printer.local', 'local'],
  ['name.alt', 'alt'],
  ['crm.internal', 'internal'],
  ['router.home.arpa', 'arpa'],
  ['1.2.0.192.in-addr.arpa', 'arpa'],
])('%s is special: %s', (domain, why) => {
  expect(findSpecialUse(domain)).toBe(why);
});

test.each(['example.com', 'example.org', 'test.com', 'local.ch', 'onion.io', '163.com', 'constructor.com'])(
  '%s is a name like any other',
  (domain) => {
    expect(findSpecialUse(domain)).toBeNull();
  },
);

test('a property that every object has is no top-level domain', () => {
  expect(findSpecialUse('mail.constructor')).toBeNull();
});
