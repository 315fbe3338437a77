// What a key is and what it allows.

/** The scopes of a secret key. docs/keys.md explains each. */
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

/** `secret` stays on the caller's server; `publishable` is in a page and may only ask for a verdict. */
export type KeyKind = 'secret' | 'publishable';

export interface Key {
  readonly id: string;
  readonly kind: KeyKind;
  readonly name: string;
  /** The first characters of its text. */
  readonly prefix: string;
  /** The scopes of a secret key. Null: all scopes. */
  readonly scopes: readonly Scope[] | null;
  /** The origins of a publishable key, serialized (RFC 6454), such as `https://shop.example`. */
  readonly origins: readonly string[];
  /** All times of a key are epoch milliseconds. */
  readonly createdAt: number;
  /** The key is invalid from this time on. Null: it does not expire. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** Id of the key that replaced it. */
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

/** The default and the maximum overlap of a rotation, in milliseconds. */
export const defaultOverlapMs = 24 * 3_600_000;
export const maxOverlapMs = 30 * 24 * 3_600_000;

/**
 * The serialized origin in `text`, such as `https://shop.example` or `http://localhost:3000`; null if it is not one.
 * An origin has no path, and a pattern such as `https://*.example` would admit anyone with a subdomain.
 */
export function readOrigin(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { origin, protocol, hostname, href } = new URL(text);
  const isBare = href === `${origin}/`;
  return isBare && /^https?:$/.test(protocol) && !hostname.includes('*') ? origin : null;
}
