// Bounces of Exim, which GMX and mail.ru use: an indented recipient, then the reason with a deeper indentation.

import { addressesIn } from '../address-text.ts';
import { recipientField } from '../recipient-field.ts';
import type { BounceFormat, FoundRecipient } from './format.ts';
import { mergeRecipients, recipientBlocks } from './recipient-lines.ts';

const opening =
  /message (?:that you (?:have )?sent|you sent|was created automatically by mail delivery software)|recipient addresses that were\s+incorrectly constructed/i;
/**
 * A line has at most 998 characters (RFC 5322 section 2.1.1). Without this limit, many of these words in a line take quadratic
 * time.
 */
const failing =
  /(?:following address(?:\(es\)|es)?\s*(?:(?:has|have|had)\s*)?(?:permanently )?(?:failed|yet)|to deliver it are|delayed:|undeliverable to the following|addresses that were\s+incorrectly constructed|получател)[^\n]{0,998}\n/i;

/**
 * How Exim names the address that a forward or alias led away from. Instead of an address that it must not disclose, or of a
 * pipe or file, only that address counts.
 */
const generated = /\(?(?:ultimately )?generated (?:from|by) <?([^\s<>()]{3,320})>?\)?/i;
const undisclosed =
  /^[ \t]*(?:an undisclosed address|(?:pipe to|save to) [^\n]{1,998})\n[ \t]*\(?(?:ultimately )?generated (?:from|by) <?([^\s<>()]{3,320})>?\)?[ \t]*$/gim;

/** Stands for the address, pipe or file that `undisclosed` leaves out. */
const elsewhere = '(leads elsewhere)';

export const exim: BounceFormat = {
  name: 'exim',
  read(mail) {
    const { text } = mail;
    if (!opening.test(text)) return [];
    const list = failing.exec(text);
    if (!list) return [];
    const body = text.slice(list.index + list[0].length).replace(undisclosed, `  $1\n    ${elsewhere}`);
    const isEnd = (line: string) =>
      /^(?:-{3,}|No action is required|The message identifier|\*{5,})/.test(line);
    const named = mergeRecipients(recipientBlocks(body, isEnd).map(withOriginal)).filter(
      ({ diagnostic }) => diagnostic !== '',
    );
    const found = named.length > 0 ? named : unqualified(body, mail.header('x-failed-recipients'));
    const delayed = /has not been delivered to all|no action is required on your part|warning|delayed/i.test(
      `${mail.subject} ${text.slice(0, list.index)}`,
    );
    return delayed && !/permanent error/i.test(text)
      ? found.map((one) => ({ ...one, action: 'delayed' as const }))
      : found;
  },
};

/** Takes the address that was forwarded out of the diagnostic. */
function withOriginal({ address, diagnostic }: FoundRecipient): FoundRecipient {
  if (diagnostic.includes(elsewhere))
    return { address, forwards: true, diagnostic: diagnostic.replace(elsewhere, '').trim() };
  const [whole, from] = generated.exec(diagnostic) ?? [];
  const original = from === undefined ? null : recipientField(from);
  return whole === undefined || original === null
    ? { address, diagnostic }
    : { address, originalAddress: original, diagnostic: diagnostic.replace(whole, '').trim() };
}

/** The recipients in X-Failed-Recipients. They are needed if the body gives only their local parts. */
function unqualified(body: string, failed: string | null): FoundRecipient[] {
  return addressesIn(failed ?? '').map(({ address }) => ({ address, diagnostic: body }));
}
