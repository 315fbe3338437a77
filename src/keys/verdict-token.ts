// A verdict token proves to a page's server that presend checked an address. It is a short-lived signed statement
// that does not contain the address.

import { equalText } from './equal-text.ts';

/** A keyed hash (HMAC-SHA-256, RFC 2104). Returns lower-case hex for each text, in order. */
export interface Mac {
  hashAll(texts: readonly string[]): string[] | Promise<string[]>;
}

export interface VerdictStatement {
  /** The id of the publishable key with which the page asked. */
  readonly keyId: string;
  readonly result: string;
  readonly reason: string;
  readonly action: string;
  /** When the address was checked, in epoch milliseconds. A token stores whole seconds. */
  readonly checkedAt: number;
}

export type TokenOutcome =
  | ({ readonly kind: 'confirmed' } & VerdictStatement)
  /** The token was not issued by this service, or it was changed afterwards. */
  | { readonly kind: 'forged' }
  | { readonly kind: 'expired' }
  /** The token is genuine, but it is about another address. */
  | { readonly kind: 'other_address' };

export interface VerdictTokens {
  /** Pass `address` in the same spelling as to `read`: a token contains only a hash of it. */
  issue(address: string, statement: VerdictStatement): Promise<string>;
  read(token: string, address: string): Promise<TokenOutcome>;
}

/** Milliseconds after `checkedAt` until a token expires. */
export const tokenLifetimeMs = 30 * 60_000;

const version = 'vt1';
/**
 * Number of hex digits of each hash in a token. 32 digits are 128 bits, half of a SHA-256 digest. RFC 2104 section 5 allows
 * truncating an HMAC to that.
 */
const macLength = 32;

/**
 * Issues and reads tokens of the form `vt1.TIME.KEY.RESULT.REASON.ACTION.ADDRESS.MAC`. TIME is `checkedAt` in epoch seconds,
 * base 36. KEY is the id of the publishable key. ADDRESS is a keyed hash of the address: someone who reads the token cannot
 * find the address by hashing likely ones. MAC is the keyed hash of everything before it.
 */
export function createVerdictTokens(mac: Mac, now: () => number): VerdictTokens {
  const macOf = async (purpose: string, text: string): Promise<string> =>
    (await mac.hashAll([`${purpose}\n${text}`]))[0]!.slice(0, macLength);

  return {
    async issue(address, { keyId, result, reason, action, checkedAt }) {
      const time = Math.floor(checkedAt / 1000).toString(36);
      const body = [version, time, keyId, result, reason, action, await macOf('address', address)].join('.');
      return `${body}.${await macOf('token', body)}`;
    },
    async read(token, address) {
      const end = token.lastIndexOf('.');
      const body = token.slice(0, Math.max(end, 0));
      const genuine = equalText(await macOf('token', body), token.slice(end + 1));
      const [, time, keyId, result, reason, action, addressMac] = body.split('.');
      if (!genuine || addressMac === undefined) return { kind: 'forged' };
      const checkedAt = Number.parseInt(time!, 36) * 1000;
      if (checkedAt + tokenLifetimeMs <= now()) return { kind: 'expired' };
      if (!equalText(await macOf('address', address), addressMac)) return { kind: 'other_address' };
      return {
        kind: 'confirmed',
        keyId: keyId!,
        result: result!,
        reason: reason!,
        action: action!,
        checkedAt,
      };
    },
  };
}
