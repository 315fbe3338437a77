// The pages of the console in its navigation: one line each.

import type { Scope } from '../../../keys/key.ts';

export interface ConsoleEntry {
  readonly path: string;
  readonly name: string;
  /** The page is shown to a key that has one of these scopes. */
  readonly scopes: readonly Scope[];
}

/** In the order of the navigation. */
export const consolePages: readonly ConsoleEntry[] = [
  { path: '/console/lists', name: 'Lists', scopes: ['jobs'] },
  {
    path: '/console/suppressions',
    name: 'Suppressions',
    scopes: ['suppressions:read', 'suppressions:write'],
  },
  { path: '/console/bounces', name: 'Bounces', scopes: ['reports:read', 'events:read', 'gate'] },
  { path: '/console/domains', name: 'Sending domains', scopes: ['preflight'] },
];
