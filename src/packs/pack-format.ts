// The format of a data pack, a signed file with new versions of presend's lists.
//
//     presend-data-pack 1 SIGNATURE      Ed25519 (RFC 8032), in base64, over all bytes after this line
//     HEADER                             JSON: {version, date, parts: [{name, bytes, sha256}]}
//     TEXT…                              the texts of the parts (ASCII), in the order of the header

import { concat, fromBase64, isEd25519Signature, sha256, toHex } from '../webhooks/crypto.ts';
import { isDataVersion } from './data-version.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface DataPack {
  readonly version: string;
  /** The text of each part, by the name of the part. */
  readonly parts: ReadonlyMap<string, string>;
}

export type PackRefusal =
  /** The file does not begin as a data pack does. */
  | 'not_a_pack'
  /** The format of the file is newer than this release. */
  | 'other_format'
  /** None of the keys made the signature, or the file was changed after it was signed. */
  | 'bad_signature'
  /** The signature is valid, but the header or a part is not as the format demands. */
  | 'malformed';

export type PackReading =
  | { readonly ok: true; readonly pack: DataPack }
  | { readonly ok: false; readonly why: PackRefusal };

/** Maximum size of a data pack in bytes. Those of this release take about 0.8 MB. */
export const maxPackBytes = 16 * 1024 * 1024;

const magic = 'presend-data-pack ';
const format = '1';
const lineFeed = 10;

const encoder = new TextEncoder();

/** Writes a data pack. `sign` returns the Ed25519 signature of some bytes. */
export async function writePack(
  { version, parts }: DataPack,
  sign: (data: Uint8Array) => Uint8Array,
): Promise<Bytes> {
  const texts = [...parts].map(([name, text]) => ({ name, content: encoder.encode(text) }));
  const header = {
    version,
    date: version.slice(0, 10),
    parts: await Promise.all(
      texts.map(async ({ name, content }) => ({
        name,
        bytes: content.length,
        sha256: toHex(await sha256(content)),
      })),
    ),
  };
  const signed = concat(
    encoder.encode(`${JSON.stringify(header)}\n`),
    ...texts.map(({ content }) => content),
  );
  const signature = btoa(String.fromCharCode(...sign(signed)));
  return concat(encoder.encode(`${magic}${format} ${signature}\n`), signed);
}

/** Reads a data pack. It must be signed with one of `keys`, raw Ed25519 public keys of 32 bytes. */
export async function readPack(bytes: Bytes, keys: readonly Bytes[]): Promise<PackReading> {
  const end = bytes.subarray(0, 200).indexOf(lineFeed);
  const first = new TextDecoder('latin1').decode(bytes.subarray(0, Math.max(end, 0)));
  if (!first.startsWith(magic)) return refused('not_a_pack');
  const [version, signatureText = ''] = first.slice(magic.length).split(' ');
  if (version !== format) return refused('other_format');
  const signature = fromBase64(signatureText);
  const signed = bytes.subarray(end + 1);
  if (signature === null || !(await isSignedByOne(keys, signature, signed))) return refused('bad_signature');

  const headerEnd = signed.indexOf(lineFeed);
  const header = readHeader(new TextDecoder().decode(signed.subarray(0, Math.max(headerEnd, 0))));
  if (header === null) return refused('malformed');
  const parts = new Map<string, string>();
  let at = headerEnd + 1;
  for (const { name, bytes: length, sha256: expected } of header.parts) {
    const content = signed.subarray(at, at + length);
    at += length;
    if (parts.has(name) || toHex(await sha256(content)) !== expected) return refused('malformed');
    parts.set(name, new TextDecoder().decode(content));
  }
  return at === signed.length ? { ok: true, pack: { version: header.version, parts } } : refused('malformed');
}

const refused = (why: PackRefusal): PackReading => ({ ok: false, why });

async function isSignedByOne(keys: readonly Bytes[], signature: Bytes, signed: Bytes): Promise<boolean> {
  for (const key of keys) if (await isEd25519Signature(key, signature, signed)) return true;
  return false;
}

interface Header {
  readonly version: string;
  readonly parts: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

function readHeader(text: string): Header | null {
  try {
    const { version, date, parts } = JSON.parse(text) as Record<string, unknown>;
    if (typeof version !== 'string' || !isDataVersion(version) || date !== version.slice(0, 10)) return null;
    return Array.isArray(parts) && parts.every(isPartEntry) ? { version, parts } : null;
  } catch {
    return null;
  }
}

function isPartEntry(value: unknown): value is Header['parts'][number] {
  const { name, bytes, sha256: hash } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof name === 'string' &&
    typeof hash === 'string' &&
    Number.isInteger(bytes) &&
    (bytes as number) >= 0 &&
    (bytes as number) <= maxPackBytes
  );
}
