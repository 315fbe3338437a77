// The pages of the console in its navigation: one line each.

import type { Scope } from '../../../keys/key.ts';

export interface ConsoleEntry {
  readonly path: string;
  readonly name: string;
  /** What the page is for, in a few words; only of the pages in the navigation. */
  readonly about?: string;
  /** The page is shown to a key that has one of these scopes. */
  readonly scopes: readonly Scope[];
}

/** In the order of the navigation. */
export const consolePages: readonly ConsoleEntry[] = [
  { path: '/console/lists', name: 'Lists', about: 'Upload, verify and download lists', scopes: ['jobs'] },
  {
    path: '/console/suppressions',
    name: 'Suppressions',
    about: 'Addresses that must not get mail',
    scopes: ['suppressions:read', 'suppressions:write'],
  },
  {
    path: '/console/bounces',
    name: 'Bounces',
    about: 'What came back, and why',
    scopes: ['reports:read', 'events:read', 'gate'],
  },
  {
    path: '/console/domains',
    name: 'Sending domains',
    about: 'SPF, DKIM and DMARC of your domains',
    scopes: ['preflight'],
  },
  {
    path: '/console/connections',
    name: 'Connections',
    about: 'E-mail providers and CRMs',
    scopes: ['reports:read'],
  },
  { path: '/console/keys', name: 'Keys', about: 'Who may use the service', scopes: ['keys'] },
  {
    path: '/console/overrides',
    name: 'Overrides',
    about: 'Domains that you allow or deny',
    scopes: ['domains'],
  },
  { path: '/console/audit', name: 'Audit', about: 'Who did what', scopes: ['audit:read'] },
  {
    path: '/console/health',
    name: 'Health',
    about: 'Resolvers, storage, data and settings',
    scopes: ['reports:read'],
  },
];
