// Classifies an SMTP reply by its first digit, the party at fault, the enhanced status, the words and the reply code.

import type { BounceReason, Classification, Fault } from './bounce.ts';
import { commandIn, commandNamed, type SmtpCommand } from './command.ts';
import { diagnosticWords } from './diagnostic.ts';
import { bounceReasons } from './reasons.ts';
import { type RuleInput, rules } from './rules.ts';
import { parseReply, type SmtpReply } from './smtp-reply.ts';
import { enhancedStatus } from './status.ts';
import { wordsOf } from './words.ts';

export interface ReplyContext {
  /** Name of the host that replied. */
  readonly mailHost?: string;
  /** The SMTP command that the reply answers: `MAIL FROM`, `RCPT TO`, `DATA`, `EHLO` or `connect`, in any case. */
  readonly command?: string;
  /** The status is the Status field of a report (RFC 3464 section 2.3.4), not part of the reply. */
  readonly reportedStatus?: boolean;
}

/** Parses and classifies the text of a reply. See `classify`. */
export function classifyReply(text: string, context: ReplyContext = {}): Classification {
  return classify(parseReply(text), context);
}

/**
 * Classifies a reply. `hard` requires a permanent reply (5yz) whose words or definite status (RFC 3463) blame the
 * recipient. Replies to MAIL FROM, HELO or the connection are about the sender and never `hard`. Pure; linear time.
 */
export function classify(reply: SmtpReply, context: ReplyContext = {}): Classification {
  const { reason, rule, advice } = decide(reply, context);
  const facts = bounceReasons[reason];
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
  /** No other party can be to blame. */
  readonly certain?: boolean;
}

/**
 * Finds the party at fault first, then the reason. A transient reply, or a reply about the sender, is never a hard bounce.
 */
function decide(reply: SmtpReply, context: ReplyContext): Decision {
  const command = commandNamed(context.command ?? '') ?? commandIn(reply.lines.join(' '));
  const input: RuleInput = {
    words: wordsOf(diagnosticWords(reply.text)),
    replyCode: String(reply.replyCode ?? ''),
    status: reply.status ?? '',
    command,
    hosts: `${reply.text} ${context.mailHost ?? ''}`.toLowerCase(),
  };
  const aboutSender = isAboutSender(input);
  const decision = weigh(reply, input, aboutSender ? 'recipient' : null);
  if (
    aboutSender &&
    bounceReasons[decision.reason].class === 'soft' &&
    bounceReasons[weigh(reply, input, null).reason].class === 'hard'
  )
    return { reason: 'sender_refused', rule: `${decision.rule}, about the sender` };
  if (bounceReasons[decision.reason].class !== 'hard') return decision;
  if (isTransient(reply, decision.reason, context.reportedStatus === true) && !endsPermanent(reply, context))
    return { reason: transientReason(decision.reason), rule: `${decision.rule}, for now` };
  if (aboutSender) return { reason: 'sender_refused', rule: `${decision.rule}, about the sender` };
  return contradiction(decision, input) ?? decision;
}

/** A reply that also blames another party does not prove that the mailbox is dead: the other party decides. */
function contradiction(decision: Decision, input: RuleInput): Decision | null {
  if (decision.certain === true) return null;
  const set = rules();
  const other = set.first(input, 0, set.genericOrder, 'recipient');
  return other && { reason: other.reason, rule: `${other.name}, against ${decision.rule}` };
}

/** The order of evidence: decisive status, precise words, definite status, stock phrases, vague status, reply code. */
function weigh(reply: SmtpReply, input: RuleInput, excluded: Fault | null): Decision {
  const set = rules();
  const known = reply.status === null ? null : enhancedStatus(sameClass(reply.status, reply.replyCode));
  const byStatus = (): Decision | null =>
    known && {
      reason: known.reason,
      rule: `status ${known.status}`,
      advice: known.advice,
      certain: known.weight === 'decisive',
    };
  // A reply that only repeats the registry's text adds nothing to its code.
  if (known && isMeaning(input.words, known.meaning)) return byStatus()!;
  const byRule = (from: number, to: number): Decision | null => {
    const rule = set.first(input, from, to, excluded);
    return rule && { reason: rule.reason, rule: rule.name, certain: rule.certain };
  };
  return (
    byRule(0, set.decisiveOrder) ??
    (known?.weight === 'decisive' ? byStatus() : null) ??
    byRule(set.decisiveOrder, set.statusOrder) ??
    (known?.weight === 'definite' ? byStatus() : null) ??
    byRule(set.statusOrder, set.end) ??
    byStatus() ??
    byCode(reply, input.command, input.words.filter((word) => /\D/.test(word)).length)
  );
}

/**
 * RFC 5321 section 4.2.1: a reply that begins with 4 is transient, whatever its words. If the reply has no code,
 * the Status field of the report decides; a domain that accepts no mail is still permanent.
 */
function isTransient({ replyCode, status }: SmtpReply, reason: BounceReason, reported: boolean): boolean {
  if (replyCode !== null) return replyCode >= 400 && replyCode < 500;
  return (
    status?.startsWith('4') === true && !(reported && (reason === 'domain_unknown' || reason === 'null_mx'))
  );
}

/** For several replies in one text: whether a later permanent reply is `hard` by its own words. */
function endsPermanent({ lines }: SmtpReply, context: ReplyContext): boolean {
  const text = lines.join(' ');
  const permanent = /(?:^|[\s[(:<])(?=5[0-7]\d[ -])/.exec(text);
  return (
    permanent !== null &&
    permanent.index > 0 &&
    classifyReply(text.slice(permanent.index).replace(/^[\s[(:<]/, ''), context).class === 'hard'
  );
}

const transientReason = (reason: BounceReason): BounceReason =>
  reason === 'domain_unknown' || reason === 'null_mx' ? 'network_error' : 'system_error';

/** True for replies to MAIL FROM, HELO or the connection, for x.1.7 and x.1.8, and for words about the sender. */
const isAboutSender = (input: RuleInput): boolean =>
  input.command === 'mail' ||
  input.command === 'connect' ||
  input.command === 'helo' ||
  /^[45]\.1\.[78]$/.test(input.status) ||
  rules().aboutSender(input);

/** Whether the words are only the registry's name of the status. Some names end with a vendor in parentheses. */
function isMeaning(words: readonly string[], meaning: string): boolean {
  const named = wordsOf(meaning).join(' ');
  const said = words.join(' ').replace(/^[245] \d{1,3} \d{1,3} /, '');
  return said !== '' && (said === named || said === wordsOf(meaning.replace(/ \([^)]*\)$/, '')).join(' '));
}

/** If code and status disagree on permanence, the code decides (RFC 5321 section 4.2.1). */
function sameClass(status: string, replyCode: number | null): string {
  const first = replyCode === null ? '' : String(replyCode)[0]!;
  return first === '4' || first === '5' ? first + status.slice(1) : status;
}

/** The decision by the reply code alone (RFC 5321 section 4.2.3). */
function byCode({ replyCode, status }: SmtpReply, command: SmtpCommand | null, words: number): Decision {
  const code = replyCode ?? (status === null ? null : Number(status[0]) * 100);
  if (code === null) return { reason: 'unknown', rule: 'nothing' };
  const rule = `code ${code}`;
  if (code >= 200 && code < 300) return { reason: 'delivered', rule };
  if (code >= 400 && code < 500) return { reason: 'system_error', rule };
  if (code === 552) return { reason: 'mailbox_full', rule };
  // RFC 7504: the domain does not accept mail. Other words under this code are not about the domain.
  if (code === 556) return { reason: words > 0 ? 'policy_refused' : 'null_mx', rule };
  if (code >= 500 && code < 510) return { reason: 'protocol_error', rule };
  // Hosts use 554 for many refusals, so a 554 without text gives no reason.
  if (code === 554 && words > 1) return { reason: 'policy_refused', rule };
  if (code === 571 || command === 'data' || command === 'mail' || command === 'connect')
    return { reason: 'policy_refused', rule };
  return { reason: 'unknown', rule };
}
