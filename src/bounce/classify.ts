// Classifies an SMTP reply by its words, its enhanced status code and its reply code.

import type { BounceReason, Classification, Fault } from './bounce.ts';
import { commandIn, commandNamed, type SmtpCommand } from './command.ts';
import { diagnosticWords } from './diagnostic.ts';
import { statedCause } from './house-rules.ts';
import { bounceReasons } from './reasons.ts';
import { type RuleInput, rules } from './rules.ts';
import { parseReply, type SmtpReply } from './smtp-reply.ts';
import { enhancedStatus } from './status.ts';
import { clausesOf, wordsOf } from './words.ts';

export interface ReplyContext {
  /** Name of the mail host that replied. */
  readonly mailHost?: string;
  /** The SMTP command that was answered, in any letter case: `MAIL FROM`, `RCPT TO`, `DATA`, `EHLO`, `connect` … */
  readonly command?: string;
  /**
   * True if the reply itself has no codes, so its status comes from the Status field of a report (RFC 3464 section 2.3.4).
   */
  readonly reportedStatus?: boolean;
}

/** Parses and classifies the text of a reply. See `classify`. */
export function classifyReply(text: string, context: ReplyContext = {}): Classification {
  return classify(parseReply(text), context);
}

/**
 * Classifies a reply. The class is `hard` only if the evidence (words, status or reply code) blames the recipient and the
 * failure is permanent. A reply with a 4yz code is temporary, unless its text also quotes a permanent reply; for a status
 * without a code, see `isTransient`. Replies to MAIL FROM, HELO or the connection are about the sender, so they are never
 * `hard`. A pure function that takes linear time.
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
  /** True if no other party can be to blame. `contradiction` and `doubt` then do not look for one. */
  readonly certain?: boolean;
  /**
   * Position of the rule in the file. Set only if the words of the rule may mean another party than the recipient; `doubt` checks
   * that.
   */
  readonly doubtful?: number | undefined;
}

/**
 * Decides on the reason. If the whole reply does not blame the recipient, but its words without the rules of the house do, these
 * words decide: `User unknown. We use greylisting.` For that, they must name a mailbox that does not exist or has moved, or a
 * definite status must confirm them; a status alone is not enough. `Mailbox unavailable` and `account suspended` can have other causes.
 */
function decide(reply: SmtpReply, context: ReplyContext): Decision {
  const decision = decideWhole(reply, context);
  const { replyCode, status } = reply;
  if (bounceReasons[decision.reason].class === 'hard' || (replyCode ?? 500) < 500) return decision;
  if (status?.startsWith('5.7.') === true) return decision;
  const confirmed = confirms(reply);
  const text = statedCause(reply.text, confirmed);
  if (text === null || (!confirmed && /\b(?:un|not )available\b/i.test(text))) return decision;
  const alone = decideWhole({ ...reply, text }, context);
  const names = alone.reason === 'mailbox_unknown' || alone.reason === 'mailbox_moved';
  if (!names && !(confirmed && alone.reason === 'mailbox_disabled')) return decision;
  const worded = decideWhole({ ...reply, text, status: null }, context);
  return bounceReasons[worded.reason].class === 'hard' ? alone : decision;
}

/**
 * Decides by all words of the reply. First finds out whether the reply is about the sender, then weighs the evidence. A reply about
 * the sender never gets a reason of class `hard`. Neither does a transient reply, unless the same text also quotes a
 * permanent one.
 */
function decideWhole(reply: SmtpReply, context: ReplyContext): Decision {
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
  const isPermanent = (reply.replyCode ?? 0) >= 500;
  const isUnexplained = isPermanent ? decision.reason === 'unknown' : decision.rule.startsWith('code 4');
  if (isUnexplained && (rules().aboutSender(input) || (isPermanent && namesSender(input))))
    return { reason: 'policy_refused', rule: `${decision.rule}, about the sender` };
  if (bounceReasons[decision.reason].class !== 'hard') return decision;
  if (isTransient(reply, decision.reason, context.reportedStatus === true) && !endsPermanent(reply, context))
    return { reason: transientReason(decision.reason), rule: `${decision.rule}, for now` };
  if (aboutSender) return { reason: 'sender_refused', rule: `${decision.rule}, about the sender` };
  return contradiction(decision, input) ?? doubt(decision, reply, input) ?? decision;
}

/**
 * For a `decision` that blames the recipient: looks for a rule before `@generic` (data/bounce-rules.txt) that blames another
 * party. If one matches, returns the decision of this rule instead, because a reply that also blames another party does not
 * prove that the mailbox is dead. Null if none matches, or if `decision` is certain.
 */
function contradiction(decision: Decision, input: RuleInput): Decision | null {
  if (decision.certain === true) return null;
  const set = rules();
  const other = set.first(input, 0, set.genericOrder, 'recipient');
  return other && { reason: other.reason, rule: `${other.name}, against ${decision.rule}` };
}

/**
 * For a `decision` that blames the recipient by its words alone: returns another decision if the words may mean the account,
 * host or domain of another party, and no definite status confirms that they mean the recipient's. Null if there is no doubt.
 */
function doubt(decision: Decision, reply: SmtpReply, input: RuleInput): Decision | null {
  const { certain, doubtful: order } = decision;
  if (certain === true || order === undefined || confirms(reply)) return null;
  const set = rules();
  const clauses = clausesOf(diagnosticWords(reply.text)).filter(
    (words) => set.first({ ...input, words }, order, order + 1) !== null,
  );
  const other = set.doubt(input, clauses.length === 0 ? [input.words] : clauses);
  return other && { reason: other.reason, rule: `${other.name}, against ${decision.rule}` };
}

/** Whether the enhanced status or the reply code says by itself that the recipient's address is bad. */
function confirms({ status, replyCode }: SmtpReply): boolean {
  // RFC 7504: the domain accepts no mail.
  if (replyCode === 556) return true;
  const known = status === null ? null : enhancedStatus(sameClass(status, replyCode));
  return known !== null && known.weight !== 'vague' && known.class === 'hard';
}

/**
 * Decides by the first evidence found, in this order: rules before `@decisive` (data/bounce-rules.txt), a decisive
 * status, precise rules (those before `@status`), a definite status, rules for stock phrases (those after `@status`), a
 * vague status, the reply code. `EnhancedStatus` explains decisive, definite and vague. Skips rules that blame the party
 * `excluded`.
 */
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
  const byRule = (from: number, to: number): Decision | null => {
    const rule = set.first(input, from, to, excluded);
    if (rule === null) return null;
    const { reason, name, certain, clear, order } = rule;
    return { reason, rule: name, certain, doubtful: clear ? undefined : order };
  };
  // If the words only repeat the name of the status in the registry, they are not additional evidence: the status decides.
  const decides = known && (known.weight === 'decisive' || isMeaning(input.words, known.meaning));
  return (
    byRule(0, set.decisiveOrder) ??
    (decides ? byStatus() : null) ??
    byRule(set.decisiveOrder, set.statusOrder) ??
    (known?.weight === 'definite' ? byStatus() : null) ??
    withCause(byRule(set.statusOrder, set.end), reply) ??
    byStatus() ??
    byCode(reply, input.command, input.words.filter((word) => /\D/.test(word)).length)
  );
}

/**
 * Returns the decision by a stock phrase; null if the phrase names no cause (`Transaction failed`) but the status has the subject
 * 7, which is security or policy (RFC 3463 section 3.8).
 */
const withCause = (decision: Decision | null, { status }: SmtpReply): Decision | null =>
  decision?.reason === 'unknown' && status?.startsWith('5.7.') ? null : decision;

/**
 * Whether the failure is only temporary. If there is a reply code, it is temporary if the code begins with 4, regardless of
 * the words (RFC 5321 section 4.2.1). Without a reply code, it is temporary if the status begins with 4. One exception: if
 * the status is from the Status field of a report (`reported`), and the reason is that the domain does not exist or accepts
 * no mail, the failure is permanent.
 */
function isTransient({ replyCode, status }: SmtpReply, reason: BounceReason, reported: boolean): boolean {
  if (replyCode !== null) return replyCode >= 400 && replyCode < 500;
  return (
    status?.startsWith('4') === true && !(reported && (reason === 'domain_unknown' || reason === 'null_mx'))
  );
}

/**
 * Whether a permanent reply (5yz) of the same session follows in the text, and has the class `hard` if it is classified
 * without the text before it. A 5yz reply that the transient one quotes from another host (`said: 550`, `(550 …)`) does not
 * count, because the final reply is still transient.
 */
function endsPermanent({ lines }: SmtpReply, context: ReplyContext): boolean {
  const text = lines.join(' ');
  const permanent = permanentReply.exec(text);
  return permanent !== null && classifyReply(text.slice(permanent.index), context).class === 'hard';
}

/** A 5yz reply code after a word, and not after a word or mark that introduces a quotation. */
const permanentReply =
  /(?<=(?:[\p{L}\d.!\])]|->) )(?<!\b(?:said|says|responded|returned|replied|with|was|error|code) )5[0-7]\d(?=[ -])/iu;

const transientReason = (reason: BounceReason): BounceReason =>
  reason === 'domain_unknown' || reason === 'null_mx' ? 'network_error' : 'system_error';

/**
 * Whether the reply is about the sender: it answers MAIL FROM, HELO or the connection, its status is x.1.7 or x.1.8 (the
 * sender's address is bad), its code belongs to AUTH (RFC 4954 section 6), or its words match `@sender` in
 * data/bounce-rules.txt.
 */
const isAboutSender = (input: RuleInput): boolean =>
  input.command === 'mail' ||
  input.command === 'connect' ||
  input.command === 'helo' ||
  /^[45]\.1\.[78]$/.test(input.status) ||
  /^53[458]$/.test(input.replyCode) ||
  rules().aboutSender(input);

/**
 * Whether words of the reply suggest a fault of the sender or the content. They count only if no other evidence contradicts them.
 */
const namesSender = (input: RuleInput): boolean => rules().doubt(input, [input.words])?.fault === 'sender';

/**
 * Whether the words only repeat `meaning`, the name of the status in the registry. If the name ends with a remark in
 * parentheses, such as `(Microsoft)`, the words may leave it out.
 */
function isMeaning(words: readonly string[], meaning: string): boolean {
  const named = wordsOf(meaning).join(' ');
  const said = words.join(' ').replace(/^[245] \d{1,3} \d{1,3} /, '');
  return said !== '' && (said === named || said === wordsOf(meaning.replace(/ \([^)]*\)$/, '')).join(' '));
}

/**
 * Replaces the first digit of the status by that of the reply code, if that is 4 or 5: with reply code 450, `5.1.1` becomes
 * `4.1.1`. If the two disagree on whether the failure is permanent, the reply code decides (RFC 5321 section 4.2.1).
 */
function sameClass(status: string, replyCode: number | null): string {
  const first = replyCode === null ? '' : String(replyCode)[0]!;
  return first === '4' || first === '5' ? first + status.slice(1) : status;
}

/**
 * The decision if neither a rule nor a registered status decides: by the reply code (RFC 5321 section 4.2.3) or, without
 * one, by the first digit of the status. `words` is the number of words in the reply; numbers do not count.
 */
function byCode({ replyCode, status }: SmtpReply, command: SmtpCommand | null, words: number): Decision {
  const code = replyCode ?? (status === null ? null : Number(status[0]) * 100);
  if (code === null) return { reason: 'unknown', rule: 'nothing' };
  const rule = `code ${code}`;
  if (code >= 200 && code < 300) return { reason: 'delivered', rule };
  if (code >= 400 && code < 500) return { reason: 'system_error', rule };
  if (code === 552) return { reason: 'mailbox_full', rule };
  // 556 means that the domain does not accept mail (RFC 7504). But if the reply also has words, which no rule recognized,
  // they probably state another cause.
  if (code === 556) return { reason: words > 0 ? 'policy_refused' : 'null_mx', rule };
  if (code >= 500 && code < 510) return { reason: 'protocol_error', rule };
  // Any detail of x.7 is a matter of security or policy (RFC 3463 section 3.8), even one that is not registered.
  if (code >= 500 && status?.startsWith('5.7.')) return { reason: 'policy_refused', rule };
  // Hosts use 554 for many different refusals, so a 554 without text says nothing about the reason.
  if (code === 554 && words > 1) return { reason: 'policy_refused', rule };
  if (code === 571 || command === 'data' || command === 'mail' || command === 'connect')
    return { reason: 'policy_refused', rule };
  return { reason: 'unknown', rule };
}
