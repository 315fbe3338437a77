// Frames of HTTP/2 (RFC 9113 section 4) to and from octets.

export const frameType = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goAway: 7,
  window: 8,
  continuation: 9,
} as const;
export const frameFlag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 0x20 } as const;
export const settingName = { push: 2, maxStreams: 3, window: 4 } as const;

/** The largest payload of a frame, ours and the peer's, where nobody agreed on more (section 6.5.2). */
export const maxPayload = 16_384;
export const maxStreamId = 0x7fff_ffff;

const headerLength = 9;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  /** Of the stream; 0 for the connection. */
  readonly id: number;
  readonly payload: Buffer;
}

export function writeFrame(type: number, flags: number, id: number, payload: Uint8Array): Buffer {
  const octets = Buffer.allocUnsafe(headerLength + payload.length);
  octets.writeUIntBE(payload.length, 0, 3);
  octets[3] = type;
  octets[4] = flags;
  octets.writeUInt32BE(id, 5);
  octets.set(payload, headerLength);
  return octets;
}

/** What a stream of octets holds: `read` gives the frames that each piece completes, or null for one that is too large. */
export function createFrameReader(): (piece: Buffer) => readonly Frame[] | null {
  let rest: Buffer | null = null;
  return (piece) => {
    const octets = rest === null ? piece : Buffer.concat([rest, piece]);
    const frames: Frame[] = [];
    let at = 0;
    while (octets.length - at >= headerLength) {
      const length = octets.readUIntBE(at, 3);
      if (length > maxPayload) return null;
      const from = at + headerLength;
      if (from + length > octets.length) break;
      const id = octets.readUInt32BE(at + 5) & maxStreamId;
      const payload = octets.subarray(from, from + length);
      frames.push({ type: octets[at + 3]!, flags: octets[at + 4]!, id, payload });
      at = from + length;
    }
    rest = at === octets.length ? null : octets.subarray(at);
    return frames;
  };
}

/** The content of a DATA or HEADERS frame, without padding and priority (sections 6.1 and 6.2); null where they overlap. */
export function contentOf({ type, flags, payload }: Frame): Buffer | null {
  const padded = (flags & frameFlag.padded) !== 0;
  const priority = type === frameType.headers && (flags & frameFlag.priority) !== 0;
  const from = (padded ? 1 : 0) + (priority ? 5 : 0);
  const to = payload.length - (padded ? (payload[0] ?? 0) : 0);
  return from <= to ? payload.subarray(from, to) : null;
}

export function settingsPayload(settings: readonly (readonly [number, number])[]): Buffer {
  const octets = Buffer.alloc(6 * settings.length);
  settings.forEach(([name, value], index) => {
    octets.writeUInt16BE(name, index * 6);
    octets.writeUInt32BE(value, index * 6 + 2);
  });
  return octets;
}

/** null where the length is wrong. */
export function readSettings(payload: Buffer): readonly (readonly [number, number])[] | null {
  if (payload.length % 6 !== 0) return null;
  return Array.from({ length: payload.length / 6 }, (_, index) => [
    payload.readUInt16BE(index * 6),
    payload.readUInt32BE(index * 6 + 2),
  ]);
}

export function uint32(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return octets;
}
