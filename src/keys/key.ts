// What a key is: whom it lets do what.

/** Everything that a secret key can be limited to. docs/keys.md explains each. */
export const scopes = [
  'validate',
  'suppressions:read',
  'suppressions:write',
  'bounces:write',
  'reports:read',
  'jobs',
  'domains',
  'keys',
] as const;

export type Scope = (typeof scopes)[number];

/** `secret` stays on the caller's server; `publishable` stands in a page and may only ask for a verdict. */
export type KeyKind = 'secret' | 'publishable';

export interface Key {
  readonly id: string;
  readonly kind: KeyKind;
  readonly name: string;
  /** The first characters of its text. */
  readonly prefix: string;
  /** Of a secret key; null: everything. */
  readonly scopes: readonly Scope[] | null;
  /** Of a publishable key: serialized origins (RFC 6454) such as `https://shop.example`. */
  readonly origins: readonly string[];
  /** Epoch milliseconds, as are those below. */
  readonly createdAt: number;
  /** From then on it is not valid; null: it does not end by itself. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** Id of the key that a rotation put in its place. */
  readonly replacedBy: string | null;
  /** The day (UTC) of the latest use, such as `2026-11-20`. */
  readonly lastUsedOn: string | null;
}

export type NewKey =
  | { readonly kind: 'secret'; readonly name: string; readonly scopes: readonly Scope[] | null }
  | { readonly kind: 'publishable'; readonly name: string; readonly origins: readonly string[] };

export type KeyState = 'valid' | 'expired' | 'revoked';

export const stateOf = ({ revokedAt, expiresAt }: Key, now: number): KeyState =>
  revokedAt !== null ? 'revoked' : expiresAt !== null && expiresAt <= now ? 'expired' : 'valid';

/** How long the old key stays valid after a rotation where nobody says otherwise, and at most, in milliseconds. */
export const defaultOverlapMs = 24 * 3_600_000;
export const maxOverlapMs = 30 * 24 * 3_600_000;

/**
 * The serialized origin that `text` names, such as `https://shop.example` or `http://localhost:3000`; null where it is
 * none. A page's origin has no path, and a pattern such as `https://*.example` would let in whoever gets a subdomain.
 */
export function readOrigin(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { origin, protocol, hostname, href } = new URL(text);
  const isBare = href === `${origin}/`;
  return isBare && /^https?:$/.test(protocol) && !hostname.includes('*') ? origin : null;
}
