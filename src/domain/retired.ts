// Mailbox providers that closed.

import { retiredProviders } from '../../data/packed/retired-providers.js';
import { dataPart, entriesBy } from '../data-part.ts';
import type { Retirement } from './facts.ts';

export const retirements = dataPart({
  name: 'retired-providers',
  builtIn: () => retiredProviders,
  ...entriesBy('\n', /^[a-z0-9-]+(?:\.[a-z0-9-]+)+ [a-z]+(?: guess)?$/),
  build: (text): ReadonlyMap<string, Retirement> =>
    new Map(
      text.split('\n').map((row) => {
        const [domain, , guess] = row.split(' ');
        return [domain!, guess === undefined ? 'verified' : 'unverified'] as const;
      }),
    ),
});

/** How certain it is that the provider of `domain` (lower-case A-labels) closed. Null if nothing is known of a closure. */
export const findRetirement = (domain: string): Retirement | null =>
  retirements.current().get(domain) ?? null;
