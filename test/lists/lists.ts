// Lists for tests: read from text or bytes in pieces of any size, and cleaned over a DNS that is an object.

import { Buffer } from 'node:buffer';
import type { MailHost } from '../../src/domain/mail-host.ts';
import { addressesOf, type CleanOptions, cleanSlice, headOf } from '../../src/lists/clean-slice.ts';
import { createSeenAddresses } from '../../src/lists/duplicates.ts';
import type { ListError } from '../../src/lists/list-error.ts';
import { openList } from '../../src/lists/read-list.ts';
import type { ListOptions } from '../../src/lists/record-format.ts';
import type { ListRow, ListShape } from '../../src/lists/shape.ts';
import { addTally, emptyTally, type ListTally } from '../../src/lists/tally.ts';
import { type Validator, validatorOver } from '../../src/validator/validate.ts';

export const today = Date.parse('2026-11-20T12:00:00Z');

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The bytes of `text` in an encoding, found by decoding every byte and every pair of bytes. */
export function encoded(text: string, encoding: string): Uint8Array {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const known = new Map<string, number[]>();
  const add = (...sequence: number[]) => {
    try {
      const character = decoder.decode(Uint8Array.from(sequence));
      if (!known.has(character)) known.set(character, sequence);
    } catch {}
  };
  for (let lead = 0; lead <= 0xff; lead++) add(lead);
  for (let lead = 0x80; lead <= 0xff; lead++) for (let trail = 0x40; trail <= 0xfe; trail++) add(lead, trail);
  return Uint8Array.from([...text].flatMap((character) => known.get(character)!));
}

/** Yields one Buffer again and again, as a file is read: each piece is overwritten when the next is requested. */
export async function* inPieces(whole: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  const piece = Buffer.alloc(Math.min(size, whole.length));
  for (let at = 0; at < whole.length; at += size) {
    const part = whole.subarray(at, at + size);
    piece.set(part);
    yield piece.subarray(0, part.length);
    piece.fill('*');
  }
}

const someHost: MailHost = { kind: 'mx', exchanges: [{ preference: 10, host: 'mx.brisk-otter.com' }] };

/** A validator whose DNS is `hosts`; every other domain has an ordinary mail host. `asked` hears of each look-up. */
export const validatorOf = (hosts: Record<string, MailHost> = {}, asked: string[] = []): Validator =>
  validatorOver({
    mailHosts: {
      lookup(domain) {
        asked.push(domain);
        return { mailHost: hosts[domain] ?? someHost, expires: today + 1 };
      },
    },
    suppressions: null,
    now: () => today,
    timeoutMs: 1000,
    batchTimeoutMs: 1000,
  });

export interface Read {
  readonly shape: ListShape | null;
  readonly rows: readonly ListRow[];
  readonly error: ListError | null;
}

export async function read(
  file: string | Uint8Array,
  options: ListOptions = {},
  pieces?: number,
): Promise<Read> {
  const opened = await openList(inPieces(typeof file === 'string' ? bytes(file) : file, pieces), options);
  if (!opened.ok) return { shape: null, rows: [], error: opened.error };
  const rows: ListRow[] = [];
  for await (const part of opened.parts) {
    if (part.kind === 'error') return { shape: opened.shape, rows, error: part.error };
    rows.push(...part.rows);
  }
  return { shape: opened.shape, rows, error: null };
}

/** The text that a list becomes. Fails where the list is refused. */
export async function cleaned(
  file: string | Uint8Array,
  options: ListOptions & Partial<CleanOptions> & { readonly validator?: Validator } = {},
  pieces?: number,
): Promise<{ text: string; tally: ListTally }> {
  const { validator = validatorOf(), asOf = today, maxAgeDays = 90 } = options;
  const opened = await openList(inPieces(typeof file === 'string' ? bytes(file) : file, pieces), options);
  if (!opened.ok) throw new Error(opened.error.message);
  const seen = createSeenAddresses();
  let text = headOf(opened.shape, opened.head);
  const tally = emptyTally();
  for await (const part of opened.parts) {
    if (part.kind === 'error') throw new Error(part.error.message);
    const slice = await cleanSlice(part.rows, opened.shape, validator, {
      ...options,
      asOf,
      maxAgeDays,
      duplicates: seen.seen(addressesOf(part.rows)),
    });
    text += slice.text;
    addTally(tally, slice.tally);
  }
  return { text, tally };
}
