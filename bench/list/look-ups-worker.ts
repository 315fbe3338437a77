// Looks up distinct domains in a separate process: with presend over HTTPS or over plain DNS, or with plain `fetch`.

import { createDns } from '../../src/dns/create-dns.ts';
import { createDohResolver } from '../../src/dns/transport/doh.ts';
import { fetchTransport } from '../../src/dns/transport/fetch.ts';
import { createHttp2Transport } from '../../src/dns/transport/http2.ts';
import { createPlainTransport } from '../../src/dns/transport/plain-node.ts';
import { answerWith } from '../programs.ts';

/** Number of concurrent lookups. presend uses 64 for a list; `fetch` is fastest with 32. */
const atOnce = { https: 64, udp: 64, fetch: 32 };

export interface LookUps {
  readonly by: 'https' | 'udp' | 'fetch';
  readonly url: string;
  readonly udpPort: number;
  /** Number of distinct domains. */
  readonly count: number;
}

/**
 * Returns the domains per second. `fetch` asks only for MX records; presend asks everything that its verdict on a
 * domain needs.
 */
async function measure({ by, url, udpPort, count }: LookUps): Promise<number> {
  const { mailHosts } = createDns({
    urls: [url],
    shareInFlight: true,
    transport: createHttp2Transport(fetchTransport(fetch)),
    ...(by === 'udp' && {
      plain: { servers: [{ address: '127.0.0.1', port: udpPort }], transport: createPlainTransport() },
    }),
  });
  const resolver = createDohResolver({ url, fetch });
  const lookUp =
    by === 'fetch'
      ? (name: string) => resolver.resolve({ name, type: 'MX' }, AbortSignal.timeout(5000))
      : async (domain: string) => (await mailHosts.lookup(domain, Date.now() + 5000)).mailHost;
  let next = 0;
  const work = async () => {
    while (next < count) {
      const { kind } = await lookUp(`d${next++}.otter.net`);
      if (kind !== 'mx') throw new Error(`lookup ended in ${kind}`);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: atOnce[by] }, work));
  return (count / (performance.now() - began)) * 1000;
}

answerWith(measure);
