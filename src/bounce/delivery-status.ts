// Reads the delivery-status report of RFC 3464: the outcome of the message for each recipient.

import { addressesIn } from './address-text.ts';
import { type Fields, fieldGroups, first } from './fields.ts';
import { isOneMailbox } from './forwarded.ts';
import type { ReportMail } from './mail.ts';
import { recipientField } from './recipient-field.ts';

export type DeliveryAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';

export interface RecipientStatus {
  /**
   * The address in Final-Recipient. If that field has no address, or one at an internal name (a domain without a dot): the
   * address in Original-Recipient, if any. Null if neither field contains an address. If Final-Recipient led to another address,
   * which Sendmail names in X-Actual-Recipient, it is that one.
   */
  readonly address: string | null;
  /**
   * The address in Original-Recipient, which is the one that the sender used (RFC 3461), or that in Final-Recipient if it led to
   * `address`; else null.
   */
  readonly originalAddress: string | null;
  /** The Action field. `failed` if it is missing or unknown. */
  readonly action: DeliveryAction;
  /** The enhanced status code in the Status field, or null. */
  readonly status: string | null;
  /** The text of Diagnostic-Code without its type, such as `smtp;`, or an empty string. */
  readonly diagnostic: string;
  /** The host that the Remote-MTA field names, or null. */
  readonly mailHost: string | null;
}

const actions: readonly DeliveryAction[] = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'];

/**
 * The statuses of all recipients, from the `message/delivery-status` part or, without one, from the text of the message.
 * The list is empty if the message contains no delivery-status report.
 */
export function readDeliveryStatus(mail: ReportMail): RecipientStatus[] {
  const report = mail.parts.find(({ type }) => /^message\/(?:global-)?delivery-status/.test(type))?.text;
  const text = report ?? (/^final-recipient:/im.test(mail.text) ? mail.text : null);
  if (text === null) return [];
  return fieldGroups(text).flatMap(recipientsOf);
}

/**
 * The recipients in a group of fields. Normally a group has one. If a system leaves out the blank lines between recipients,
 * a group has several: then the first Status belongs to the first Final-Recipient, and so on.
 */
function recipientsOf(group: Fields): RecipientStatus[] {
  const finals = group.get('final-recipient') ?? [];
  const originals = group.get('original-recipient') ?? [];
  return Array.from({ length: Math.max(finals.length, originals.length) }, (_, at) => {
    const final = recipientField(finals[at] ?? '');
    const original = recipientField(originals[at] ?? '', { xtext: true });
    const nth = (name: string) => group.get(name)?.[at] ?? first(group, name);
    const diagnostic = nth('diagnostic-code') ?? '';
    // Sendmail: where the alias in Final-Recipient led to.
    const actual = recipientField(nth('x-actual-recipient') ?? '');
    const led = actual !== null && final !== null && hasDot(actual) && !isOneMailbox(actual, final);
    const action = nth('action')?.trim().toLowerCase() ?? '';
    return {
      address: led ? actual : final !== null && hasDot(final) ? final : (original ?? final),
      originalAddress: original ?? (led ? final : null),
      action: actions.find((known) => action.startsWith(known)) ?? 'failed',
      status: /[245]\.\d{1,3}\.\d{1,3}/.exec(nth('status') ?? '')?.[0] ?? null,
      diagnostic: diagnostic.replace(/^[a-z0-9-]{1,20};\s*/i, ''),
      mailHost: nth('remote-mta')?.replace(/^[^;]{0,20};\s*/, '') ?? null,
    };
  });
}

const hasDot = (address: string): boolean => address.includes('.', address.lastIndexOf('@'));

/**
 * For each address, the part of the human-readable text that is about it. If there are several addresses, this is the text
 * between the address and the next one, where both are at the start of a line; an empty string if no line begins with the
 * address. If there is only one, it is the text from the line that contains the address to the end, or the whole text if no
 * line contains it. Takes linear time.
 */
export function wordsAbout(text: string, addresses: readonly (string | null)[]): string[] {
  const [only] = addresses;
  if (addresses.length === 1) {
    const at = only ? text.toLowerCase().indexOf(only.toLowerCase()) : -1;
    return [at === -1 ? text : text.slice(text.lastIndexOf('\n', at) + 1)];
  }
  const mentions = addressesIn(text).filter(({ start }) =>
    /(?:^|\n)[\s<"']{0,10}$/.test(text.slice(Math.max(0, start - 11), start)),
  );
  const sections = new Map<string, string>();
  mentions.forEach(({ address, end }, at) => {
    const next = mentions[at + 1];
    const key = address.toLowerCase();
    if (!sections.has(key)) sections.set(key, text.slice(end, next?.start));
  });
  return addresses.map((address) => sections.get(address?.toLowerCase() ?? '') ?? '');
}
