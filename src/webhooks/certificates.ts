// X.509 certificates of webhook signers: parsed, and cached by URL.

import { X509Certificate } from 'node:crypto';

export interface Certificate {
  /** SubjectPublicKeyInfo (RFC 5280) in DER. */
  readonly spki: Uint8Array;
  /** Epoch milliseconds, both inclusive. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface CertificateSource {
  /**
   * Returns the certificate at an https URL whose host the caller has checked. Null if it cannot be fetched now. Follows no
   * redirect.
   */
  certificateAt(url: string): Promise<Certificate | null>;
}

/** Limit of cached certificates, and of remembered failures. */
const maxEntries = 16;

/** Milliseconds before a failed URL is fetched again. */
const retryAfterMs = 10_000;

/**
 * Caches certificates by URL: signers publish a new certificate under a new URL.
 *
 * `fetchText` returns the body of a response with status 200, or null. A body that is not a certificate counts as a
 * failure. Only settled answers are cached, because on Workers one request must not wait for the fetch of another. `now`
 * returns epoch milliseconds.
 */
export function createCertificateCache(
  fetchText: (url: string) => Promise<string | null>,
  now: () => number,
): CertificateSource {
  const certificates = new Map<string, Certificate>();
  // Failures are separate, because requests with invented URLs must not evict certificates.
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

/** The first certificate in PEM text (RFC 7468), or null. Its own signature is not checked. */
export function parseCertificate(pem: string): Certificate | null {
  try {
    const certificate = new X509Certificate(pem);
    return {
      spki: certificate.publicKey.export({ type: 'spki', format: 'der' }),
      // `validToDate` does not exist on workerd.
      notBefore: Date.parse(certificate.validFrom),
      notAfter: Date.parse(certificate.validTo),
    };
  } catch {
    return null;
  }
}

/** Evicts the oldest entry of a full map. */
function put<Value>(map: Map<string, Value>, url: string, value: Value): void {
  map.delete(url);
  if (map.size >= maxEntries) map.delete(map.keys().next().value!);
  map.set(url, value);
}
