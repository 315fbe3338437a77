// The delivery-status report of RFC 3464: what became of the message at each recipient.

import { addressesIn, addressOf } from './address-text.ts';
import { type Fields, fieldGroups, first } from './fields.ts';
import type { ReportMail } from './mail.ts';

export type DeliveryAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';

export interface RecipientStatus {
  /** The recipient that the message was for in the end; the one the sender named where that is no public address. */
  readonly address: string | null;
  /** The recipient that the sender named, where the report tells (RFC 3461 ORCPT). */
  readonly originalAddress: string | null;
  readonly action: DeliveryAction;
  /** The Status field, or null. */
  readonly status: string | null;
  /** The Diagnostic-Code without its type, or an empty string. */
  readonly diagnostic: string;
  /** The host that the Remote-MTA field names, or null. */
  readonly mailHost: string | null;
}

const actions: readonly DeliveryAction[] = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'];

/** The statuses of all recipients, or an empty list where the message holds no such report. */
export function readDeliveryStatus(mail: ReportMail): RecipientStatus[] {
  const report = mail.parts.find(({ type }) => /^message\/(?:global-)?delivery-status/.test(type))?.text;
  const text = report ?? (/^final-recipient:/im.test(mail.text) ? mail.text : null);
  if (text === null) return [];
  return fieldGroups(text).flatMap(recipientsOf);
}

/** Some systems leave the blank line between recipients out: every Final-Recipient begins one. */
function recipientsOf(group: Fields): RecipientStatus[] {
  const finals = group.get('final-recipient') ?? [];
  const originals = group.get('original-recipient') ?? [];
  return Array.from({ length: Math.max(finals.length, originals.length) }, (_, at) => {
    const final = addressOf(finals[at] ?? '');
    const original = addressOf(originals[at] ?? '');
    const nth = (name: string) => group.get(name)?.[at] ?? first(group, name);
    const diagnostic = nth('diagnostic-code') ?? '';
    const action = nth('action')?.trim().toLowerCase() ?? '';
    return {
      address: final?.includes('.', final.lastIndexOf('@')) ? final : (original ?? final),
      originalAddress: original,
      action: actions.find((known) => action.startsWith(known)) ?? 'failed',
      status: /[245]\.\d{1,3}\.\d{1,3}/.exec(nth('status') ?? '')?.[0] ?? null,
      diagnostic: diagnostic.replace(/^[a-z0-9-]{1,20};\s*/i, ''),
      mailHost: nth('remote-mta')?.replace(/^[^;]{0,20};\s*/, '') ?? null,
    };
  });
}

/**
 * What the words for people say about one recipient: from its first mention at the beginning of a line to the next
 * recipient's, or everything where it is not mentioned and there is only one.
 */
export function wordsAbout(mail: ReportMail, address: string | null, only: boolean): string {
  const lower = mail.text.toLowerCase();
  const at = address === null ? -1 : lower.indexOf(address.toLowerCase());
  if (at === -1) return only ? mail.text : '';
  if (only) return mail.text.slice(at);
  const rest = mail.text.slice(at + address!.length);
  const next = addressesIn(rest).find(
    (found) =>
      found.address.toLowerCase() !== address!.toLowerCase() &&
      /(?:^|\n)[\s<"']*$/.test(rest.slice(Math.max(0, found.start - 12), found.start)),
  );
  return rest.slice(0, next?.start);
}
