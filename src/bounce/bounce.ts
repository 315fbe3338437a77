// The terms for bounces: the class and the reason of a failure, the party at fault, and what to do about it.

export type BounceClass = 'hard' | 'soft' | 'policy' | 'complaint' | 'autoreply' | 'none';

export type BounceReason =
  | 'mailbox_unknown'
  | 'mailbox_disabled'
  | 'mailbox_moved'
  | 'mailbox_full'
  | 'domain_unknown'
  | 'null_mx'
  | 'address_syntax'
  | 'greylisted'
  | 'rate_limited'
  | 'message_too_large'
  | 'spam_content'
  | 'content_refused'
  | 'virus'
  | 'message_malformed'
  | 'blocked_reputation'
  | 'reverse_dns'
  | 'blocked_by_recipient'
  | 'sender_refused'
  | 'authentication_failed'
  | 'encryption_required'
  | 'policy_refused'
  | 'relay_denied'
  | 'protocol_error'
  | 'system_error'
  | 'network_error'
  | 'expired'
  | 'suppressed_by_provider'
  | 'feedback'
  | 'auto_response'
  | 'delivered'
  | 'unknown';

/** Where the cause of a failure lies. `content` is the message itself. */
export type Fault = 'sender' | 'content' | 'network' | 'recipient';

/** What to do about a bounce. */
export type BounceAction =
  /** Stop sending to this address at once. */
  | 'suppress'
  /** Let the queue try again. Count the bounce, and suppress the address after too many soft bounces. */
  | 'retry'
  /** Let the queue try again, later and more slowly. The failure is not about the address. */
  | 'slow_down'
  /** Make the message smaller. */
  | 'shrink_message'
  /** Change what the message says or how it is built. */
  | 'fix_content'
  /** Fix SPF, DKIM, DMARC, reverse DNS, TLS, the envelope sender or the configuration of the sending host. */
  | 'fix_sender'
  /** Find out why the sending host or domain is refused and ask to be delisted. */
  | 'fix_reputation'
  /** Nothing to do. */
  | 'none';

export interface Classification {
  readonly class: BounceClass;
  readonly reason: BounceReason;
  /** The enhanced status code (RFC 3463) in the reply or in the Status field of the report, or null. */
  readonly status: string | null;
  /** The three-digit SMTP reply code (RFC 5321 section 4.2), or null. */
  readonly replyCode: number | null;
  readonly action: BounceAction;
  /** One English sentence for the person who has to act. */
  readonly advice: string;
  /**
   * What decided the classification: the name of a rule, a status (`status 5.1.1`), a reply code (`code 550`), or `nothing`.
   * A remark may follow, such as `, about the sender`. For a report it can also be its Action field (`action delivered`),
   * its feedback type (`feedback abuse`), the name of its format (`amazon ses`) or `auto response`.
   */
  readonly rule: string;
}

/** An enhanced status code (RFC 3463), such as `5.1.1`. */
export const enhancedStatusPattern = /^[245]\.\d{1,3}\.\d{1,3}$/;
