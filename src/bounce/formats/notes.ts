// Bounces of IBM Notes and Domino: `was not delivered to: jane@example.org because: …`.

import { addressesIn } from '../address-text.ts';
import type { BounceFormat } from './format.ts';

export const notes: BounceFormat = {
  name: 'notes',
  read({ text }) {
    const failure = /was not delivered to:?([\s\S]{0,600}?)\bbecause:?([\s\S]{0,2000})/i.exec(text);
    if (!failure) return [];
    const [, to = '', because = ''] = failure;
    const diagnostic = because.trim();
    const found = addressesIn(to).map(({ address }) => ({ address, diagnostic }));
    return found.length > 0 ? found : [{ address: null, diagnostic }];
  },
};
