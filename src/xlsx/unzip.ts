// Reads ZIP archives (APPNOTE.TXT 6.3) by their central directory, so the order of the entries does not matter and data
// descriptors are not needed. Reads ZIP64, stored and deflated entries.

import { Inflate } from 'fflate';
import { type ByteSource, bytesAt } from './byte-source.ts';
import { beyondLimit, damaged, WorkbookFault } from './workbook-fault.ts';
import type { WorkbookLimits } from './workbook-limits.ts';

export interface ZipArchive {
  /** The names of the entries in lower case, with slashes, in the order of the archive. */
  readonly names: readonly string[];
  has(name: string): boolean;
  /** Yields the unpacked bytes of an entry. Throws `WorkbookFault` if it is missing, damaged or too large. */
  read(name: string): AsyncGenerator<Uint8Array>;
}

interface ZipEntry {
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly crc: number;
  readonly packed: number;
  readonly unpacked: number;
  /** The position of the local header in the file. */
  readonly at: number;
}

/** Maximum length of the comment at the end of an archive, with the record before it. */
const longestEnd = 65_535 + 22;

/** Maximum length of the central directory in bytes. It is kept in memory. */
const longestDirectory = 16 * 2 ** 20;

/** Number of packed bytes that are unpacked at a time. They can become at most a thousand times as many. */
const packedAtOnce = 16_384;

/** The name of an entry as `ZipArchive` knows it. Names of parts ignore letter case (ECMA-376-2). */
const plainPath = (name: string): string => name.replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase();

export async function openZip(source: ByteSource, limits: WorkbookLimits): Promise<ZipArchive> {
  const entries = await readDirectory(source, limits);
  const spent = new Map<string, number>();

  /** Checks the limits after `unpacked` bytes of an entry. */
  const check = (name: string, { packed }: ZipEntry, unpacked: number): void => {
    spent.set(name, Math.max(unpacked, spent.get(name) ?? 0));
    let total = 0;
    for (const bytes of spent.values()) total += bytes;
    if (total > limits.unpackedBytes) throw beyondLimit(`unpacks to more than ${limits.unpackedBytes} bytes`);
    if (unpacked > limits.ratioFrom && unpacked > packed * limits.ratio)
      throw beyondLimit(
        `has a part that unpacks to more than ${limits.ratio} times its size, as a ZIP bomb does`,
      );
  };

  return {
    names: [...entries.keys()],
    has: (name) => entries.has(plainPath(name)),
    async *read(path) {
      const name = plainPath(path);
      const entry = entries.get(name);
      if (entry === undefined) throw damaged(`its part ${name.slice(0, 80)} is missing`);
      if (entry.isEncrypted)
        throw new WorkbookFault(
          'encrypted_workbook',
          'The file is protected by a password. Remove the password and save the workbook again.',
        );
      if (entry.method !== 0 && entry.method !== 8) throw damaged('it is packed with an unknown method');
      check(name, entry, entry.unpacked);
      let crc = 0;
      let length = 0;
      const packed = packedBytes(source, entry);
      for await (const piece of entry.method === 0 ? packed : inflated(packed)) {
        length += piece.length;
        if (length > entry.unpacked) throw damaged('a part is longer than the archive says');
        check(name, entry, length);
        crc = crc32(piece, crc);
        yield piece;
      }
      if (length !== entry.unpacked || crc !== entry.crc)
        throw damaged('the length or the checksum of a part is wrong');
    },
  };
}

async function readDirectory(source: ByteSource, limits: WorkbookLimits): Promise<Map<string, ZipEntry>> {
  const { count, length, offset, end } = await readEnd(source);
  if (count > limits.entries) throw beyondLimit(`contains more than ${limits.entries} files`);
  if (length > longestDirectory || length > end) throw damaged('its directory is too long');
  // Other bytes may precede the archive in the file, so the offset that the archive states may be wrong. The directory always
  // ends where its end record begins.
  const at = end - length;
  const moved = at - offset;
  const bytes = await bytesAt(source, at, length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries = new Map<string, ZipEntry>();
  let place = 0;
  for (let index = 0; index < count; index++) {
    if (place + 46 > bytes.length || view.getUint32(place, true) !== 0x02014b50)
      throw damaged('its directory is incomplete');
    const nameLength = view.getUint16(place + 28, true);
    const extraLength = view.getUint16(place + 30, true);
    const extraAt = place + 46 + nameLength;
    const next = extraAt + extraLength + view.getUint16(place + 32, true);
    if (next > bytes.length) throw damaged('its directory is incomplete');
    const sizes = largeSizes(view, extraAt, extraLength, [
      view.getUint32(place + 24, true),
      view.getUint32(place + 20, true),
      view.getUint32(place + 42, true),
    ]);
    const name = plainPath(new TextDecoder().decode(bytes.subarray(place + 46, extraAt)));
    // If two entries have the same name, some programs read the first and others the last. Spreadsheet programs do not write such
    // archives, so it is refused.
    if (entries.has(name)) throw damaged('it has two parts of the same name');
    entries.set(name, {
      method: view.getUint16(place + 10, true),
      isEncrypted: (view.getUint16(place + 8, true) & 1) === 1,
      crc: view.getUint32(place + 16, true),
      unpacked: sizes[0],
      packed: sizes[1],
      at: sizes[2] + moved,
    });
    place = next;
  }
  return entries;
}

/** The sizes and the offset of an entry. A value of 0xffffffff is in the ZIP64 extra field instead. */
function largeSizes(
  view: DataView,
  from: number,
  length: number,
  short: readonly [number, number, number],
): [number, number, number] {
  const sizes: [number, number, number] = [...short];
  for (let at = from; at + 4 <= from + length; ) {
    const end = Math.min(at + 4 + view.getUint16(at + 2, true), from + length);
    if (view.getUint16(at, true) === 1) {
      let place = at + 4;
      for (const [index, size] of short.entries()) {
        if (size !== 0xffff_ffff || place + 8 > end) continue;
        sizes[index] = Number(view.getBigUint64(place, true));
        place += 8;
      }
    }
    at = end;
  }
  return sizes;
}

interface DirectoryEnd {
  /** Number of entries. */
  readonly count: number;
  /** The length of the directory in bytes. */
  readonly length: number;
  /** The position at which the directory begins, as the archive says. */
  readonly offset: number;
  /** The position at which the directory ends. */
  readonly end: number;
}

async function readEnd(source: ByteSource): Promise<DirectoryEnd> {
  const start = Math.max(0, source.size - longestEnd);
  const bytes = await bytesAt(source, start, longestEnd);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = bytes.length - 22; at >= 0; at--) {
    if (view.getUint32(at, true) !== 0x06054b50) continue;
    if (at + 22 + view.getUint16(at + 20, true) > bytes.length) continue;
    const large = at >= 20 && view.getUint32(at - 20, true) === 0x07064b50;
    if (large) return readLargeEnd(source, Number(view.getBigUint64(at - 12, true)), start + at - 20);
    return {
      count: view.getUint16(at + 10, true),
      length: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
      end: start + at,
    };
  }
  throw damaged('its end is missing, as after an interrupted download');
}

/** Reads the ZIP64 end record. It is at `stated`, or right before its locator if bytes were put in front of the archive. */
async function readLargeEnd(source: ByteSource, stated: number, locator: number): Promise<DirectoryEnd> {
  for (const end of [stated, locator - 56]) {
    const bytes = end < 0 ? new Uint8Array(0) : await bytesAt(source, end, 56);
    if (bytes.length < 56) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (view.getUint32(0, true) !== 0x06064b50) continue;
    return {
      count: Number(view.getBigUint64(32, true)),
      length: Number(view.getBigUint64(40, true)),
      offset: Number(view.getBigUint64(48, true)),
      end,
    };
  }
  throw damaged('its ZIP64 directory is missing');
}

async function* packedBytes(source: ByteSource, { at, packed }: ZipEntry): AsyncGenerator<Uint8Array> {
  const head = await bytesAt(source, at, 30);
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if (at < 0 || head.length < 30 || view.getUint32(0, true) !== 0x04034b50)
    throw damaged('a part is not where its directory says');
  const start = at + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + packed > source.size) throw damaged('a part is incomplete');
  if (packed === 0) return;
  let left = packed;
  for await (const piece of source.read(start, packed)) {
    yield piece.subarray(0, left);
    left -= Math.min(left, piece.length);
    if (left === 0) return;
  }
  throw damaged('a part is incomplete');
}

async function* inflated(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let out: Uint8Array[] = [];
  const inflate = new Inflate((piece) => {
    if (piece.length > 0) out.push(piece);
  });
  const push = (bytes: Uint8Array, last: boolean): Uint8Array[] => {
    out = [];
    try {
      inflate.push(bytes, last);
    } catch {
      throw damaged('a part cannot be unpacked');
    }
    return out;
  };
  // Each push copies 32 KiB, so small pieces are collected first.
  const waiting = new Uint8Array(packedAtOnce);
  let filled = 0;
  for await (const piece of packed)
    for (let at = 0; at < piece.length; ) {
      const taken = piece.subarray(at, at + packedAtOnce - filled);
      waiting.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < packedAtOnce) continue;
      yield* push(waiting, false);
      filled = 0;
    }
  yield* push(waiting.subarray(0, filled), true);
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb8_8320 : value >>> 1;
  return value;
});

/** The CRC-32 of the bytes of `before` followed by `bytes`. */
function crc32(bytes: Uint8Array, before: number): number {
  let crc = ~before;
  for (let at = 0; at < bytes.length; at++) crc = (crc >>> 8) ^ crcTable[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}
