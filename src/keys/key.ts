// What an API key is and what it allows.

/** The scopes that a secret key can have. docs/keys.md explains each. */
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

/**
 * A `secret` key stays on the caller's server. A `publishable` key is visible in a web page, and may only ask for
 * verdicts.
 */
export type KeyKind = 'secret' | 'publishable';

export interface Key {
  readonly id: string;
  readonly kind: KeyKind;
  readonly name: string;
  /** The first characters of the key's text, for display. */
  readonly prefix: string;
  /** The scopes of a secret key. Null: all scopes. */
  readonly scopes: readonly Scope[] | null;
  /** The web origins from which a publishable key works, serialized as in RFC 6454, such as `https://shop.example`. */
  readonly origins: readonly string[];
  /** All times of a key are epoch milliseconds. */
  readonly createdAt: number;
  /** The key is invalid from this time on. Null: it does not expire. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** The id of the key that replaced this one; null if it was not rotated. */
  readonly replacedBy: string | null;
  /** The day (UTC) of its last use, such as `2026-11-20`. */
  readonly lastUsedOn: string | null;
}

export type NewKey =
  | { readonly kind: 'secret'; readonly name: string; readonly scopes: readonly Scope[] | null }
  | { readonly kind: 'publishable'; readonly name: string; readonly origins: readonly string[] };

export type KeyState = 'valid' | 'expired' | 'revoked';

export const stateOf = ({ revokedAt, expiresAt }: Key, now: number): KeyState =>
  revokedAt !== null ? 'revoked' : expiresAt !== null && expiresAt <= now ? 'expired' : 'valid';

/** How long a rotated key stays valid, in milliseconds: the default, and the maximum that a caller may ask for. */
export const defaultOverlapMs = 24 * 3_600_000;
export const maxOverlapMs = 30 * 24 * 3_600_000;

/**
 * Returns the serialized origin in `text`, such as `https://shop.example` or `http://localhost:3000`. Null if the
 * text is not just an origin: it must have no path. A pattern such as `https://*.example` is refused, because it
 * would admit anyone who has a subdomain.
 */
export function readOrigin(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { origin, protocol, hostname, href } = new URL(text);
  const isBare = href === `${origin}/`;
  return isBare && /^https?:$/.test(protocol) && !hostname.includes('*') ? origin : null;
}
