// Fetches, parses and caches the X.509 certificates of providers that sign their webhooks.

import { X509Certificate } from 'node:crypto';

export interface Certificate {
  /** The public key: a SubjectPublicKeyInfo (RFC 5280) in DER. */
  readonly spki: Uint8Array;
  /** The certificate is valid from `notBefore` to `notAfter`, both inclusive, in epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface CertificateSource {
  /**
   * Returns the certificate at an https URL; null if it cannot be fetched now. Does not follow redirects. The caller must
   * check first that the URL's host belongs to the provider.
   */
  certificateAt(url: string): Promise<Certificate | null>;
}

/** Maximum number of certificates in the cache. Also the maximum number of URLs whose failed fetch is remembered. */
const maxEntries = 16;

/** Minimum milliseconds between a failed fetch of a URL and the next fetch of it. */
const retryAfterMs = 10_000;

/**
 * Creates a source that caches certificates by URL. A certificate stays cached until newer ones push it out. It needs no
 * refresh, because providers publish a new certificate under a new URL.
 *
 * `fetchText` returns the body of a response with status 200, or null. A body that is not a certificate counts as a failed
 * fetch. Only finished fetches are cached, not pending ones: on Workers a request must not wait for the fetch of another
 * request. `now` returns epoch milliseconds.
 */
export function createCertificateCache(
  fetchText: (url: string) => Promise<string | null>,
  now: () => number,
): CertificateSource {
  const certificates = new Map<string, Certificate>();
  // When the fetch of each URL last failed, in epoch milliseconds. Failures have a separate map, so forged requests with
  // invented URLs cannot push certificates out of the cache.
  const failures = new Map<string, number>();
  return {
    async certificateAt(url) {
      const cached = certificates.get(url);
      if (cached !== undefined) return cached;
      if (now() - (failures.get(url) ?? Number.NEGATIVE_INFINITY) < retryAfterMs) return null;
      const pem = await fetchText(url);
      const certificate = pem === null ? null : parseCertificate(pem);
      if (certificate === null) put(failures, url, now());
      else put(certificates, url, certificate);
      return certificate;
    },
  };
}

/** Parses the first certificate in PEM text (RFC 7468); null if there is none. Does not check who signed the certificate. */
export function parseCertificate(pem: string): Certificate | null {
  try {
    const certificate = new X509Certificate(pem);
    return {
      spki: certificate.publicKey.export({ type: 'spki', format: 'der' }),
      // Parse the texts, because Cloudflare Workers (workerd) have no `validToDate`.
      notBefore: Date.parse(certificate.validFrom),
      notAfter: Date.parse(certificate.validTo),
    };
  } catch {
    return null;
  }
}

/** Sets an entry. If the map is full, deletes the oldest entry first. */
function put<Value>(map: Map<string, Value>, url: string, value: Value): void {
  map.delete(url);
  if (map.size >= maxEntries) map.delete(map.keys().next().value!);
  map.set(url, value);
}
