// Finds out whether mail hosts can be reached on port 25, and under which IP address they see this machine: many say it in reply to
// EHLO. It asks about no recipient.

import { isIpAddress, isPublicAddress } from '../domain/ip-address.ts';
import { AnswerReader, type SmtpAnswer } from './answer-reader.ts';
import type { ConnectTarget } from './connect.ts';
import { readRefusal } from './read-answer.ts';
import * as commands from './smtp-command.ts';
import { type SessionOptions, sessionTimes } from './smtp-session.ts';

export type Reached =
  /** `address`: the IP address from which the host sees us; null if it does not say. */
  | { readonly kind: 'greeted'; readonly address: string | null }
  /** The host answered, and does not want this machine. `cause`: one of `RefusedCause`. */
  | { readonly kind: 'refused'; readonly cause: string }
  /** No connection, or no SMTP at its other end. */
  | { readonly kind: 'failed'; readonly cause: string };

/** Tries the hosts in turn, and returns the first answer of any; `failed` only if none can be reached. Never rejects. */
export async function reachPort25(
  options: Pick<SessionOptions, 'connect' | 'timers' | 'times'> & { readonly heloName: string },
  targets: readonly ConnectTarget[],
): Promise<Reached> {
  let reached: Reached = { kind: 'failed', cause: 'no mail host is known' };
  for (const target of targets) {
    reached = await greet(options, target);
    if (reached.kind === 'refused' || (reached.kind === 'greeted' && reached.address !== null)) break;
  }
  return reached;
}

async function greet(
  { connect, timers, times = sessionTimes, heloName }: Parameters<typeof reachPort25>[0],
  target: ConnectTarget,
): Promise<Reached> {
  const stopped = new AbortController();
  const timer = timers.setTimeout(() => stopped.abort(), times.connectMs);
  const connected = await connect(target, stopped.signal);
  timers.clearTimeout(timer);
  if (connected.kind === 'failed') return { kind: 'failed', cause: connected.cause };
  const { stream } = connected;
  const reader = new AnswerReader(stream, timers);
  try {
    const greeting = await reader.next(times.greetingMs);
    if (typeof greeting === 'string') return { kind: 'failed', cause: greeting };
    if (greeting.code !== 220)
      return { kind: 'refused', cause: readRefusal('connect', greeting, target.host) };
    stream.write(bytesOf(commands.ehlo(heloName)));
    const hello = await reader.next(times.commandMs);
    if (typeof hello === 'string') return { kind: 'failed', cause: hello };
    stream.write(bytesOf(commands.quit));
    return hello.code === 250
      ? { kind: 'greeted', address: statedAddress(hello) }
      : { kind: 'refused', cause: readRefusal('ehlo', hello, target.host) };
  } finally {
    stream.close();
  }
}

const bytesOf = (command: commands.CommandLine): Uint8Array => new TextEncoder().encode(`${command}\r\n`);

/** The IP address in a reply such as `mx.google.com at your service, [198.51.100.7]`. */
function statedAddress({ lines }: SmtpAnswer): string | null {
  const stated = /\[(?:IPv6:)?([\da-f.:]{3,45})\]/i.exec(lines[0] ?? '')?.[1] ?? '';
  return isIpAddress(stated) && isPublicAddress(stated) ? stated : null;
}
