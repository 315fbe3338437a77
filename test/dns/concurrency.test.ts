// Many look-ups at once, counted where they arrive.

import { expect, test } from 'vitest';
import { systemTimers } from '../../src/clock.ts';
import { createMailHosts } from '../../src/dns/lookup.ts';
import { createDohResolver } from '../../src/dns/transport/doh.ts';
import { startDohServer } from './doh-server.ts';

test('ten thousand look-ups of a hundred domains at once reach the server as a hundred MX questions', async () => {
  const domains = Array.from({ length: 100 }, (_, index) => `d${index}.example`);
  const server = await startDohServer({
    ...Object.fromEntries(domains.map((domain) => [domain, { MX: [[1, 'mx.example']] as const }])),
    'mx.example': { A: ['198.41.0.4'] },
  });
  try {
    const mailHosts = createMailHosts({
      resolver: createDohResolver({ url: server.url, fetch }),
      timers: systemTimers,
      shareInFlight: true,
    });
    const deadline = Date.now() + 10_000;
    const found = await Promise.all(
      Array.from({ length: 10_000 }, (_, index) => mailHosts.lookup(domains[index % 100]!, deadline)),
    );
    expect(found.every(({ mailHost }) => mailHost.kind === 'mx')).toBe(true);
    expect(server.asked.filter((question) => question.startsWith('MX ')).sort()).toEqual(
      domains.map((domain) => `MX ${domain}`).sort(),
    );
    expect(server.asked.filter((question) => question === 'A mx.example')).toHaveLength(1);
  } finally {
    await server.close();
  }
});
