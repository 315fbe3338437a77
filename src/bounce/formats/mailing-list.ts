// Refusals by mailing list managers such as fml: the person who posted is not a member of the list.

import { addressesIn } from '../address-text.ts';
import type { BounceFormat } from './format.ts';

export const mailingList: BounceFormat = {
  name: 'mailing list',
  read({ subject, text }) {
    const refusal =
      /You (?:\S{1,320} )?are not (?:a )?member|NOT MEMBER article|not (?:a )?member of (?:this|the) (?:mailing )?list/i;
    if (!refusal.test(subject) && !refusal.test(text.slice(0, 2000))) return [];
    const address = addressesIn(/mailing list[^\n]{0,320}/i.exec(text)?.[0] ?? '')[0]?.address ?? null;
    return [{ address, diagnostic: `You are not a member of this list. ${text.slice(0, 500)}` }];
  },
};
