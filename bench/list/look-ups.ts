// Look-ups a second beside those of fetch over HTTP/1.1: the same server, the same questions, each in its own process.

import { type Figure, inTurns, type Outcome, ratioOf, spread } from '../figures.ts';
import { startWorker } from '../programs.ts';
import type { LookUps } from './look-ups-worker.ts';
import type { Setting } from './setting.ts';

export async function lookUps({ server, certificate, lookUps: count, rounds }: Setting): Promise<Outcome> {
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificate };
  const start = () => startWorker<LookUps, number>('list/look-ups-worker.ts', { env });
  const workers = { presend: start(), fetch: start(), plain: start() };
  const { url, plainUrl } = server;
  const rates = await inTurns(
    {
      presend: () => workers.presend.ask({ by: 'presend', url, count }),
      fetch: () => workers.fetch.ask({ by: 'fetch', url, count }),
      plain: () => workers.plain.ask({ by: 'fetch', url: plainUrl, count }),
    },
    rounds,
  ).finally(() => {
    for (const worker of Object.values(workers)) worker.close();
  });

  const against = ratioOf(rates.presend, rates.fetch);
  const figure = (name: string, own: readonly number[]): Figure => ({
    name,
    value: spread(own),
    unit: 'domains/s',
  });
  return {
    figures: [
      { ...figure('look-ups, cold', rates.presend), ratio: against },
      figure('look-ups by fetch over HTTP/1.1 and TLS, 32 at once', rates.fetch),
      figure('look-ups by fetch over HTTP/1.1 without TLS, 32 at once', rates.plain),
    ],
    targets: [
      {
        name: 'look-ups cold, against fetch over HTTP/1.1 with 32 at once',
        measured: against,
        bound: 'at least',
        limit: 4,
        unit: '×',
      },
    ],
  };
}
