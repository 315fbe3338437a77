// The interface of the library that judges SPF (RFC 7208) and reads DKIM keys (RFC 6376). The adapter is mailauth.ts.

import type { DnsOutcome, RecordType } from '../dns/resolver.ts';

/** Results of SPF (RFC 7208 section 2.6). */
export type SpfResult = 'none' | 'neutral' | 'pass' | 'fail' | 'softfail' | 'temperror' | 'permerror';

export interface SpfVerdict {
  readonly result: SpfResult;
  /** Why, if the result is an error. */
  readonly why: string;
}

export type DkimKeyReading =
  | {
      readonly kind: 'key';
      readonly keyType: 'rsa' | 'ed25519';
      /** The length of an RSA key in bits; null for other keys. */
      readonly bits: number | null;
      /** Whether the record has the flag `t=y`. */
      readonly isTesting: boolean;
      /** Names of rules that the record breaks and that most receivers overlook. */
      readonly warnings: readonly string[];
    }
  /** `p=` is empty. */
  | { readonly kind: 'revoked' }
  | { readonly kind: 'unusable'; readonly why: string };

/** Asks a DNS question. Never rejects. */
export type AskRecords = (name: string, type: RecordType) => Promise<DnsOutcome>;

export interface AuthenticationLibrary {
  /** Evaluates the SPF record of `domain` for a message from `ip`, as a receiver does. */
  spfVerdict(
    message: { readonly domain: string; readonly ip: string; readonly helo: string | null },
    ask: AskRecords,
  ): Promise<SpfVerdict>;
  /** What is wrong with the syntax of an SPF record; null if it is valid. */
  spfSyntaxError(record: string): Promise<string | null>;
  /** Reads the key in a TXT record. `name` is the name of the record, such as `s1._domainkey.example.com`. */
  readDkimKey(name: string, record: string): Promise<DkimKeyReading>;
}
