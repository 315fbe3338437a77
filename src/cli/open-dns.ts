// Opens the DNS resolvers of the settings for one command.

import type { Settings } from '../platform/settings.ts';

/** Creates the DNS client with the resolvers in `DNS_SERVERS` or `DOH_URLS`. Sends no query yet. */
export async function openDns(settings: Settings) {
  const { createDns } = await import('../dns/create-dns.ts');
  const { fetchTransport } = await import('../dns/transport/fetch.ts');
  const { createHttp2Transport } = await import('../dns/transport/http2.ts');
  const { plainDnsOf } = await import('../dns/transport/plain-node.ts');
  const { plainDns } = plainDnsOf(settings);
  return createDns({
    urls: settings.dohUrls,
    shareInFlight: true,
    transport: createHttp2Transport(fetchTransport(fetch)),
    ...(plainDns && { plain: plainDns }),
  });
}
