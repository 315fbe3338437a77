// What checking a signature needs of an X.509 certificate (RFC 5280): its public key and the time it is valid.

import { fromBase64 } from './crypto.ts';

export interface Certificate {
  /** SubjectPublicKeyInfo, the form in which WebCrypto imports a key. */
  readonly spki: Uint8Array<ArrayBuffer>;
  /** Epoch milliseconds, both inclusive. */
  readonly notBefore: number;
  readonly notAfter: number;
}

interface Element {
  readonly tag: number;
  readonly content: Uint8Array<ArrayBuffer>;
  /** Tag, length and content. */
  readonly whole: Uint8Array<ArrayBuffer>;
}

const sequence = 0x30;
const versionTag = 0xa0;
const utcTime = 0x17;

/** The first certificate in PEM text (RFC 7468); null when there is none that reads. Its own signature is not checked. */
export function parseCertificate(pem: string): Certificate | null {
  const armoured = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(pem);
  const der = armoured && fromBase64(armoured[1]!);
  if (!der) return null;
  const certificate = elements(der)?.[0];
  const signedPart = certificate && elements(certificate.content)?.[0];
  const fields = signedPart && elements(signedPart.content);
  if (!fields) return null;
  // serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo, after an optional version.
  const first = fields[0]?.tag === versionTag ? 1 : 0;
  const validity = fields[first + 3];
  const key = fields[first + 5];
  const times = validity && elements(validity.content);
  const notBefore = times?.[0] && timeOf(times[0]);
  const notAfter = times?.[1] && timeOf(times[1]);
  if (key?.tag !== sequence || !notBefore || !notAfter) return null;
  return { spki: key.whole, notBefore, notAfter };
}

/** The DER elements (X.690) that stand one after another in these bytes; null when they do not add up. */
function elements(bytes: Uint8Array<ArrayBuffer>): Element[] | null {
  const found: Element[] = [];
  let start = 0;
  while (start < bytes.length) {
    let length = bytes[start + 1] ?? 0x80;
    let contentAt = start + 2;
    if (length >= 0x80) {
      const lengthBytes = length - 0x80;
      if (lengthBytes < 1 || lengthBytes > 3) return null;
      length = 0;
      for (let i = 0; i < lengthBytes; i++) length = length * 256 + (bytes[contentAt + i] ?? 0);
      contentAt += lengthBytes;
    }
    const end = contentAt + length;
    if (end > bytes.length) return null;
    found.push({
      tag: bytes[start]!,
      content: bytes.subarray(contentAt, end),
      whole: bytes.slice(start, end),
    });
    start = end;
  }
  return found;
}

function timeOf(element: Element): number | null {
  const written = new TextDecoder().decode(element.content);
  const digits = /^(\d{2,4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(written);
  if (!digits) return null;
  const [year, month, day, hour, minute, second] = digits.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  // RFC 5280, 4.1.2.5.1: two digits from 50 on are of the last century.
  const century = element.tag === utcTime ? (year < 50 ? 2000 : 1900) : 0;
  return Date.UTC(century + year, month - 1, day, hour, minute, second);
}
