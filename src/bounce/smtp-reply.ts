// Finds the reply code (RFC 5321 section 4.2) and the enhanced status code (RFC 3463) in the raw text of an SMTP reply.

import { withoutFooter } from './diagnostic.ts';

export interface SmtpReply {
  /** Three digits, such as 550, or null if the text has none. */
  readonly replyCode: number | null;
  /** The enhanced status code, such as `5.1.1`, or null. */
  readonly status: string | null;
  /**
   * The text on one line, without the codes at the start of its lines, and without words that introduce another host's
   * reply.
   */
  readonly text: string;
  /** The original lines, trimmed. Empty lines are left out. */
  readonly lines: readonly string[];
}

/**
 * Maximum length of a reply, in UTF-16 code units. A longer text is cut: no genuine reply is this long, and a hostile one
 * would cost too much time.
 */
export const maximumReplyLength = 16_384;

// These patterns find codes that begin with 2, 4 or 5. They skip 354, which only precedes the reply that matters. Except at
// the start of a line, the second digit must be 0 to 7: RFC 5321 has only 0 to 5, but some hosts reply with 571.
const codeThenStatus =
  /(?<![\d.])([245][0-7]\d)[ \t:-]{1,3}[(#['"]{0,2}([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)/g;
const codeAtStart = /^(?:<<< ?|[a-z0-9-]{1,20}; ?|#)?([245]\d\d)(?:[ -]|$|(?=[:.]))/i;
const codeAfterMark =
  /(?:\b(?:stat|status|reply|response|reason|result|error|code|message|msg|text)=|said:|responded:?|response:?|replied:?|returned:?|was:|error:?|: |; ?|<<< ?|\[|\(|#| - |code ?:?|RCPT TO:|DATA:|FROM:|HELO:|EHLO:)[ "'<]{0,3}([245][0-7]\d)(?=[ \t,:;\])"'-]|$)/gi;
const anyStatus = /(?<![\d.])([245])\.([0-7])\.(\d{1,3})(?![\d]|\.\d)/g;
const versionBefore =
  /(?:version|ver\.?|v|release|build|exim|postfix|sendmail|qmail|smtpd?|mailer|server|\/)[ -]?$/i;
const linePrefix =
  /^(?:<<< ?|#)?(?:(?:x-[a-z0-9-]{1,60}|[a-z0-9-]{1,20}); ?)?(?:[245]\d\d(?:[ \t:-]|$))+[ \t]*(?:\(?#?[245]\.\d{1,3}\.\d{1,3}\)?(?=[ \t:]|$))?[ \t:]*/i;

/**
 * Finds the reply code and the enhanced status code in a text that a server or another mail system wrote. The text may have
 * several lines, a status in parentheses, a quotation such as `host … said: 550 …`, or the form of a Diagnostic-Code field.
 * The patterns avoid numbers in addresses, dates and versions. Never throws. Takes linear time; the text is cut at
 * `maximumReplyLength`.
 */
export function parseReply(raw: string): SmtpReply {
  const lines = withoutFooter(raw.slice(0, maximumReplyLength))
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const whole = lines.join('\n');
  const pairs = [...whole.matchAll(codeThenStatus)];
  // Prefer any other failure to a 503: `503 need RCPT` only follows from an earlier refusal, and that refusal matters.
  const refusal = pairs.find((match) => isFailure(match[1]!) && match[1] !== '503');
  const pair = refusal ?? pairs[0];
  const first = codeAtStart.exec(lines[0] ?? '')?.[1];
  // A reply that begins with 4 stays temporary, even if it quotes another host's permanent reply.
  const quotes = first?.[0] === '4' && /\S[^\n]*(?<!-> ?)$/.test(whole.slice(4, refusal?.index ?? 0));
  const replyCode = (quotes ? first : refusal?.[1]) ?? findCode(lines, whole) ?? pair?.[1] ?? null;
  return {
    replyCode: replyCode === null ? null : Number(replyCode),
    status: pair && !pair[2]!.endsWith('.0.0') ? pair[2]! : (findStatus(whole) ?? pair?.[2] ?? null),
    text: withoutIntroduction(
      lines
        .map((line) => line.replace(linePrefix, ''))
        .join(' ')
        .replace(/[ \t]+/g, ' ')
        .trim(),
    ),
    lines,
  };
}

/** Introductions that Exim, Postfix, Cisco's gateways and other systems put before the reply that they quote. */
const introductions: readonly RegExp[] = [
  /^[\s\S]*?(?:other server returned was|response(?: from the remote server)? was|responded as follows|remote host said):/i,
  /SMTP error from remote (?:mail )?server after [^:<]{0,60}(?::? ?<[^>]{0,320}>)?[^:]{0,80}:/gi,
  /\bhost:? \S{1,255} ?\[[^\]]{0,80}\](?: said)?:?/gi,
  /\(in reply to [^)]{0,60}\)/gi,
  // The alias that led to the recipient (forwarded.ts). Without its address, `from` would seem to be about the sender.
  /\( ?(?:ultimately )?(?:generated|expanded) (?:from|by):? <?[^\s<>()]{3,320}>? ?\):?/gi,
  // nodemailer, a library.
  /^(?:Error: )?(?:(?:Mail|Recipient|Data) command failed|Message failed|Can't send mail - all recipients were rejected): (?=\S)/i,
  / ?\(delivery attempts: \d{1,5}\)/gi,
  /^[45]\.\d\.\d - [A-Za-z ]{5,60} (?=[45]\d\d-')/g,
  /Recipient address rejected: (?=\S)/gi,
  // Exim (src/verify.c) writes this before the next host's reply about a recipient. About a sender it writes `Called: …`.
  /(?<!sender )\bCallout verification failed: (?=\S)/gi,
  /\bfailure for one or more recipients \([^\s:()]{1,320}:/gi,
  /\bRequested (?:mail )?action (?:not taken|aborted|not okay)[:,;.] ?(?=\S)/gi,
  /(?:\b[45]\.1\.0 - |^)Unknown address error (?=\S)/g,
];

function withoutIntroduction(text: string): string {
  const rest = introductions
    .reduce((words, introduction) => words.replace(introduction, ' '), text)
    .replace(/ {2,}/g, ' ')
    .trim();
  return rest === '' ? text : rest;
}

const isFailure = (code: string) => code[0] === '4' || code[0] === '5';

/**
 * The first 4xx or 5xx code other than 503; else the first 4xx or 5xx code; else the first code. Codes at the start of a
 * line come before all others. Null if there is no code.
 */
function findCode(lines: readonly string[], whole: string): string | null {
  const found = lines.map((line) => codeAtStart.exec(line)?.[1]).filter((code) => code !== undefined);
  for (const match of whole.matchAll(codeAfterMark)) found.push(match[1]!);
  const failures = found.filter(isFailure);
  return failures.find((code) => code !== '503') ?? failures[0] ?? found[0] ?? null;
}

/** The first 4.x.x or 5.x.x status that is more precise than x.0.0, else the first status of any kind, else null. */
function findStatus(whole: string): string | null {
  let vague: string | null = null;
  for (const match of whole.matchAll(anyStatus)) {
    if (versionBefore.test(whole.slice(Math.max(0, match.index - 10), match.index))) continue;
    if (match[1] === '2' || (match[2] === '0' && match[3] === '0')) vague ??= match[0];
    else return match[0];
  }
  return vague;
}
