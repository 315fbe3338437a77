// Look-ups of distinct domains, in a process of its own: as presend makes them, or by fetch alone.

import { createDns } from '../../src/dns/create-dns.ts';
import { createDohResolver } from '../../src/dns/doh.ts';
import { fetchTransport } from '../../src/dns/transport/fetch.ts';
import { createHttp2Transport } from '../../src/dns/transport/http2.ts';
import { answerWith } from '../programs.ts';

/** As a list of presend has them, and as fetch is at its best. */
const atOnce = { presend: 64, fetch: 32 };

export interface LookUps {
  readonly by: 'presend' | 'fetch';
  readonly url: string;
  /** Distinct domains. */
  readonly count: number;
}

/** Domains a second. fetch is asked for their MX records alone, presend for all that it says of a domain. */
async function measure({ by, url, count }: LookUps): Promise<number> {
  const { mailHosts } = createDns({
    urls: [url],
    shareInFlight: true,
    transport: createHttp2Transport(fetchTransport(fetch)),
  });
  const resolver = createDohResolver({ url, fetch });
  const lookUp = {
    presend: async (domain: string) => (await mailHosts.lookUp(domain, Date.now() + 5000)).mailHost,
    fetch: (name: string) => resolver.resolve({ name, type: 'MX' }, AbortSignal.timeout(5000)),
  }[by];
  let next = 0;
  const work = async () => {
    while (next < count) {
      const { kind } = await lookUp(`d${next++}.otter.net`);
      if (kind !== 'mx') throw new Error(`a look-up ended in ${kind}`);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: atOnce[by] }, work));
  return (count / (performance.now() - began)) * 1000;
}

answerWith(measure);
