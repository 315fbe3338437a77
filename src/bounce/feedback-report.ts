// Reads feedback reports: those of RFC 5965 (ARF), and the older reports of Outlook.com's Junk Mail Reporting Program
// (JMRP).

import { addressesIn } from './address-text.ts';
import type { BounceReason } from './bounce.ts';
import { type Fields, fieldGroups, first } from './fields.ts';
import type { ReportMail } from './mail.ts';
import { recipientField, recipientList } from './recipient-field.ts';

export interface FeedbackReport {
  /** The Feedback-Type in lower case, such as `abuse`, `fraud`, `not-spam` or `opt-out`. */
  readonly feedbackType: string;
  readonly reason: BounceReason;
  /** Addresses of the people who complained; empty if the report does not name them. */
  readonly recipients: readonly string[];
}

const reasonOf: Readonly<Record<string, BounceReason>> = {
  'not-spam': 'delivered',
  // RFC 6591: here a mail host reports that authentication failed. No person complained.
  'auth-failure': 'authentication_failed',
};

/**
 * The header field in which Outlook.com's Junk Mail Reporting Program names the person who complained. Its messages may
 * lack the `message/feedback-report` part that RFC 5965 requires.
 */
const jmrpField = 'x-hmxmroriginalrecipient';

/** The report, or null if the message contains none. */
export function readFeedbackReport(mail: ReportMail): FeedbackReport | null {
  const part = mail.parts.find(({ type }) => type === 'message/feedback-report')?.text;
  const returned = fieldGroups(mail.returned)[0] ?? new Map();
  const jmrp = mail.header(jmrpField) ?? first(returned, jmrpField);
  if (part === undefined) {
    if (jmrp === null) return null;
    return { feedbackType: 'abuse', reason: 'feedback', recipients: recipientList(jmrp) };
  }
  const fields = new Map(fieldGroups(part).flatMap((group) => [...group]));
  const feedbackType = first(fields, 'feedback-type')?.trim().toLowerCase() ?? 'abuse';
  const named = ['original-rcpt-to', 'removal-recipient', 'original-recipient']
    .flatMap((name) => fields.get(name) ?? [])
    .flatMap((field) => recipientField(field) ?? []);
  const recipients =
    named.length > 0 ? named : jmrp !== null ? recipientList(jmrp) : returnedRecipient(returned);
  return {
    feedbackType,
    reason: Object.hasOwn(reasonOf, feedbackType) ? reasonOf[feedbackType]! : 'feedback',
    recipients: [...new Set(recipients)],
  };
}

/**
 * A list with the recipient in the header of the reported message. The list is empty if the header names several
 * recipients, because then it is unknown who complained.
 */
function returnedRecipient(header: Fields): string[] {
  for (const name of ['x-original-to', 'x-envelope-to', 'to']) {
    const found = new Set(addressesIn(first(header, name) ?? '').map(({ address }) => address));
    if (found.size > 0) return found.size === 1 ? [...found] : [];
  }
  return [];
}
