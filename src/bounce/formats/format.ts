// A family of bounces without an RFC 3464 report: how to recognize one, and where its recipients are.

import type { BounceReason } from '../bounce.ts';
import type { ReportMail } from '../mail.ts';

/** Maximum number of recipients that are read from one bounce. Servers accept at least 100 (RFC 5321 4.5.3.1.8). */
export const maximumRecipients = 1000;

export interface FoundRecipient {
  /** The recipient as the bounce names it, or null if it names none. */
  readonly address: string | null;
  /** The bounce's text about this recipient: the reply that it quotes, or its own explanation. */
  readonly diagnostic: string;
  /** `delayed` if the mail system is still trying; `failed` by default. */
  readonly action?: 'failed' | 'delayed';
  /** Set if the bounce itself names the reason. No reply is classified then. */
  readonly reason?: BounceReason;
}

export interface BounceFormat {
  /** The mail system or the convention, such as `qmail`. */
  readonly name: string;
  /** The recipients of a bounce of this family, or an empty list for any other message. */
  read(mail: ReportMail): readonly FoundRecipient[];
}
