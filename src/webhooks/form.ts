// Decodes request bodies of the type application/x-www-form-urlencoded in one pass. Refuses bodies with too many pairs.

export type FormPairs = readonly (readonly [name: string, value: string])[];

/** Maximum number of name-value pairs in a form. No vendor sends more. */
const maxPairs = 1000;

const ampersand = 0x26;
const equals = 0x3d;
const plus = 0x2b;
const percent = 0x25;
const space = 0x20;

/** For each byte, the value of the hexadecimal digit that it encodes in ASCII, or -1 if it encodes none. */
const hexDigits = Int8Array.from({ length: 256 }, (_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? -1 : digit;
});

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Returns the name-value pairs of a form in their order, decoded as the URL Standard specifies. Null if there are more than
 * 1,000 pairs, or if a name or value is not UTF-8. The time is proportional to the length of the body, which is not true of
 * URLSearchParams.
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
 * Like `parseForm`, but returns names and values as bytes, because a signature may cover them. It is used before the signature
 * is checked, so anyone may have sent the body. It lets other work run between slices of the body, so a long body does not
 * block the event loop.
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

/** Reads the pairs of a form. Yields after every `sliceBytes` of the body, so the caller can let other work run. */
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

/** The value of the first pair with this name, or null. */
export const firstValue = (pairs: FormPairs, name: string): string | null =>
  pairs.find(([each]) => each === name)?.[1] ?? null;

/** The value of the last pair with this name, or null. */
export const lastValue = (pairs: FormPairs, name: string): string | null =>
  pairs.findLast(([each]) => each === name)?.[1] ?? null;

/** Number of bytes that are decoded before other work may run. Decoding them takes about a millisecond. */
const sliceBytes = 128 * 1024;

/** Decodes `+` and percent escapes in a name or a value. Yields after every `sliceBytes`, as `readForm` does. */
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
 * Decodes one slice of `bytes`, from `from` to `to`. If a percent escape such as `%40` crosses `to`, decodes it too. Writes
 * the result into `decoded`, beginning at `length`. Returns the next position in `bytes` and the new length of the result.
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
