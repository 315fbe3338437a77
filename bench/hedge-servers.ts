// Starts two healthy resolvers and one that hangs. They run in a separate process, so their work is not measured.

import { startDohServer } from '../test/dns/doh-server.ts';
import type { Records, Zone } from '../test/dns/zone.ts';

export interface HedgeUrls {
  readonly well: string;
  readonly other: string;
  readonly hung: string;
}

const count = Number(process.argv[2]);

const zoneOf = (ofDomain: (host: string) => Records, ofHost: Records): Zone =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      [`d${index}.example`, ofDomain(`mx.d${index}.example`)] as const,
      [`mx.d${index}.example`, ofHost] as const,
    ]).flat(),
  );

const wellZone = zoneOf((host) => ({ MX: [[10, host]] }), { A: ['198.41.0.4'] });
const hungZone = zoneOf(() => ({ fault: 'hang' }), { fault: 'hang' });
const [well, other, hung] = await Promise.all(
  [wellZone, wellZone, hungZone].map((zone) => startDohServer(zone)),
);

process.on('disconnect', () => process.exit());
process.send!({ well: well!.url, other: other!.url, hung: hung!.url } satisfies HedgeUrls);
