// A zone with as many cold and as many silent domains as a test asks for.

import type { Records, Zone } from '../dns/zone.ts';

const cold: Records = { MX: [[10, 'mx.brisk-otter.com']] };
const silent: Records = { fault: 'hang' };

/** `zone`, with an MX for `coldN.brisk-otters.net` and no answer for `silentN.brisk-otters.net`. */
export const endlessZone = (zone: Zone): Zone =>
  new Proxy(zone, {
    get: (_, name: string) => {
      if (/^cold\d+\.brisk-otters\.net$/.test(name)) return cold;
      return /^silent\d+\.brisk-otters\.net$/.test(name) ? silent : zone[name];
    },
  });
