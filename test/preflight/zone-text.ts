// Writes zone files (RFC 1035 section 5) for senders: a sound one, and what a case changes.

import { generateKeyPairSync } from 'node:crypto';

const publicRsa = (modulusLength: number): string =>
  generateKeyPairSync('rsa', { modulusLength })
    .publicKey.export({ type: 'spki', format: 'der' })
    .toString('base64');

/** The key alone, as RFC 8463 publishes it. */
const ed25519 = (): string =>
  generateKeyPairSync('ed25519')
    .publicKey.export({ type: 'spki', format: 'der' })
    .subarray(-32)
    .toString('base64');

/** Public keys in base64, as they are in DKIM records. */
export const keys = {
  rsa512: publicRsa(512),
  rsa1024: publicRsa(1024),
  rsa2048: publicRsa(2048),
  ed25519: ed25519(),
} as const;

export const goodKey = `v=DKIM1; k=rsa; p=${keys.rsa2048}`;

/** One line with a TXT record. A long text is split after 255 characters; `strings` are written as they are. */
export function txt(name: string, strings: string | readonly string[]): string {
  const parts = typeof strings === 'string' ? (strings.match(/.{1,255}/gs) ?? ['']) : strings;
  return `${name} TXT ${parts.map((part) => `"${part.replace(/["\\]/g, '\\$&')}"`).join(' ')}`;
}

/** TXT records: one text, several records, or one record in several strings. */
export type Texts = string | readonly (string | readonly string[])[] | null;

const texts = (name: string, records: Texts): string[] =>
  records === null
    ? []
    : typeof records === 'string'
      ? [txt(name, records)]
      : records.map((one) => txt(name, one));

export interface SenderZone {
  /** The SPF record of the domain; null for none. */
  readonly spf?: Texts | undefined;
  readonly dmarc?: Texts | undefined;
  /** The key of the selector `s1`. */
  readonly dkim?: Texts | undefined;
  /** The lines of its MX and address records. */
  readonly mail?: readonly string[] | undefined;
  /** Further lines, with names relative to the domain. */
  readonly more?: readonly string[] | undefined;
}

/** The lines of a sender's zone. What is not given is sound. */
export function senderZone(domain: string, zone: SenderZone): string {
  const {
    spf = 'v=spf1 ip4:198.51.100.7 -all',
    dmarc = `v=DMARC1; p=reject; rua=mailto:reports@${domain}`,
    dkim = goodKey,
    mail = ['@ MX 10 mx', 'mx A 198.41.0.4'],
    more = [],
  } = zone;
  return [
    `$ORIGIN ${domain}.`,
    ...texts('@', spf),
    ...texts('_dmarc', dmarc),
    ...texts('s1._domainkey', dkim),
    ...mail,
    ...more,
  ].join('\n');
}

/** The beginning of a root zone. */
export const rootHead = `$TTL 300
. SOA ns.root. hostmaster.root. 1 3600 600 86400 300
. NS ns.root.
ns.root. A 127.0.0.1`;
