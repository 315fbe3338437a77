// Certificates are fetched once: the providers give a new certificate a new URL.

import type { EspPorts } from './adapter.ts';

const kept = 16;

/**
 * The ports of the adapters on top of a plain GET, which answers the body as text, or null for anything but a 200
 * without a redirect. Only settled answers are kept: on Workers one request must not wait for another's fetch.
 */
export function cachingPorts(get: (url: string) => Promise<string | null>): EspPorts {
  const certificates = new Map<string, string>();
  return {
    async fetchCertificate(url) {
      const known = certificates.get(url);
      if (known !== undefined) return known;
      const fetched = await get(url);
      if (fetched === null) return null;
      if (certificates.size >= kept) certificates.delete(certificates.keys().next().value!);
      certificates.set(url, fetched);
      return fetched;
    },
  };
}
