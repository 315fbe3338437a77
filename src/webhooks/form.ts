// Bodies of application/x-www-form-urlencoded, decoded in one pass over a bounded number of pairs.

export type FormPairs = readonly (readonly [name: string, value: string])[];

/** No vendor sends more. */
const maxPairs = 1000;

const ampersand = 0x26;
const equals = 0x3d;
const plus = 0x2b;
const percent = 0x25;
const space = 0x20;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The pairs of a form in their order, decoded as the URL Standard specifies. Null when there are more than 1,000, or
 * when a name or value is not UTF-8. Takes time linear in the body, unlike URLSearchParams.
 */
export function parseForm(body: Uint8Array): FormPairs | null {
  try {
    return parseFormBytes(body)?.map(([name, value]) => [utf8.decode(name), utf8.decode(value)]) ?? null;
  } catch {
    return null;
  }
}

/** The same pairs as raw bytes, for signatures over the bytes. */
export function parseFormBytes(
  body: Uint8Array,
): readonly (readonly [name: Uint8Array, value: Uint8Array])[] | null {
  const pairs: [Uint8Array, Uint8Array][] = [];
  for (let start = 0; start <= body.length; ) {
    const found = body.indexOf(ampersand, start);
    const end = found === -1 ? body.length : found;
    if (end > start) {
      if (pairs.length === maxPairs) return null;
      const pair = body.subarray(start, end);
      const mark = pair.indexOf(equals);
      const nameEnd = mark === -1 ? pair.length : mark;
      pairs.push([decode(pair.subarray(0, nameEnd)), decode(pair.subarray(nameEnd + 1))]);
    }
    start = end + 1;
  }
  return pairs;
}

/** The first value of a name, or null. */
export const firstValue = (pairs: FormPairs, name: string): string | null =>
  pairs.find(([each]) => each === name)?.[1] ?? null;

/** The last value of a name, or null. */
export const lastValue = (pairs: FormPairs, name: string): string | null =>
  pairs.findLast(([each]) => each === name)?.[1] ?? null;

function decode(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(percent) && !bytes.includes(plus)) return bytes;
  const decoded = new Uint8Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    const high = byte === percent ? hexDigit(bytes[i + 1]) : -1;
    const low = high === -1 ? -1 : hexDigit(bytes[i + 2]);
    if (low !== -1) {
      decoded[length++] = high * 16 + low;
      i += 2;
    } else decoded[length++] = byte === plus ? space : byte;
  }
  return decoded.subarray(0, length);
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
