// Bounces of Sendmail and its descendants without a delivery-status report. They have sections with titles between dashes:
// one lists the recipients, another is a transcript of the SMTP session.

import { addressesIn } from '../address-text.ts';
import type { ReportMail } from '../mail.ts';
import { type BounceFormat, type FoundRecipient, maximumRecipients } from './format.ts';
import { recipientLine } from './recipient-lines.ts';

/** A title between dashes. It does not begin with a dash, because a line of many dashes would otherwise take cubic time. */
const heading = /^\s*-{2,}([^-].*?)-{2,}\s*$/;

export const sendmail: BounceFormat = {
  name: 'sendmail',
  read(mail) {
    const sections = sectionsOf(mail.text);
    const listed = sections
      .filter(({ title }) => /(?:fatal|transient|delivery|temporary|permanent|problem)/i.test(title))
      .flatMap(({ lines }) => recipientsOf(lines));
    const transcript = sections.find(({ title }) => /transcript/i.test(title))?.lines ?? [];
    if (listed.length === 0) return transcript.length === 0 ? [] : fromTranscript(transcript, mail);
    const rest = sections
      .filter(({ title }) => /transcript|information|reason/i.test(title))
      .flatMap(({ lines }) => lines)
      .join('\n');
    return listed.map(({ address, diagnostic }) => ({
      address,
      diagnostic: [diagnostic, aboutOne(rest, address, listed.length)]
        .filter((part) => part !== '')
        .join('\n'),
    }));
  },
};

function sectionsOf(text: string): { title: string; lines: string[] }[] {
  const sections: { title: string; lines: string[] }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const title = line.length < 200 ? heading.exec(line)?.[1]?.trim() : undefined;
    if (title) sections.push({ title, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections;
}

function recipientsOf(lines: readonly string[]): { address: string; diagnostic: string }[] {
  const found: { address: string; diagnostic: string }[] = [];
  for (const line of lines) {
    if (found.length === maximumRecipients) break;
    const recipient = recipientLine(line);
    if (recipient && !found.some(({ address }) => address === recipient.address))
      found.push({ address: recipient.address, diagnostic: withoutAddress(recipient.rest) });
    else if (!recipient && line.trim() !== '' && found.length > 0)
      found.at(-1)!.diagnostic += `\n${line.trim()}`;
  }
  return found;
}

/**
 * The rest of a recipient line, or an empty string if it is only a second address, as in `<jane@example.org>
 * <jane@example.org>`. That is the original recipient, not a reason.
 */
const withoutAddress = (rest: string) => (/^<[^>]{0,320}>$/.test(rest) ? '' : rest);

function aboutOne(transcript: string, address: string, recipients: number): string {
  if (recipients === 1) return transcript;
  return transcript
    .split('\n')
    .filter((line) => line.includes(address))
    .join('\n');
}

/**
 * Reads the recipients from the transcript, because Sendmail 5 writes no list of recipients. For each recipient, the last
 * reply that names it is the outcome, and the lines before this reply state the cause.
 */
function fromTranscript(lines: readonly string[], mail: ReportMail): FoundRecipient[] {
  const found = new Map<string, string>();
  let replies: string[] = [];
  let asked: string | null = null;
  for (const line of lines) {
    const sent = /^>>> RCPT To:/i.test(line) ? addressesIn(line)[0] : undefined;
    if (sent) asked = sent.address;
    const about = /^[45]\d\d[ -]/.test(line) ? addressesIn(line.split('...')[0]!)[0] : undefined;
    if (about) {
      found.set(about.address, [...replies, line].join('\n'));
      replies = [];
    } else if (line.trim() !== '' && !/^(?:while talking|\.\.\. while)/i.test(line))
      replies.push(line.trim());
  }
  if (found.size === 0 && replies.length > 0) {
    const to = /^to:(.*)$/im.exec(mail.returned)?.[1];
    const address = asked ?? addressesIn(to ?? '')[0]?.address;
    if (address) found.set(address, replies.join('\n'));
  }
  return [...found].map(([address, diagnostic]) => ({ address, diagnostic }));
}
