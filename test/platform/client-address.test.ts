// Who asks: no header is believed but a trusted proxy's.

import { describe, expect, test } from 'vitest';
import { clientAddressOf, trustedNetworks } from '../../src/platform/client-address.ts';

describe('behind proxies', () => {
  const trusted = trustedNetworks(['127.0.0.1', '10.0.0.0/8', '2001:db8:1::/48']);

  test.each([
    ['no proxy: the socket', '203.0.113.7', undefined, '203.0.113.7'],
    ['a client that writes the header itself', '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['one proxy', '127.0.0.1', '203.0.113.7', '203.0.113.7'],
    [
      'one proxy, and a header that its client made up',
      '10.1.2.3',
      '198.51.100.1, 203.0.113.7',
      '203.0.113.7',
    ],
    ['two proxies', '10.1.2.3', '198.51.100.1, 203.0.113.7,10.9.9.9', '203.0.113.7'],
    ['IPv6', '2001:db8:1::1', '2001:db8:2::7', '2001:db8:2::7'],
    ['a proxy without the header', '10.1.2.3', undefined, '10.1.2.3'],
    ['nothing but proxies', '10.1.2.3', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
    ['IPv4 with a port', '10.1.2.3', '203.0.113.7:4711', '203.0.113.7'],
    ['IPv6 with a port', '10.1.2.3', '[2001:db8:2::7]:4711', '2001:db8:2::7'],
    ['IPv6 in brackets', '10.1.2.3', '[2001:db8:2::7]', '2001:db8:2::7'],
    ['a trusted proxy with a port', '127.0.0.1', '203.0.113.7:1, 10.1.1.1:2', '203.0.113.7'],
    ['text that is no address', '10.1.2.3', '203.0.113.7, unknown', '10.1.2.3'],
    ['IPv4 in the clothes of IPv6', '::ffff:10.1.2.3', '203.0.113.7', '203.0.113.7'],
  ])('%s', (_, peer, header, client) => {
    expect(clientAddressOf(peer, header, trusted)).toBe(client);
  });

  test.each(['proxy.example', '10.0.0.0/33', '10.0.0.0/x', '10.0.0.0/', '', '::/129'])(
    '%j is no network',
    (network) => {
      expect(() => trustedNetworks([network])).toThrow(RangeError);
    },
  );
});
