// Bounces and delay warnings of OpenSMTPD: a list of lines such as `jane@example.org: reason`.

import type { BounceFormat } from './format.ts';
import { mergeRecipients, recipientBlocks } from './recipient-lines.ts';

export const opensmtpd: BounceFormat = {
  name: 'opensmtpd',
  read({ text }) {
    if (!/This is the MAILER-DAEMON, please DO NOT REPLY/i.test(text)) return [];
    const delayed = /message is delayed|only a temporary failure/i.test(text);
    const blocks = recipientBlocks(text, (line) => /^\s*(?:Please note|Below is|You DO NOT)/.test(line));
    return mergeRecipients(blocks).map((one) => ({
      ...one,
      action: delayed ? ('delayed' as const) : ('failed' as const),
    }));
  },
};
