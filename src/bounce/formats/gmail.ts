// Bounces of Gmail in its old format, without a delivery-status report.

import type { BounceFormat } from './format.ts';
import { recipientBlocks } from './recipient-lines.ts';

const opening = /Delivery to the following recipients? (?:has been delayed|failed permanently|failed)/i;

export const gmail: BounceFormat = {
  name: 'gmail',
  read({ text }) {
    const start = opening.exec(text);
    if (!start || !/Technical details|Message will be retried|Google tried/i.test(text)) return [];
    const delayed = /delayed/i.test(start[0]);
    return recipientBlocks(text.slice(start.index + start[0].length)).map((block) => ({
      ...block,
      action: delayed ? ('delayed' as const) : ('failed' as const),
    }));
  },
};
