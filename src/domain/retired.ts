// Mailbox providers that closed.

import { retiredProviders } from '../../data/packed/retired-providers.js';
import type { Retirement } from './facts.ts';

const retirements: ReadonlyMap<string, Retirement> = new Map(
  retiredProviders.split('\n').map((row) => {
    const [domain, , guess] = row.split(' ');
    return [domain!, guess === undefined ? 'verified' : 'unverified'] as const;
  }),
);

/** Whether the provider of `domain` (lower-case A-labels) closed, and how certain that is; null if it is not known to have. */
export const findRetirement = (domain: string): Retirement | null => retirements.get(domain) ?? null;
