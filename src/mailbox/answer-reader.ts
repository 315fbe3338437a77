// Reads the replies of an SMTP server (RFC 5321 section 4.2) from a connection, within limits on everything that a peer sends.

import type { Timers } from '../clock.ts';
import type { SmtpStream } from './connect.ts';

/** One reply of a server, which may have several lines. */
export interface SmtpAnswer {
  readonly code: number;
  /** The text of each line, without its code. */
  readonly lines: readonly string[];
}

/**
 * Why there is no reply. `malformed`: text that is not a reply of SMTP. `too_long`: a limit was exceeded. `out_of_step`: a reply
 * that no command asked for, after which no reply can be matched to its command.
 */
export type NoAnswer = 'closed' | 'timeout' | 'malformed' | 'too_long' | 'out_of_step';

export interface ReadLimits {
  /** Bytes in a line. RFC 5321 section 4.5.3.1.5 allows 512. */
  readonly lineBytes: number;
  /** Lines in a reply. */
  readonly lines: number;
  /** Bytes that the peer may send in the whole session. */
  readonly sessionBytes: number;
}

/** `lineBytes` is four times the limit of RFC 5321. The other limits are guesses, far above what genuine hosts send. */
export const readLimits: ReadLimits = { lineBytes: 2048, lines: 64, sessionBytes: 65_536 };

const lineFeed = 10;

export class AnswerReader {
  readonly #timers: Timers;
  readonly #limits: ReadLimits;
  #unread = new Uint8Array(0);
  #received = 0;
  #ended: 'closed' | 'too_long' | null = null;
  #wake: () => void = () => {};

  constructor(stream: SmtpStream, timers: Timers, limits: ReadLimits = readLimits) {
    this.#timers = timers;
    this.#limits = limits;
    void this.#pump(stream);
  }

  /** Whether the peer has sent something that no command asked for. */
  get hasUnread(): boolean {
    return this.#unread.length > 0;
  }

  /** Whether the peer closed the connection and everything that it sent has been read. */
  get isClosed(): boolean {
    return this.#ended !== null && this.#unread.length === 0;
  }

  /** Resolves to the next reply, or to the reason why there is none. The whole reply must arrive within `timeoutMs`. */
  async next(timeoutMs: number): Promise<SmtpAnswer | NoAnswer> {
    let isLate = false;
    const timer = this.#timers.setTimeout(() => {
      isLate = true;
      this.#wake();
    }, timeoutMs);
    try {
      const lines: string[] = [];
      for (;;) {
        const line = this.#takeLine();
        if (line === 'too_long') return 'too_long';
        if (line === null) {
          if (this.#ended !== null) return this.#ended;
          if (isLate) return 'timeout';
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          continue;
        }
        // A host that wants to keep its clients waiting may send a line now and then without ever ending the reply.
        if (isLate) return 'timeout';
        const read = answerLine.exec(line);
        if (read === null) return 'malformed';
        lines.push(line);
        if (lines.length > this.#limits.lines) return 'too_long';
        if (read[2] !== '-') return answerOf(lines);
      }
    } finally {
      this.#timers.clearTimeout(timer);
    }
  }

  /** The next line without its end; null if it has not arrived. A line may also end with LF alone. */
  #takeLine(): string | 'too_long' | null {
    const end = this.#unread.indexOf(lineFeed);
    const length = end === -1 ? this.#unread.length : end;
    if (length > this.#limits.lineBytes) return 'too_long';
    if (end === -1) return null;
    const line = this.#unread.subarray(0, end);
    this.#unread = this.#unread.slice(end + 1);
    return textOf(line);
  }

  /** Reads all the time, not only while a reply is expected, so text that no command asked for is noticed. */
  async #pump(stream: SmtpStream): Promise<void> {
    while (this.#ended === null) {
      const bytes = await stream.read();
      if (bytes === null) this.#ended = 'closed';
      else {
        this.#received += bytes.length;
        if (this.#received > this.#limits.sessionBytes) {
          this.#ended = 'too_long';
          this.#unread = new Uint8Array(0);
          stream.close();
        } else this.#unread = joined(this.#unread, bytes);
      }
      this.#wake();
    }
  }
}

/** A line of a reply: a code from 200 to 599, `-` before all lines but the last one, and text. */
const answerLine = /^([2-5]\d\d)(?:([ -])(.*)|)$/s;

/** The lines of one reply must have the same code. If their first digits differ, the reply has no meaning. */
function answerOf(lines: readonly string[]): SmtpAnswer | 'malformed' {
  const codes = lines.map((line) => line.slice(0, 3));
  if (codes.some((code) => code[0] !== codes[0]![0])) return 'malformed';
  return { code: Number(codes.at(-1)), lines: lines.map((line) => line.slice(4).trim()) };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const latin1 = new TextDecoder('latin1');

/** Reads bytes as UTF-8, or as Latin-1 if they are not, and replaces control characters. */
function textOf(bytes: Uint8Array): string {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    text = latin1.decode(bytes);
  }
  return text.replace(/\r$/, '').replace(/\p{Cc}/gu, ' ');
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
