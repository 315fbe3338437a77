// Lookups of distinct domains, in their own process: by presend over HTTPS or over plain DNS, or by fetch alone.

import { createDns } from '../../src/dns/create-dns.ts';
import { createDohResolver } from '../../src/dns/transport/doh.ts';
import { fetchTransport } from '../../src/dns/transport/fetch.ts';
import { createHttp2Transport } from '../../src/dns/transport/http2.ts';
import { createPlainTransport } from '../../src/dns/transport/plain-node.ts';
import { answerWith } from '../programs.ts';

/** Concurrent lookups: 64 in a list of presend; 32 is where fetch is fastest. */
const atOnce = { https: 64, udp: 64, fetch: 32 };

export interface LookUps {
  readonly by: 'https' | 'udp' | 'fetch';
  readonly url: string;
  readonly udpPort: number;
  /** Distinct domains. */
  readonly count: number;
}

/** Domains per second. fetch asks for MX records alone, presend for all that decides about a domain. */
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
