// What an API key is and what it allows.

/** The scopes that a secret key can have. docs/keys.md explains each. */
export const scopes = [
  'validate',
  'suppressions:read',
  'suppressions:write',
  'bounces:write',
  'reports:read',
  'events:read',
  'jobs',
  'domains',
  'preflight',
  'gate',
  'probe',
  'keys',
] as const;

export type Scope = (typeof scopes)[number];

/**
 * A `secret` key stays on the caller's server. A `publishable` key is visible in a web page, so it may only get the verdict on
 * one address at a time.
 */
export type KeyKind = 'secret' | 'publishable';

export interface Key {
  readonly id: string;
  readonly kind: KeyKind;
  readonly name: string;
  /** The first characters of the key's text, for display. */
  readonly prefix: string;
  /** The scopes of a secret key; null if it has all of them. Null for a publishable key, which has no scopes. */
  readonly scopes: readonly Scope[] | null;
  /**
   * The web origins from which a publishable key works, serialized as in RFC 6454, such as `https://shop.example`. Empty for a
   * secret key.
   */
  readonly origins: readonly string[];
  /** Epoch milliseconds, as are all times of a key. */
  readonly createdAt: number;
  /** The time from which the key is invalid, because it was rotated; null if it does not expire. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** The id of the key that replaced this one; null if it was not rotated. */
  readonly replacedBy: string | null;
  /** The day (UTC) of its last use, such as `2026-11-20`; null if it was never used. */
  readonly lastUsedOn: string | null;
}

export type NewKey =
  | { readonly kind: 'secret'; readonly name: string; readonly scopes: readonly Scope[] | null }
  | { readonly kind: 'publishable'; readonly name: string; readonly origins: readonly string[] };

export type KeyState = 'valid' | 'expired' | 'revoked';

export const stateOf = ({ revokedAt, expiresAt }: Key, now: number): KeyState =>
  revokedAt !== null ? 'revoked' : expiresAt !== null && expiresAt <= now ? 'expired' : 'valid';

/** Milliseconds for which a rotated key stays valid, unless the caller asks for another time. */
export const defaultOverlapMs = 24 * 3_600_000;
/** Maximum milliseconds for which a caller may let a rotated key stay valid. */
export const maxOverlapMs = 30 * 24 * 3_600_000;

/**
 * Returns the serialized origin in `text`, such as `https://shop.example` or `http://localhost:3000`. Null if the text is not
 * an http or https origin, or if it contains more than an origin, such as a path. Null also for a pattern such as
 * `https://*.example`: it would admit everyone who controls a subdomain.
 */
export function readOrigin(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { origin, protocol, hostname, href } = new URL(text);
  const isBare = href === `${origin}/`;
  return isBare && /^https?:$/.test(protocol) && !hostname.includes('*') ? origin : null;
}
