// The commands that the SMTP client sends. DATA and VRFY are missing on purpose: a proof never sends mail.

import type { Mailbox } from '../address/mailbox.ts';

declare const isCommandLine: unique symbol;
/** A command without its line end. Only the functions of this file make one. */
export type CommandLine = string & { readonly [isCommandLine]: true };

/** Bytes in a command line (RFC 5321 section 4.5.3.1.4), its end included, and what SMTPUTF8 adds (RFC 6531 section 3.4). */
const maxCommandBytes = 512 + 10;

/**
 * Throws a RangeError for a control character or a line that is too long, so no text can become a second command. The
 * message does not contain the text.
 */
function line(text: string): CommandLine {
  if (/\p{Cc}|[\u2028\u2029]/u.test(text)) throw new RangeError('an SMTP command with a control character');
  if (new TextEncoder().encode(text).length + 2 > maxCommandBytes)
    throw new RangeError('an SMTP command that is too long');
  return text as CommandLine;
}

/**
 * Refuses angle brackets outside of a quoted string, which would end the path. The grammar of `Mailbox` already excludes them;
 * this check is a second protection.
 */
function path(address: string): string {
  if (/[<>\s]/.test(address.replace(/^"(?:[^"\\]|\\.)*"/, '')))
    throw new RangeError('an address that cannot be in an SMTP command');
  return `<${address}>`;
}

export const ehlo = (name: string): CommandLine => line(`EHLO ${heloName(name)}`);
export const helo = (name: string): CommandLine => line(`HELO ${heloName(name)}`);
export const startTls: CommandLine = line('STARTTLS');
export const reset: CommandLine = line('RSET');
export const quit: CommandLine = line('QUIT');
export const rcptTo = ({ address }: Pick<Mailbox, 'address'>): CommandLine =>
  line(`RCPT TO:${path(address)}`);
export const mailFrom = (address: string, parameters: readonly string[]): CommandLine =>
  line([`MAIL FROM:${path(address)}`, ...parameters].join(' '));

const heloName = (name: string): string => {
  if (!isHeloName(name)) throw new RangeError('a HELO name that is not a host name');
  return name;
};

/** Whether a text can be the name in EHLO: a host name with a dot, or an address literal (RFC 5321 section 4.1.3). */
export const isHeloName = (name: string): boolean =>
  name.length <= 255 &&
  (/^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i.test(name) ||
    /^\[(?:[\d.]+|IPv6:[\da-f:.]+)\]$/i.test(name));
