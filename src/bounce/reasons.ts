// The class, the action and the advice for each bounce reason.

import type { BounceAction, BounceClass, BounceReason } from './bounce.ts';

export interface ReasonFacts {
  readonly class: BounceClass;
  readonly action: BounceAction;
  readonly advice: string;
}

export const bounceReasons: Readonly<Record<BounceReason, ReasonFacts>> = {
  mailbox_unknown: {
    class: 'hard',
    action: 'suppress',
    advice: 'The mailbox does not exist: stop sending to this address.',
  },
  mailbox_disabled: {
    class: 'hard',
    action: 'suppress',
    advice: 'The mailbox is disabled or abandoned: stop sending to this address.',
  },
  mailbox_moved: {
    class: 'hard',
    action: 'suppress',
    advice:
      'The mailbox moved or changed its owner: stop sending to this address and ask for the current one.',
  },
  mailbox_full: {
    class: 'soft',
    action: 'retry',
    advice:
      'The mailbox is full: try again later, and stop sending to this address if the mailbox stays full.',
  },
  domain_unknown: {
    class: 'hard',
    action: 'suppress',
    advice: 'The domain does not exist or has no mail host: stop sending to this address.',
  },
  null_mx: {
    class: 'hard',
    action: 'suppress',
    advice: 'The domain declares that it accepts no mail: stop sending to this address.',
  },
  address_syntax: {
    class: 'hard',
    action: 'suppress',
    advice: 'The address is not a valid mailbox: correct it or stop sending to it.',
  },
  greylisted: {
    class: 'soft',
    action: 'retry',
    advice: 'The server asks you to try again later (greylisting): retry after a few minutes.',
  },
  rate_limited: {
    class: 'soft',
    action: 'slow_down',
    advice: 'The server limits your rate: send more slowly, with fewer connections and recipients.',
  },
  message_too_large: {
    class: 'soft',
    action: 'shrink_message',
    advice:
      'The message is too large: make it smaller, or share a link instead of an attachment. The address itself is fine.',
  },
  spam_content: {
    class: 'policy',
    action: 'fix_content',
    advice:
      'The server classified the message as spam: review its content and links. The address itself is fine.',
  },
  content_refused: {
    class: 'policy',
    action: 'fix_content',
    advice:
      'The server refused the content or an attachment: change the message. The address itself is fine.',
  },
  virus: {
    class: 'policy',
    action: 'fix_content',
    advice: 'A virus scanner found malware in the message: check its attachments and links.',
  },
  message_malformed: {
    class: 'policy',
    action: 'fix_content',
    advice: 'The message violates the e-mail format (RFC 5322): fix its headers and encoding.',
  },
  blocked_reputation: {
    class: 'policy',
    action: 'fix_reputation',
    advice:
      'Your sending server or domain is blocked for its reputation: find the blocklist that names it and ask for removal.',
  },
  reverse_dns: {
    class: 'policy',
    action: 'fix_sender',
    advice:
      'The sending IP address needs a PTR record, set by the owner of the IP address. The host name in it must resolve back to that IP address, and your server should use this host name in HELO.',
  },
  blocked_by_recipient: {
    class: 'policy',
    action: 'none',
    advice:
      'The recipient or their group does not accept mail from you: ask them to allow your address, or stop sending to them.',
  },
  sender_refused: {
    class: 'policy',
    action: 'fix_sender',
    advice: 'The sender address was refused: check that it exists and that its domain has a mail host.',
  },
  authentication_failed: {
    class: 'policy',
    action: 'fix_sender',
    advice: 'The message failed authentication: check your SPF, DKIM and DMARC settings.',
  },
  encryption_required: {
    class: 'policy',
    action: 'fix_sender',
    advice: 'The two servers could not agree on encryption: check your TLS and STARTTLS settings.',
  },
  policy_refused: {
    class: 'policy',
    action: 'fix_sender',
    advice:
      'A policy of the receiving server refused the message: read its reply for the rule. The address itself may be fine.',
  },
  relay_denied: {
    class: 'policy',
    action: 'fix_sender',
    advice:
      "The server refused to forward the message (relaying denied): check your credentials, your mail routing and the MX records of the recipient's domain.",
  },
  protocol_error: {
    class: 'policy',
    action: 'fix_sender',
    advice: 'An SMTP protocol error occurred: check the configuration of your mail server.',
  },
  system_error: {
    class: 'soft',
    action: 'retry',
    advice: "The recipient's mail server has an internal error: try again later.",
  },
  network_error: {
    class: 'soft',
    action: 'retry',
    advice: "The recipient's mail server could not be reached: try again later.",
  },
  expired: {
    class: 'soft',
    action: 'retry',
    advice: 'The message could not be delivered in time: try again later.',
  },
  suppressed_by_provider: {
    class: 'none',
    action: 'none',
    advice:
      "Your email service provider did not send the message, because the address is on the provider's suppression list. Stop sending to this address.",
  },
  feedback: {
    class: 'complaint',
    action: 'suppress',
    advice: 'The recipient reported mail as spam: stop sending to this address.',
  },
  auto_response: {
    class: 'autoreply',
    action: 'none',
    advice: 'The message arrived, and an automatic reply came back.',
  },
  delivered: {
    class: 'none',
    action: 'none',
    advice: 'The message was delivered or relayed.',
  },
  unknown: {
    class: 'soft',
    action: 'retry',
    advice:
      'presend found no known reason in this reply: try again later. If the address bounces again, read the reply for the cause.',
  },
};
