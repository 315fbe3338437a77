// The pages of the console in its navigation: one line each.

import type { Scope } from '../../../keys/key.ts';

/** The groups of pages in the navigation. */
export type ConsoleArea = 'mail' | 'setup' | 'service';

export interface ConsoleEntry {
  readonly path: string;
  readonly name: string;
  /** What the page is for, in a few words; only of the pages in the navigation. */
  readonly about?: string;
  /** Its group; only of the pages in the navigation. */
  readonly area?: ConsoleArea;
  /** The page is shown to a key that has one of these scopes. */
  readonly scopes: readonly Scope[];
}

/** In the order of the navigation. */
export const consolePages: readonly ConsoleEntry[] = [
  {
    path: '/console/lists',
    name: 'Lists',
    about: 'Upload, verify and download lists',
    area: 'mail',
    scopes: ['jobs'],
  },
  {
    path: '/console/suppressions',
    name: 'Suppressions',
    area: 'mail',
    about: 'Addresses that must not get mail',
    scopes: ['suppressions:read', 'suppressions:write'],
  },
  {
    path: '/console/bounces',
    name: 'Bounces',
    area: 'mail',
    about: 'What came back, and why',
    scopes: ['reports:read', 'events:read', 'gate'],
  },
  {
    path: '/console/domains',
    name: 'Sending domains',
    area: 'mail',
    about: 'SPF, DKIM and DMARC of your domains',
    scopes: ['preflight'],
  },
  {
    path: '/console/connections',
    name: 'Connections',
    area: 'setup',
    about: 'E-mail providers and CRMs',
    scopes: ['reports:read'],
  },
  { path: '/console/keys', name: 'Keys', about: 'Who may use the service', area: 'setup', scopes: ['keys'] },
  {
    path: '/console/overrides',
    name: 'Overrides',
    area: 'setup',
    about: 'Domains that you allow or deny',
    scopes: ['domains'],
  },
  { path: '/console/audit', name: 'Audit', about: 'Who did what', area: 'service', scopes: ['audit:read'] },
  {
    path: '/console/health',
    name: 'Health',
    area: 'service',
    about: 'Resolvers, storage, data and settings',
    scopes: ['reports:read'],
  },
];
