// Bounces of Microsoft Exchange in its own format. They contain the sentence `did not reach the following recipient(s)` or
// the heading `Diagnostic information for administrators`.

import type { BounceFormat } from './format.ts';
import { mergeRecipients, recipientBlocks } from './recipient-lines.ts';

const openings = [
  /did not reach the following recipient\(?s?\)?:/i,
  /Diagnostic information for administrators:[^\n]*\n\s*Generating server:[^\n]*/i,
];

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
    return [];
  },
};
