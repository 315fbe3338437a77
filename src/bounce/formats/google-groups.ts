// Bounces of Google Groups: the group does not exist, or it accepts no mail from this sender. They are recognized by
// their support links, so the language does not matter.

import { addressesIn } from '../address-text.ts';
import type { BounceFormat } from './format.ts';

export const googleGroups: BounceFormat = {
  name: 'google groups',
  read(mail) {
    if (
      !/groups\.google\.com\/(?:a\/[^/\s]{1,100}\/)?support|support\.google\.com\/a\/[^/\s]{1,100}\/[^\s]{0,60}groups/.test(
        mail.text,
      )
    )
      return [];
    const address = addressesIn(mail.header('x-failed-recipients') ?? '')[0]?.address ?? null;
    return [{ address, diagnostic: mail.text }];
  },
};
