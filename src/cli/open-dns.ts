// Opens the DNS resolvers of the settings for one command.

import type { Settings } from '../platform/settings.ts';

/** Returns what `createDns` does, over `DNS_SERVERS` or `DOH_URLS`. Nothing is asked yet. */
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
