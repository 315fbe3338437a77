// The interface of a bounce format: a kind of bounce without an RFC 3464 report, how to recognize it, and where it names
// the recipients.

import type { BounceReason } from '../bounce.ts';
import type { ReportMail } from '../mail.ts';

/**
 * Maximum number of recipients that are read from one bounce. A server accepts at least 100 for one message (RFC 5321
 * section 4.5.3.1.8), so a bounce may name many.
 */
export const maximumRecipients = 1000;

export interface FoundRecipient {
  /** The recipient as the bounce names it, or null if it names none. */
  readonly address: string | null;
  /** The text of the bounce about this recipient: the SMTP reply that it quotes, or its own explanation. */
  readonly diagnostic: string;
  /** `delayed` if the mail system is still trying; `failed` by default. */
  readonly action?: 'failed' | 'delayed';
  /** Set if the bounce itself states the reason. The diagnostic is then not classified. */
  readonly reason?: BounceReason;
}

export interface BounceFormat {
  /** The name of the mail system, or of the layout that several systems share, such as `qmail`. */
  readonly name: string;
  /** The recipients that a bounce of this format names, or an empty list for any other message. */
  read(mail: ReportMail): readonly FoundRecipient[];
}
