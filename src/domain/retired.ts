// Mailbox providers that closed.

import { retiredProviders } from '../../data/packed/retired-providers.js';
import type { Retirement } from './facts.ts';

const retirements: ReadonlyMap<string, Retirement> = new Map(
  retiredProviders.split('\n').map((row) => {
    const [domain, , guess] = row.split(' ');
    return [domain!, guess === undefined ? 'verified' : 'unverified'] as const;
  }),
);

/** How certain it is that the provider of `domain` (lower-case A-labels) closed. Null if nothing is known of a closure. */
export const findRetirement = (domain: string): Retirement | null => retirements.get(domain) ?? null;
