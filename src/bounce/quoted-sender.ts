// Finds out whether the reply in a report is about the sender's address, although no word says so: `550 <news@example.com>: User
// unknown`, in a report about another recipient. Hosts that verify the sender by a callback answer like this.

import { addressesIn } from './address-text.ts';
import { fieldGroups } from './fields.ts';
import type { ReportMail } from './mail.ts';

/** Words before an address that only say who sent the message, or who is told: `returned to <news@example.com>`. */
const introduced = /\b(?:from|by|sender|to)\b[:=]?\s*["'<(]*$/i;

/** The addresses of the sender, in lower case: where the report went to, and the From and Return-Path of the returned message. */
export function sendersOf(mail: ReportMail): ReadonlySet<string> {
  const header = fieldGroups(mail.returned.slice(0, 65_536))[0];
  const fields = [
    mail.header('to') ?? '',
    ...['from', 'sender', 'return-path'].flatMap((name) => header?.get(name) ?? []),
  ];
  return new Set(fields.flatMap((field) => addressesIn(field).map(({ address }) => address.toLowerCase())));
}

/** Whether `diagnostic` names the sender's address as the one that failed, and no other address. */
export function blamesSender(
  diagnostic: string,
  senders: ReadonlySet<string>,
  recipients: readonly (string | null)[],
): boolean {
  const quoted = addressesIn(diagnostic.slice(0, 4096));
  return (
    quoted.length > 0 &&
    quoted.every(({ address }) => senders.has(address.toLowerCase())) &&
    !quoted.some(({ address }) =>
      recipients.some((recipient) => recipient?.toLowerCase() === address.toLowerCase()),
    ) &&
    quoted.some(({ start }) => !introduced.test(diagnostic.slice(Math.max(0, start - 40), start)))
  );
}
