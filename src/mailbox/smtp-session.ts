// One session with a mail host (RFC 5321): greeting, EHLO, STARTTLS, MAIL FROM, RCPT TO, RSET, QUIT. It sends one command at a
// time and never a message.

import type { Mailbox } from '../address/mailbox.ts';
import type { Timers } from '../clock.ts';
import {
  AnswerReader,
  type NoAnswer,
  type ReadLimits,
  readLimits,
  type SmtpAnswer,
} from './answer-reader.ts';
import type { Connect, ConnectFailure, ConnectTarget, SmtpStream } from './connect.ts';
import * as commands from './smtp-command.ts';

/** The step of a session to which a reply belongs. */
export type SmtpStage = 'connect' | 'ehlo' | 'starttls' | 'mail' | 'rcpt' | 'quit';

/** Why a session ended before its last command. `answer` is the reply that ended it; null if none came. */
export interface SessionEnd {
  readonly stage: SmtpStage;
  readonly answer: SmtpAnswer | null;
  readonly failure: NoAnswer | 'tls' | `connect_${ConnectFailure}` | null;
}

export interface SessionTimes {
  /** Milliseconds for the connection, for the greeting, and for the reply to any other command. */
  readonly connectMs: number;
  readonly greetingMs: number;
  readonly commandMs: number;
  /** Milliseconds for the whole session. */
  readonly sessionMs: number;
}

/** Guesses. RFC 5321 section 4.5.3.2 suggests 5 minutes for most of them, but a probe need not wait as long as mail. */
export const sessionTimes: SessionTimes = {
  connectMs: 20_000,
  greetingMs: 45_000,
  commandMs: 45_000,
  sessionMs: 300_000,
};

export interface SmtpIdentity {
  /** The name in EHLO. It should be the host name to which the PTR record of the IP address points. */
  readonly heloName: string;
  /** A mailbox of the operator, to which bounces could go. */
  readonly mailFrom: string;
}

export interface SessionOptions {
  readonly connect: Connect;
  readonly identity: SmtpIdentity;
  readonly timers: Timers;
  readonly times?: SessionTimes;
  readonly limits?: ReadLimits;
}

/**
 * The message size that MAIL FROM announces (SIZE, RFC 1870). It is small, so a refusal means that the mailbox is full and not
 * that the message is too large.
 */
const messageBytes = 2048;

export type Opened =
  | { readonly kind: 'open'; readonly session: SmtpSession }
  | { readonly kind: 'ended'; readonly end: SessionEnd };

/**
 * Connects and sends everything up to MAIL FROM. `smtputf8`: whether a recipient needs SMTPUTF8 (RFC 6531), which is then used
 * if the host offers it. Never rejects for anything that a peer does.
 */
export async function openSession(
  options: SessionOptions,
  target: ConnectTarget,
  smtputf8: boolean,
): Promise<Opened> {
  const times = options.times ?? sessionTimes;
  const stopped = new AbortController();
  const timer = options.timers.setTimeout(() => stopped.abort(), times.connectMs);
  const connected = await options.connect(target, stopped.signal);
  options.timers.clearTimeout(timer);
  if (connected.kind === 'failed')
    return { kind: 'ended', end: { stage: 'connect', answer: null, failure: `connect_${connected.cause}` } };
  const session = new SmtpSession(options, target, times, connected.stream);
  const end = await session.begin(smtputf8);
  return end === null ? { kind: 'open', session } : { kind: 'ended', end };
}

export class SmtpSession {
  readonly #options: SessionOptions;
  readonly #target: ConnectTarget;
  readonly #times: SessionTimes;
  readonly #deadline: number;
  #stream: SmtpStream;
  #reader: AnswerReader;
  #extensions: ReadonlySet<string> = new Set();
  #end: SessionEnd | null = null;
  #smtputf8 = false;

  constructor(options: SessionOptions, target: ConnectTarget, times: SessionTimes, stream: SmtpStream) {
    this.#options = options;
    this.#target = target;
    this.#times = times;
    this.#deadline = options.timers.now() + times.sessionMs;
    this.#stream = stream;
    this.#reader = this.#readerOf(stream);
  }

  /** Whether MAIL FROM was sent with SMTPUTF8, without which a recipient with a non-ASCII local part cannot be asked. */
  get allowsUtf8(): boolean {
    return this.#smtputf8;
  }

  /** Why the session is over; null while it goes on. */
  get end(): SessionEnd | null {
    return this.#end;
  }

  /** Reads the greeting and sends EHLO, STARTTLS and MAIL FROM. Returns why the session ended; null if it goes on. */
  async begin(smtputf8: boolean): Promise<SessionEnd | null> {
    const greeting = await this.#answer('connect', this.#times.greetingMs);
    if (greeting === null) return this.#end;
    if (greeting.code !== 220) return this.#endWith('connect', greeting);
    if (!(await this.#introduce())) return this.#end;
    if (this.#extensions.has('STARTTLS') && !(await this.#encrypt())) return this.#end;
    this.#smtputf8 = smtputf8 && this.#extensions.has('SMTPUTF8');
    return (await this.#startTransaction()) ? null : this.#end;
  }

  /**
   * Asks about one recipient. Returns the reply; null if the session ended instead, which `end` explains. A 421 ends the
   * session whatever its command was (RFC 5321 section 3.8).
   */
  async ask(mailbox: Pick<Mailbox, 'address'>): Promise<SmtpAnswer | null> {
    return this.#send('rcpt', commands.rcptTo(mailbox));
  }

  /** Drops the recipients so far and begins a new transaction. Returns false if the session ended. */
  async startAgain(): Promise<boolean> {
    const answer = await this.#send('rcpt', commands.reset);
    if (answer === null) return false;
    if (answer.code < 300) return this.#startTransaction();
    this.#endWith('mail', answer);
    return false;
  }

  /**
   * Ends the session: RSET, so no transaction stays open, then QUIT. Returns whether each command got one reply. If not, the host
   * sent more replies than there were commands, and any reply of the session may belong to another command. A host that only
   * closes the connection counts as correct.
   */
  async close(): Promise<boolean> {
    const cleared = await this.#send('quit', commands.reset);
    const bye = cleared === null ? null : await this.#send('quit', commands.quit);
    const isSilent = !this.#reader.hasUnread;
    this.#stream.close();
    if (bye !== null) return cleared!.code < 300 && (bye.code === 221 || bye.code === 421) && isSilent;
    if (cleared !== null && cleared.code >= 300 && cleared.code !== 421) return false;
    const failure = this.#end?.failure ?? null;
    return failure !== 'out_of_step' && failure !== 'malformed';
  }

  /** Ends the connection without a word, if it has not ended. */
  disconnect(): void {
    this.#stream.close();
  }

  #readerOf(stream: SmtpStream): AnswerReader {
    return new AnswerReader(stream, this.#options.timers, this.#options.limits ?? readLimits);
  }

  /** Sends EHLO, or HELO if the host does not know EHLO (RFC 5321 section 3.2). */
  async #introduce(): Promise<boolean> {
    const { heloName } = this.#options.identity;
    const extended = await this.#send('ehlo', commands.ehlo(heloName));
    if (extended === null) return false;
    if (extended.code < 300) {
      this.#extensions = new Set(
        extended.lines.slice(1).map((text) => text.split(/[ =]/, 1)[0]!.toUpperCase()),
      );
      return true;
    }
    this.#extensions = new Set();
    // A host that does not know EHLO answers 500, 501, 502 or 504. Any other refusal is about us, and HELO would not help.
    if (!(extended.code >= 500 && extended.code <= 504)) {
      this.#endWith('ehlo', extended);
      return false;
    }
    const simple = await this.#send('ehlo', commands.helo(heloName));
    if (simple === null) return false;
    if (simple.code < 300) return true;
    this.#endWith('ehlo', simple);
    return false;
  }

  /** Sends STARTTLS (RFC 3207). If the host offers it but then declines, the session continues without encryption. */
  async #encrypt(): Promise<boolean> {
    const answer = await this.#send('starttls', commands.startTls);
    if (answer === null) return false;
    if (answer.code !== 220) return true;
    // Bytes that arrived unencrypted after the reply may have been injected by an attacker, so they must not be read as a part of
    // the encrypted session.
    if (this.#reader.hasUnread) return this.#fail('starttls', 'tls');
    const encrypted = await this.#withTimeout(this.#stream.startTls(this.#target.host));
    if (encrypted === null) return this.#fail('starttls', 'tls');
    this.#stream = encrypted;
    this.#reader = this.#readerOf(encrypted);
    return this.#introduce();
  }

  async #withTimeout(handshake: Promise<SmtpStream | null>): Promise<SmtpStream | null> {
    const { timers } = this.#options;
    const plain = this.#stream;
    const timer = timers.setTimeout(() => plain.close(), this.#times.commandMs);
    const encrypted = await handshake;
    timers.clearTimeout(timer);
    return encrypted;
  }

  async #startTransaction(): Promise<boolean> {
    const parameters = [
      ...(this.#extensions.has('SIZE') ? [`SIZE=${messageBytes}`] : []),
      ...(this.#smtputf8 ? ['SMTPUTF8'] : []),
    ];
    const answer = await this.#send('mail', commands.mailFrom(this.#options.identity.mailFrom, parameters));
    if (answer === null) return false;
    if (answer.code < 300) return true;
    this.#endWith('mail', answer);
    return false;
  }

  async #send(stage: SmtpStage, command: commands.CommandLine): Promise<SmtpAnswer | null> {
    if (this.#end !== null) return null;
    if (this.#reader.hasUnread) {
      // The only reply that may come without a command is a 421.
      const unasked = await this.#reader.next(0);
      if (typeof unasked === 'object' && unasked.code === 421) this.#endWith(stage, unasked);
      else this.#fail(stage, 'out_of_step');
      return null;
    }
    if (this.#reader.isClosed) {
      this.#fail(stage, 'closed');
      return null;
    }
    this.#stream.write(new TextEncoder().encode(`${command}\r\n`));
    return this.#answer(stage, this.#times.commandMs);
  }

  async #answer(stage: SmtpStage, timeoutMs: number): Promise<SmtpAnswer | null> {
    const left = this.#deadline - this.#options.timers.now();
    const answer = left <= 0 ? 'timeout' : await this.#reader.next(Math.min(timeoutMs, left));
    if (typeof answer === 'string') {
      this.#fail(stage, answer);
      return null;
    }
    if (answer.code !== 421 || stage === 'quit') return answer;
    this.#endWith(stage, answer);
    return null;
  }

  #endWith(stage: SmtpStage, answer: SmtpAnswer): SessionEnd {
    this.#end = { stage, answer, failure: null };
    // After a refusal the connection stays open until QUIT (RFC 5321 section 3.1), but not after a 421.
    if (answer.code !== 421) this.#stream.write(new TextEncoder().encode(`${commands.quit}\r\n`));
    this.#stream.close();
    return this.#end;
  }

  #fail(stage: SmtpStage, failure: NonNullable<SessionEnd['failure']>): false {
    this.#end = { stage, answer: null, failure };
    this.#stream.close();
    return false;
  }
}
