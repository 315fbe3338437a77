// Who counts as one client: one subscriber.

import { describe, expect, test } from 'vitest';
import { clientNetwork } from '../../src/http/middleware/limits.ts';

describe('what counts as one client', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:aaaa:bbbb:cccc:dddd', '2001:db8:1:2::/64'],
    ['2001:0DB8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ])('%s is of %s', (address, network) => {
    expect(clientNetwork(address)).toBe(network);
  });
});
