// Bounces of Microsoft Exchange in its own format. They contain the sentence `did not reach the following recipient(s)`,
// the sentence `The following recipient(s) could not be reached` or the heading `Diagnostic information for administrators`.

import type { BounceFormat } from './format.ts';
import { mergeRecipients, recipientBlocks } from './recipient-lines.ts';

const openings = [
  /did not reach the following recipient\(?s?\)?:/i,
  /Diagnostic information for administrators:[^\n]{0,998}\n\s*Generating server:[^\n]*/i,
];

/** Exchange 2003. MailEnable writes this too, in another layout. */
const reached = /following recipient\(?s?\)? (?:could|can) ?not be reached:/i;

/** An X.400 address may contain the Internet address as a domain-defined attribute (RFC 2156): `SMTP=jane@example.org`. */
const smtpAttribute = /\bSMTP=([^\s;]{3,320})/i;

export const exchange: BounceFormat = {
  name: 'exchange',
  read({ text }) {
    for (const opening of openings) {
      const start = opening.exec(text);
      if (!start) continue;
      const body = text.slice(start.index + start[0].length);
      const blocks = recipientBlocks(body, (line) => /^Original message headers/i.test(line));
      if (blocks.length > 0) return mergeRecipients(blocks);
      const hidden = smtpAttribute.exec(body);
      return [{ address: hidden?.[1] ?? null, diagnostic: body }];
    }
    const start = reached.exec(text);
    return start === null ? [] : mergeRecipients(recipientBlocks(text.slice(start.index + start[0].length)));
  },
};
