// The format of a file with older delivery events: NDJSON, one event a line, compressed with gzip.

import { bytesOf, sha256, toHex } from '../../webhooks/crypto.ts';
import type { StoredEvent } from '../event-repository.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface ColdContent {
  /** The compressed file. */
  readonly bytes: Bytes;
  /** SHA-256 of the content before compression, in lower-case hex. */
  readonly digest: string;
}

/** A field that an event does not have is null. These fields are left out of the line if they are null. */
const optionalFields = {
  status: null,
  addressHash: null,
  mailboxProvider: null,
  message: null,
  campaign: null,
  source: null,
  list: null,
  mailHost: null,
  gateway: null,
} as const satisfies Partial<StoredEvent>;

/** Writes the events in order. */
export async function encodeColdEvents(events: readonly StoredEvent[]): Promise<ColdContent> {
  const lines = await inTurns(
    events,
    (event) => `${JSON.stringify(event, (_, value: unknown) => (value === null ? undefined : value))}\n`,
  );
  const plain = bytesOf(lines.join(''));
  return { bytes: await through(plain, new CompressionStream('gzip')), digest: toHex(await sha256(plain)) };
}

/** Thrown if a file is missing or does not have the content that was written. */
export class DamagedColdFile extends Error {
  override readonly name = 'DamagedColdFile';
}

/**
 * Reads a file and checks it against `digest`.
 * @throws DamagedColdFile if it is not the file that was written.
 */
export async function decodeColdEvents(
  file: ReadableStream<Bytes>,
  digest: string,
): Promise<readonly StoredEvent[]> {
  // An error of this read is a fault of the storage, so it must not count as a damaged file.
  const compressed = new Uint8Array(await new Response(file).arrayBuffer());
  const plain = await through(compressed, new DecompressionStream('gzip')).catch((error: unknown) => {
    throw new DamagedColdFile('The file is not valid gzip.', { cause: error });
  });
  if (toHex(await sha256(plain)) !== digest) throw new DamagedColdFile('The file has another digest.');
  const lines = new TextDecoder()
    .decode(plain)
    .split('\n')
    .filter((line) => line !== '');
  return inTurns(lines, (line) => ({ ...optionalFields, ...(JSON.parse(line) as StoredEvent) }));
}

/** The number of events that are read or written before other work has a turn: it takes some 2 milliseconds. */
const eventsInTurn = 250;

async function inTurns<From, To>(all: readonly From[], map: (one: From) => To): Promise<To[]> {
  const mapped: To[] = [];
  for (const [index, one] of all.entries()) {
    if (index > 0 && index % eventsInTurn === 0) await new Promise<void>((resolve) => setTimeout(resolve));
    mapped.push(map(one));
  }
  return mapped;
}

const through = async (bytes: Bytes, stream: CompressionStream | DecompressionStream): Promise<Bytes> =>
  new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
