// Which hosts are addresses, which addresses the public Internet reaches, and which are this machine.

import { expect, test } from 'vitest';
import { isIpAddress, isLoopback, isPublicAddress } from '../../src/domain/ip-address.ts';

test.each([
  '8.8.8.8',
  '1.0.0.0',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.0.1.0',
  '192.167.255.255',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2001:503:ba3e::2:30',
  '2606:4700::1111',
  '2001:200::1',
  '2001:3::1',
  '2001:4:112::1',
  '2a00:1450:4001:82b::200e',
  '::ffff:8.8.8.8',
  '::ffff:808:808',
  '64:ff9b::808:808',
  '2002:808:808::1',
])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each(['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'])(
  '%s, for documentation, is not held against a domain',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

test.each([
  '0.0.0.0',
  '10.0.0.1',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.168.0.1',
  '198.18.0.1',
  '198.19.255.255',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::8.8.8.8',
  '::ffff:10.0.0.1',
  '::ffff:7f00:1',
  '64:ff9b::10.0.0.1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:2::1',
  '2002:a00:1::1',
  '5f00::1',
  'fc00::1',
  'fdff::1',
  'fe80::1',
  'febf::1',
  'fec0::1',
  'ff02::1',
])('%s is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each([
  '',
  'one.example',
  '1.2.3',
  '1.2.3.4.5',
  '256.1.1.1',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  ':1',
  '1.2.3.4::',
  '010.0.0.1',
  '127.1',
  '0x7f.0.0.1',
  '2130706433',
  'fe80::1%eth0',
  '[::1]',
  '12345::',
  'g::',
])('%j is not an address', (text) => {
  expect(isIpAddress(text)).toBe(false);
  expect(isPublicAddress(text)).toBe(false);
});

test.each(['198.41.0.4', '2001:503:ba3e::2:30', '::ffff:8.8.8.8', '::8.8.8.8', '::'])(
  '%s is an address',
  (text) => {
    expect(isIpAddress(text)).toBe(true);
  },
);

test.each([
  'localhost',
  'LOCALHOST',
  'dev.localhost',
  '127.0.0.1',
  '127.255.255.254',
  '::1',
  '[::1]',
  '::ffff:127.0.0.1',
  '[::ffff:7f00:1]',
])('%s is this machine', (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each([
  '',
  'localhost.example',
  'notlocalhost',
  '127.0.0.1.example',
  '128.0.0.1',
  '126.255.255.255',
  '0.0.0.0',
  '10.0.0.1',
  '::',
  '[::2]',
  '::ffff:128.0.0.1',
  '127.0.0.256',
])('%j is another machine', (host) => {
  expect(isLoopback(host)).toBe(false);
});
