// Names in reverse DNS, and host names that providers generate.

import { describe, expect, test } from 'vitest';
import {
  isGenericName,
  isSameAddress,
  reversedAddress,
  reverseName,
} from '../../src/preflight/reverse-name.ts';

test('octets and nibbles in reverse order', () => {
  expect(reversedAddress('192.0.2.17')).toBe('17.2.0.192');
  expect(reverseName('192.0.2.17')).toBe('17.2.0.192.in-addr.arpa');
  expect(reverseName('2001:db8::a1')).toBe(
    '1.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
  );
  expect(reverseName('::ffff:192.0.2.17')).toBe('17.2.0.192.in-addr.arpa');
});

test('one address in two forms', () => {
  expect(isSameAddress('2001:DB8:0::1', '2001:db8::1')).toBe(true);
  expect(isSameAddress('192.0.2.1', '192.0.2.2')).toBe(false);
});

describe('a generated name', () => {
  test.each([
    ['192-0-2-17.provider.example', '192.0.2.17'],
    ['host17.2.0.192.provider.example', '192.0.2.17'],
    ['static.17.2.0.192.clients.provider.example', '192.0.2.17'],
    ['pool-2-17.provider.example', '192.0.2.17'],
    ['c0000211.access.provider.example', '192.0.2.17'],
    ['dynamic.provider.example', '192.0.2.17'],
    ['dhcp-44.provider.example', '192.0.2.17'],
    ['2001-db8-0-0-0-1.provider.example', '2001:db8::1'],
  ])('%s', (host, ip) => {
    expect(isGenericName(host, ip)).toBe(true);
  });

  test.each([
    ['mail.example.com', '192.0.2.17'],
    ['mta17.example.com', '192.0.2.17'],
    ['a2-17.smtp-out.example.com', '192.0.2.17'],
    ['mail-yw1-f182.example.com', '192.0.2.182'],
    ['out-17-mx3.sender.example.com', '192.0.2.17'],
    ['192-0-2-17.com', '192.0.2.17'],
    ['mail2-17.atl131.sender.example', '192.0.2.17'],
    ['a2-17.smtp-out.us-west-2.sender.example', '192.0.2.17'],
    ['mta-192-0-2-17.sender.example', '192.0.2.17'],
    ['out-17.0.2.sender.example', '192.0.2.17'],
    ['mail.example.com', '2001:db8::1'],
  ])('%s is none', (host, ip) => {
    expect(isGenericName(host, ip)).toBe(false);
  });
});
