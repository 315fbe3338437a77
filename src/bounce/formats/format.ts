// The interface of a bounce format. Each format reads one kind of bounce that has no RFC 3464 report: it recognizes such a
// bounce and finds the recipients in it.

import type { BounceReason } from '../bounce.ts';
import type { ReportMail } from '../mail.ts';

/**
 * How many recipients are read from one bounce, at most. A bounce may name many, because every server must accept at least
 * 100 recipients for one message (RFC 5321 section 4.5.3.1.8).
 */
export const maximumRecipients = 1000;

export interface FoundRecipient {
  /** The recipient as the bounce names it, or null if it names none. */
  readonly address: string | null;
  /** The address to which the sender wrote, if the bounce says that it forwards to `address`. */
  readonly originalAddress?: string;
  /** True if `address` was mailed and led to an address, program or file that the bounce does not name as a recipient. */
  readonly forwards?: boolean;
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
