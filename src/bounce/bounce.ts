// A bounce: what one message's failure at one recipient says about that recipient.

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
  | 'blocked_reputation'
  | 'blocked_by_recipient'
  | 'authentication_failed'
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
