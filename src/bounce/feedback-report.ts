// The feedback report of RFC 5965 (ARF): somebody complained about a message, or said that it is no spam.

import { addressesIn, addressOf } from './address-text.ts';
import type { BounceReason } from './bounce.ts';
import { fieldGroups, first } from './fields.ts';
import type { ReportMail } from './mail.ts';

export interface FeedbackReport {
  /** `abuse`, `fraud`, `not-spam`, `opt-out` … in lower case. */
  readonly feedbackType: string;
  readonly reason: BounceReason;
  /** Who complained; empty where the report hides it. */
  readonly recipients: readonly string[];
}

const reasonOf: Readonly<Record<string, BounceReason>> = {
  'not-spam': 'delivered',
  // RFC 6591: a failure of authentication, reported by a host, not by a person.
  'auth-failure': 'authentication_failed',
};

/** The report, or null where the message holds none. */
export function readFeedbackReport(mail: ReportMail): FeedbackReport | null {
  const part = mail.parts.find(({ type }) => type === 'message/feedback-report')?.text;
  if (part === undefined) return null;
  const fields = new Map(fieldGroups(part).flatMap((group) => [...group]));
  const feedbackType = first(fields, 'feedback-type')?.trim().toLowerCase() ?? 'abuse';
  const named = ['original-rcpt-to', 'removal-recipient', 'original-recipient'].flatMap(
    (name) => fields.get(name) ?? [],
  );
  const recipients = named.map(addressOf).filter((address) => address !== null);
  return {
    feedbackType,
    reason: Object.hasOwn(reasonOf, feedbackType) ? reasonOf[feedbackType]! : 'feedback',
    recipients: [...new Set(recipients.length > 0 ? recipients : returnedRecipients(mail.returned))],
  };
}

/** The recipients in the header of the message that was complained about. */
function returnedRecipients(returned: string): string[] {
  const header = fieldGroups(returned)[0];
  if (header === undefined) return [];
  for (const name of ['x-original-to', 'x-envelope-to', 'to']) {
    const found = addressesIn(first(header, name) ?? '').map(({ address }) => address);
    if (found.length > 0) return found;
  }
  return [];
}
