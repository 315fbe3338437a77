// Bounces of the DragonFly Mail Agent: a sentence names the one recipient, and the reply follows below it.

import { addressesIn } from '../address-text.ts';
import type { BounceFormat } from './format.ts';

export const dragonfly: BounceFormat = {
  name: 'dragonfly',
  read({ text }) {
    const sentence = /There was an error delivering your mail to [^\n]{1,400}\n/.exec(text);
    if (!sentence) return [];
    const address = addressesIn(sentence[0])[0]?.address ?? null;
    return [{ address, diagnostic: text.slice(sentence.index + sentence[0].length).trim() }];
  },
};
