// A family of bounces without an RFC 3464 report: how to recognize one, and where its recipients are.

import type { BounceReason } from '../bounce.ts';
import type { ReportMail } from '../mail.ts';

/**
 * The maximum number of recipients read from one bounce. An envelope holds at least 100 (RFC 5321 section
 * 4.5.3.1.8).
 */
export const maximumRecipients = 1000;

export interface FoundRecipient {
  /** As the bounce names it, or null where it names none. */
  readonly address: string | null;
  /** The bounce's text about this recipient: the reply that it quotes, or its own explanation. */
  readonly diagnostic: string;
  /** `delayed` where the mail system is still trying; `failed` otherwise. */
  readonly action?: 'failed' | 'delayed';
  /** Set if the bounce names the reason itself, so that no reply has to be classified. */
  readonly reason?: BounceReason;
}

export interface BounceFormat {
  /** The mail system or the convention, such as `qmail`. */
  readonly name: string;
  /** The recipients of a bounce of this family, or an empty list for any other message. */
  read(mail: ReportMail): readonly FoundRecipient[];
}
