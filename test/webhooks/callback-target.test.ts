// Given this URL and those addresses, a callback may go there or not.

import { describe, expect, test } from 'vitest';
import { isIpAddress, isPublicAddress } from '../../src/domain/ip-address.ts';
import { type CallbackNames, callbackTarget } from '../../src/webhooks/callback-target.ts';

const names = (addresses: readonly string[] | null): CallbackNames => ({
  addressesOf: async () => addresses,
  isPublic: isPublicAddress,
  isBareAddress: isIpAddress,
});
const publicly = names(['198.41.0.4']);
const outcome = async (url: string, known = publicly, targets: 'public' | 'loopback' = 'public') => {
  const target = await callbackTarget(url, targets, known);
  return target.kind === 'refused' ? target.why : target.kind;
};

describe('the URL', () => {
  test.each([
    ['https://example.com/hook', 'allowed'],
    ['https://example.com:8443/hook?x=1', 'allowed'],
    ['https://münchen.example.com/', 'allowed'],
    ['hello', 'not_a_url'],
    ['http://example.com/', 'not_https'],
    ['ftp://example.com/', 'not_https'],
    ['https://user@example.com/', 'has_credentials'],
    ['https://example.com:22/', 'other_port'],
    ['https://198.41.0.4/', 'bare_address'],
    ['https://[2606:4700::1]/', 'bare_address'],
    ['https://0x7f.1/', 'bare_address'],
    ['https://2130706433/', 'bare_address'],
    ['https://localhost/', 'not_public'],
    ['https://app.localhost/', 'not_public'],
    ['https://intranet/', 'not_public'],
    ['https://printer.local/', 'not_public'],
    ['https://metadata.google.internal/', 'not_public'],
    ['https://router.home.arpa./', 'not_public'],
  ])('%s: %s', async (url, expected) => {
    expect(await outcome(url)).toBe(expected);
  });
});

describe('the addresses', () => {
  test.each([
    [['198.41.0.4', '2606:4700::1'], 'allowed'],
    [['127.0.0.1'], 'not_public'],
    [['10.1.2.3'], 'not_public'],
    [['169.254.169.254'], 'not_public'],
    [['100.64.0.1'], 'not_public'],
    [['::1'], 'not_public'],
    [['fe80::1'], 'not_public'],
    [['fd00::1'], 'not_public'],
    [['::ffff:127.0.0.1'], 'not_public'],
    [['64:ff9b::7f00:1'], 'not_public'],
    [['198.41.0.4', '192.168.0.1'], 'not_public'],
    [[], 'no_answer'],
    [null, 'no_answer'],
  ])('%j: %s', async (addresses, expected) => {
    expect(await outcome('https://example.com/', names(addresses))).toBe(expected);
  });

  test('those that were vetted are those to connect to', async () => {
    expect(await callbackTarget('https://example.com./', 'public', names(['198.41.0.4']))).toMatchObject({
      addresses: ['198.41.0.4'],
    });
  });
});

describe('where loopback is allowed', () => {
  test.each([
    ['http://127.0.0.1:9000/hook', 'allowed'],
    ['http://localhost:80/hook', 'allowed'],
    ['http://[::1]:9000/', 'allowed'],
    ['http://127.0.0.2/', 'allowed'],
    ['http://hook.localhost/', 'allowed'],
    ['http://128.0.0.1/', 'not_https'],
    ['https://10.0.0.1/', 'bare_address'],
    ['http://example.com/', 'not_https'],
  ])('%s: %s', async (url, expected) => {
    expect(await outcome(url, publicly, 'loopback')).toBe(expected);
  });

  test.each([
    ['http://127.0.0.2/', '127.0.0.2'],
    ['http://[::1]/', '::1'],
    ['http://hook.localhost/', '127.0.0.1'],
  ])('%s connects to %s', async (url, address) => {
    expect(await callbackTarget(url, 'loopback', publicly)).toMatchObject({ addresses: [address] });
  });
});
