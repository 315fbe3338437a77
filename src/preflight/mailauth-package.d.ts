// The types of the modules of mailauth that it publishes without any.

declare module 'mailauth/lib/spf/syntax.js' {
  /** What is wrong with the terms of an SPF record; false if they are valid. */
  export function validateTerms(terms: readonly string[]): string | false;
}

declare module 'mailauth/lib/tools.js' {
  /** Reads a DKIM key record. Throws if its key cannot be used. */
  export function getPublicKey(
    type: 'DKIM',
    name: string,
    minBitLength: number,
    resolver: (name: string, type: string) => Promise<readonly (readonly string[])[]>,
  ): Promise<{
    readonly keyType: 'rsa' | 'ed25519';
    readonly modulusLength?: number;
    readonly testing: boolean;
    readonly warnings: readonly string[];
  }>;
}
