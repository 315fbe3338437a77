// Header blocks of HTTP/2 (HPACK, RFC 7541): those of requests written without a table, those of responses read with one.

/** The names of the static table (appendix A), from index 1 on. */
const staticNames = `
  :authority :method :method :path :path :scheme :scheme :status :status :status :status :status :status
  :status accept-charset accept-encoding accept-language accept-ranges accept access-control-allow-origin
  age allow authorization cache-control content-disposition content-encoding content-language
  content-length content-location content-range content-type cookie date etag expect expires from host
  if-match if-modified-since if-none-match if-range if-unmodified-since last-modified link location
  max-forwards proxy-authenticate proxy-authorization range referer refresh retry-after server set-cookie
  strict-transport-security transfer-encoding user-agent vary via www-authenticate
`
  .trim()
  .split(/\s+/);

const methodIndex = { GET: 2, POST: 3 } as const;
const schemeHttps = 7;
const firstStatus = 8;
/** The only values of the static table that a response has. */
const staticStatus: readonly string[] = ['200', '204', '206', '304', '400', '404', '500'];

/** The block of a request over https, its fields as literals that are neither indexed nor compressed. */
export function encodeRequest(
  method: 'GET' | 'POST',
  authority: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Buffer {
  const fields = Object.entries({ ':authority': authority, ':path': path, ...headers });
  return Buffer.concat([
    Buffer.from([0x80 | methodIndex[method], 0x80 | schemeHttps]),
    ...fields.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]),
  ]);
}

function literal(text: string): Buffer {
  const octets = Buffer.from(text, 'latin1');
  return Buffer.concat([integer(octets.length), octets]);
}

/** Section 5.1, with a prefix of 7 bits. */
function integer(value: number): Buffer {
  if (value < 0x7f) return Buffer.from([value]);
  const octets = [0x7f];
  let rest = value - 0x7f;
  for (; rest >= 0x80; rest >>= 7) octets.push((rest & 0x7f) | 0x80);
  return Buffer.from([...octets, rest]);
}

/** Names are in lower case; of a name that comes more than once the last value counts. */
export type Headers = Map<string, string>;

/** What a peer may keep in the dynamic table (section 4.2) where nobody agreed on more. */
const tableSize = 4096;
/** What an entry counts for beside its octets (section 4.1). */
const entryOverhead = 32;

/** Reads the blocks of one connection in the order in which they came; null for one that is broken, and for all after it. */
export function createHeaderReader(): (block: Buffer) => Headers | null {
  /** The oldest entry first. */
  const table: { readonly name: string; readonly value: string }[] = [];
  let size = 0;
  let limit = tableSize;

  const sizeOf = (name: string, value: string) => name.length + value.length + entryOverhead;
  const shrinkTo = (most: number): void => {
    while (size > most) {
      const { name, value } = table.shift()!;
      size -= sizeOf(name, value);
    }
  };
  const add = (name: string, value: string): void => {
    shrinkTo(Math.max(0, limit - sizeOf(name, value)));
    // One that is larger than the table empties it and is not kept (section 4.4).
    if (sizeOf(name, value) > limit) return;
    table.push({ name, value });
    size += sizeOf(name, value);
  };
  const entry = (index: number): { readonly name: string; readonly value: string } => {
    if (index < 1) throw broken;
    if (index <= staticNames.length)
      return { name: staticNames[index - 1]!, value: staticStatus[index - firstStatus] ?? '' };
    const found = table[table.length - (index - staticNames.length)];
    if (found === undefined) throw broken;
    return found;
  };

  const read = (reader: Reader): Headers => {
    const headers: Headers = new Map();
    while (reader.at < reader.block.length) {
      const first = reader.block[reader.at]!;
      if (first & 0x80) {
        const { name, value } = entry(readInteger(reader, 7));
        headers.set(name, value);
      } else if ((first & 0xe0) === 0x20) {
        limit = readInteger(reader, 5);
        if (limit > tableSize) throw broken;
        shrinkTo(limit);
      } else {
        const isKept = (first & 0x40) !== 0;
        const index = readInteger(reader, isKept ? 6 : 4);
        const name = index === 0 ? readString(reader) : entry(index).name;
        const value = readString(reader);
        headers.set(name, value);
        if (isKept) add(name, value);
      }
    }
    return headers;
  };

  let isBroken = false;
  return (block) => {
    if (isBroken) return null;
    try {
      return read({ block, at: 0 });
    } catch (error) {
      if (error !== broken) throw error;
      isBroken = true;
      return null;
    }
  };
}

/** Made once, since it says nothing but that a block cannot be read. */
const broken = new Error('a header block that cannot be read');

interface Reader {
  readonly block: Buffer;
  at: number;
}

function readOctet(reader: Reader): number {
  const octet = reader.block[reader.at++];
  if (octet === undefined) throw broken;
  return octet;
}

function readInteger(reader: Reader, prefix: number): number {
  const most = (1 << prefix) - 1;
  let value = readOctet(reader) & most;
  if (value < most) return value;
  for (let shift = 0; shift <= 21; shift += 7) {
    const octet = readOctet(reader);
    value += (octet & 0x7f) << shift;
    if (octet < 0x80) return value;
  }
  throw broken;
}

function readString(reader: Reader): string {
  const isCompressed = (reader.block[reader.at] ?? 0) >= 0x80;
  const length = readInteger(reader, 7);
  const from = reader.at;
  reader.at += length;
  if (reader.at > reader.block.length) throw broken;
  const octets = reader.block.subarray(from, reader.at);
  return isCompressed ? decompressed(octets) : octets.toString('latin1');
}

/**
 * The Huffman code of appendix B by the lengths of its codes in bits, which is all that a canonical code needs: those of
 * one length are consecutive, and follow those that are shorter.
 */
const charactersOf: Readonly<Record<number, string>> = {
  5: '012aceiost',
  6: ' %-./3456789=A_bdfghlmnpru',
  7: ':BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz',
  8: '&*,;XZ',
  10: '!"()?',
  11: "'+|",
  12: '#>',
  13: '\0$@[]~',
  14: '^}',
  15: '<`{',
  19: '\\\xc3\xd0',
  20: '\x80\x82\x83\xa2\xb8\xc2\xe0\xe2',
  21: '\x99\xa1\xa7\xac\xb0\xb1\xb3\xd1\xd8\xd9\xe3\xe5\xe6',
  22: '\x81\x84\x85\x86\x88\x92\x9a\x9c\xa0\xa3\xa4\xa9\xaa\xad\xb2\xb5\xb9\xba\xbb\xbd\xbe\xc4\xc6\xe4\xe8\xe9',
  23: '\x01\x87\x89\x8a\x8b\x8c\x8d\x8f\x93\x95\x96\x97\x98\x9b\x9d\x9e\xa5\xa6\xa8\xae\xaf\xb4\xb6\xb7\xbc\xbf\xc5\xe7\xef',
  24: '\x09\x8e\x90\x91\x94\x9f\xab\xce\xd7\xe1\xec\xed',
  25: '\xc7\xcf\xea\xeb',
  26: '\xc0\xc1\xc8\xc9\xca\xcd\xd2\xd5\xda\xdb\xee\xf0\xf2\xf3\xff',
  27: '\xcb\xcc\xd3\xd4\xd6\xdd\xde\xdf\xf1\xf4\xf5\xf6\xf7\xf8\xfa\xfb\xfc\xfd\xfe',
  28: '\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x11\x12\x13\x14\x15\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f\xdc\xf9',
  30: '\x0a\x0d\x16',
};
const longest = 30;

/** For each length the first code, and the characters from there on. */
const codes = (() => {
  let next = 0;
  return Array.from({ length: longest + 1 }, (_, length) => {
    const characters = charactersOf[length] ?? '';
    const first = next * 2;
    next = first + characters.length;
    return { first, characters };
  });
})();

function decompressed(octets: Uint8Array): string {
  let text = '';
  let code = 0;
  let length = 0;
  for (const octet of octets)
    for (let bit = 7; bit >= 0; bit--) {
      code = (code << 1) | ((octet >> bit) & 1);
      // Only the end of the string, which must not be in one, has a code that is in none of the rows.
      if (++length > longest) throw broken;
      const { first, characters } = codes[length]!;
      const character = characters[code - first];
      if (character === undefined) continue;
      text += character;
      code = 0;
      length = 0;
    }
  // What is left is padding: less than an octet, all ones (section 5.2).
  if (length > 7 || code !== (1 << length) - 1) throw broken;
  return text;
}
