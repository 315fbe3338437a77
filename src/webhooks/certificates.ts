// Certificates are fetched once: the providers give a new certificate a new URL.

import type { EspPorts } from './request.ts';
import { parseCertificate } from './x509.ts';

const kept = 16;

/** Milliseconds in which a certificate that could not be had is not asked for again. */
const restMs = 10_000;

/**
 * The ports of the adapters on top of a plain GET, which answers the body as text, or null for anything but a 200
 * without a redirect. What arrives broken counts as not had. Only settled answers are kept: on Workers one request must not
 * wait for another's fetch. `now`: epoch milliseconds.
 */
export function cachingPorts(get: (url: string) => Promise<string | null>, now: () => number): EspPorts {
  const certificates = new Map<string, string>();
  // Apart, so that names that somebody makes up push out no certificate.
  const missing = new Map<string, number>();
  return {
    async fetchCertificate(url) {
      const known = certificates.get(url);
      if (known !== undefined) return known;
      if (now() - (missing.get(url) ?? Number.NEGATIVE_INFINITY) < restMs) return null;
      const fetched = await get(url);
      if (fetched === null || parseCertificate(fetched) === null) {
        keep(missing, url, now());
        return null;
      }
      keep(certificates, url, fetched);
      return fetched;
    },
  };
}

/** The one that came first goes where there are too many. */
function keep<Value>(map: Map<string, Value>, url: string, value: Value): void {
  map.delete(url);
  if (map.size >= kept) map.delete(map.keys().next().value!);
  map.set(url, value);
}
