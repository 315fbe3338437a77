// Bodies of application/x-www-form-urlencoded, decoded in one pass over a bounded number of pairs.

export type FormPairs = readonly (readonly [name: string, value: string])[];

/** No vendor sends more. */
const maxPairs = 1000;

const ampersand = 0x26;
const equals = 0x3d;
const plus = 0x2b;
const percent = 0x25;
const space = 0x20;

/** The value of each byte that is a hexadecimal digit, else -1. */
const hexDigits = Int8Array.from({ length: 256 }, (_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? -1 : digit;
});

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The pairs of a form in their order, decoded as the URL Standard specifies. Null when there are more than 1,000, or
 * when a name or value is not UTF-8. Takes time linear in the body, unlike URLSearchParams.
 */
export function parseForm(body: Uint8Array): FormPairs | null {
  const reading = readForm(body);
  for (;;) {
    const { done, value } = reading.next();
    if (done) return value && textPairs(value);
  }
}

type BytePairs = readonly (readonly [name: Uint8Array, value: Uint8Array])[];

/**
 * The same pairs as raw bytes, for signatures over the bytes. Lets other work run between slices of the body, because an
 * unverified sender must not block the event loop.
 */
export async function parseUnverifiedForm(body: Uint8Array): Promise<BytePairs | null> {
  const reading = readForm(body);
  for (;;) {
    const { done, value } = reading.next();
    if (done) return value;
    await new Promise((resolve) => setTimeout(resolve));
  }
}

function textPairs(pairs: BytePairs): FormPairs | null {
  try {
    return pairs.map(([name, value]) => [utf8.decode(name), utf8.decode(value)]);
  } catch {
    return null;
  }
}

/** Yields after each slice of the body. */
function* readForm(body: Uint8Array): Generator<void, BytePairs | null, void> {
  const pairs: [Uint8Array, Uint8Array][] = [];
  let sliceEnd = sliceBytes;
  for (let start = 0; start <= body.length; ) {
    if (start >= sliceEnd) {
      yield;
      sliceEnd = start + sliceBytes;
    }
    const found = body.indexOf(ampersand, start);
    const end = found === -1 ? body.length : found;
    if (end > start) {
      if (pairs.length === maxPairs) return null;
      const pair = body.subarray(start, end);
      const mark = pair.indexOf(equals);
      const nameEnd = mark === -1 ? pair.length : mark;
      pairs.push([yield* decode(pair.subarray(0, nameEnd)), yield* decode(pair.subarray(nameEnd + 1))]);
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

/** Bytes decoded at a time: about a millisecond. */
const sliceBytes = 128 * 1024;

function* decode(bytes: Uint8Array): Generator<void, Uint8Array, void> {
  if (!bytes.includes(percent) && !bytes.includes(plus)) return bytes;
  const decoded = new Uint8Array(bytes.length);
  let from = 0;
  let length = 0;
  while (from < bytes.length) {
    const to = Math.min(from + sliceBytes, bytes.length);
    if (from > 0) yield;
    [from, length] = decodeSlice(bytes, from, to, decoded, length);
  }
  return decoded.subarray(0, length);
}

/**
 * Decodes `bytes` from `from` to `to`, or to the end of an escape that crosses `to`. Writes into `decoded` from `length` on.
 * Returns the next position in `bytes` and the new length of `decoded`.
 */
function decodeSlice(
  bytes: Uint8Array,
  from: number,
  to: number,
  decoded: Uint8Array,
  length: number,
): [from: number, length: number] {
  let i = from;
  let end = length;
  while (i < to) {
    const byte = bytes[i]!;
    const value =
      byte === percent && i + 2 < bytes.length
        ? (hexDigits[bytes[i + 1]!]! << 4) | hexDigits[bytes[i + 2]!]!
        : -1;
    decoded[end++] = value >= 0 ? value : byte === plus ? space : byte;
    i += value >= 0 ? 3 : 1;
  }
  return [i, end];
}
