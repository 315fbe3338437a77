// Bounces of qmail-send (QSBMF) and of systems with the same layout, such as Yahoo: `<jane@example.org>:`, then a
// paragraph.

import type { BounceFormat } from './format.ts';
import { mergeRecipients, recipientBlocks } from './recipient-lines.ts';

const opening =
  /this is the qmail-send program|unable to deliver (?:your )?message to the following address|i(?: a|')m afraid i wasn't able to deliver|this is the mail system at host/i;

export const qmail: BounceFormat = {
  name: 'qmail',
  read({ text }) {
    if (!opening.test(text)) return [];
    const blocks = recipientBlocks(text, (line) => /^--- /.test(line));
    return mergeRecipients(blocks.filter(({ diagnostic }) => diagnostic !== ''));
  },
};
