// An SMTP reply → what it says about the recipient. Rules first where words are clear, then the status, then the code.

import type { BounceReason, Classification } from './bounce.ts';
import { commandIn, commandNamed, type SmtpCommand } from './command.ts';
import { reasons } from './reasons.ts';
import { type RuleInput, rules } from './rules.ts';
import { parseReply, type SmtpReply } from './smtp-reply.ts';
import { enhancedStatus } from './status.ts';
import { wordsOf } from './words.ts';

export interface ReplyContext {
  /** The host that replied, or its name as a report gives it. */
  readonly mailHost?: string;
  /** The SMTP command that was answered: `MAIL FROM`, `RCPT TO`, `DATA`, `EHLO` or `connect`, in any case. */
  readonly command?: string;
}

/** `classify(parseReply(text), context)`. */
export function classifyReply(text: string, context: ReplyContext = {}): Classification {
  return classify(parseReply(text), context);
}

/**
 * Says what a reply means for the recipient. What is not clear is never `hard`: a mailbox is only called dead when
 * words or a definite status (RFC 3463) say so, and never by an answer to MAIL FROM or to the connection, which is
 * about the sender. Pure; time is linear in the length of the reply.
 */
export function classify(reply: SmtpReply, context: ReplyContext = {}): Classification {
  const { reason, rule, advice } = decide(reply, context);
  const facts = reasons[reason];
  return {
    class: facts.class,
    reason,
    status: reply.status,
    replyCode: reply.replyCode,
    action: facts.action,
    advice: advice ?? facts.advice,
    rule,
  };
}

interface Decision {
  readonly reason: BounceReason;
  readonly rule: string;
  readonly advice?: string;
}

function decide(reply: SmtpReply, context: ReplyContext): Decision {
  const lower = `${reply.text} ${context.mailHost ?? ''}`.toLowerCase();
  const command = commandNamed(context.command ?? '') ?? commandIn(reply.lines.join(' '));
  const input: RuleInput = {
    words: wordsOf(reply.text),
    replyCode: String(reply.replyCode ?? ''),
    status: reply.status ?? '',
    command,
    hosts: lower,
  };
  const set = rules();
  const known = reply.status === null ? null : enhancedStatus(sameClass(reply.status, reply.replyCode));
  const byStatus = (): Decision | null =>
    known && { reason: known.reason, rule: `status ${known.status}`, advice: known.advice };
  const byRule = (from: number, to: number): Decision | null => {
    const rule = set.first(input, from, to);
    return rule && { reason: rule.reason, rule: rule.name };
  };

  const decision =
    byRule(0, set.statusOrder) ??
    (known?.definite ? byStatus() : null) ??
    byRule(set.statusOrder, set.end) ??
    byStatus() ??
    byCode(reply, command);

  // A name that is not found under a transient code may be found again: the DNS of the moment.
  const aboutDomain = decision.reason === 'domain_unknown' || decision.reason === 'null_mx';
  if (aboutDomain && input.replyCode.startsWith('4'))
    return { reason: 'network_error', rule: `${decision.rule}, for now` };
  const aboutSender = command === 'mail' || command === 'connect' || command === 'helo';
  if (aboutSender && reasons[decision.reason].class === 'hard')
    return { reason: 'sender_refused', rule: `${decision.rule}, in answer to the sender` };
  return decision;
}

/** Where code and status disagree whether a failure lasts, the code is what SMTP acts on (RFC 5321 section 4.2.1). */
function sameClass(status: string, replyCode: number | null): string {
  const first = replyCode === null ? '' : String(replyCode)[0]!;
  return first === '4' || first === '5' ? first + status.slice(1) : status;
}

/** RFC 5321 section 4.2.3: what a code says without any words. */
function byCode({ replyCode, status }: SmtpReply, command: SmtpCommand | null): Decision {
  const code = replyCode ?? (status === null ? null : Number(status[0]) * 100);
  if (code === null) return { reason: 'unknown', rule: 'nothing' };
  const rule = `code ${code}`;
  if (code >= 200 && code < 300) return { reason: 'delivered', rule };
  if (code >= 400 && code < 500) return { reason: 'system_error', rule };
  if (code === 552) return { reason: 'mailbox_full', rule };
  // RFC 7504: 556 is a domain that takes no mail.
  if (code === 556) return { reason: 'null_mx', rule };
  if (code >= 500 && code < 510) return { reason: 'protocol_error', rule };
  if (code === 554 || code === 571 || command === 'data' || command === 'mail' || command === 'connect')
    return { reason: 'policy_refused', rule };
  return { reason: 'unknown', rule };
}
