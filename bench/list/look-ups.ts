// Compares the lookups per second of presend with those of `fetch` over HTTP/1.1. All use the same server and domains;
// each runs in a separate process.

import { type Figure, inTurns, type Outcome, ratioOf, spread, type Target } from '../figures.ts';
import { startWorker } from '../programs.ts';
import type { LookUps } from './look-ups-worker.ts';
import type { Setting } from './setting.ts';

export async function lookUps({ server, certificate, lookUps: count, rounds }: Setting): Promise<Outcome> {
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificate };
  const start = () => startWorker<LookUps, number>('list/look-ups-worker.ts', { env });
  const workers = { https: start(), udp: start(), fetch: start(), plain: start() };
  const { url, plainUrl, udpPort } = server;
  const rates = await inTurns(
    {
      https: () => workers.https.ask({ by: 'https', url, udpPort, count }),
      udp: () => workers.udp.ask({ by: 'udp', url, udpPort, count }),
      fetch: () => workers.fetch.ask({ by: 'fetch', url, udpPort, count }),
      plain: () => workers.plain.ask({ by: 'fetch', url: plainUrl, udpPort, count }),
    },
    rounds,
  ).finally(() => {
    for (const worker of Object.values(workers)) worker.close();
  });

  const overHttps = ratioOf(rates.https, rates.fetch);
  const overUdp = ratioOf(rates.udp, rates.fetch);
  const figure = (name: string, own: readonly number[]): Figure => ({
    name,
    value: spread(own),
    unit: 'domains/s',
  });
  const target = (way: string, measured: Target['measured'], limit: number): Target => ({
    name: `lookups ${way}, cold, against fetch over HTTP/1.1 with 32 at once`,
    measured,
    bound: 'at least',
    limit,
    unit: '×',
  });
  return {
    figures: [
      { ...figure('lookups over HTTPS, cold', rates.https), ratio: overHttps },
      { ...figure('lookups over DNS_SERVERS, cold', rates.udp), ratio: overUdp },
      figure('lookups by fetch over HTTP/1.1 and TLS, 32 at once', rates.fetch),
      figure('lookups by fetch over HTTP/1.1 without TLS, 32 at once', rates.plain),
    ],
    targets: [target('over HTTPS', overHttps, 1.8), target('over DNS_SERVERS', overUdp, 6)],
  };
}
