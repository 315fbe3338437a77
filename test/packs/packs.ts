// Data packs for tests: the built-in lists with changes, signed with a fresh key.

import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { packHashSet } from '../../src/domain/hash-set.ts';
import { dataParts } from '../../src/packs/data-parts.ts';
import { type DataPack, writePack } from '../../src/packs/pack-format.ts';
import { restoreBuiltInData } from '../../src/packs/use-pack.ts';

export const newKey = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x!, 'base64url');
  return {
    /** The key in PEM. */
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    /** The raw public key. */
    raw: new Uint8Array(raw),
    base64: raw.toString('base64'),
    publicKey,
    sign: (data: Uint8Array): Uint8Array => sign(null, data, privateKey),
  };
};

/** The text of a part that is built in. */
export const builtInPart = (name: string): string => dataParts.find((part) => part.name === name)!.builtIn();

/** The built-in lists, with other texts for some parts. */
export const packWith = (
  changed: Readonly<Record<string, string>> = {},
  version = '2099-01-01',
): DataPack => ({
  version,
  parts: new Map(dataParts.map((part) => [part.name, changed[part.name] ?? part.builtIn()])),
});

/** A list of disposable domains with only these. */
export const onlyDisposable = (...domains: string[]): Record<string, string> => ({
  'disposable-domains': packHashSet(domains),
});

export const signedPack = (pack: DataPack, { sign: by }: Pick<ReturnType<typeof newKey>, 'sign'>) =>
  writePack(pack, by);

/** Puts the built-in lists back after the test. */
export const restoreAfterTest = (): void => onTestFinished(restoreBuiltInData);
