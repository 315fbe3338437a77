// Packs the names in data/role-accounts.txt into one line, from which the service makes a Set.

import { type Artefact, constant } from './artefact.ts';
import { readData } from './tsv.ts';

/**
 * Returns the names in the file, sorted by code units. A name with a hyphen is there twice, with and without the
 * hyphen.
 */
export function roleAccounts(text: string): string[] {
  const names = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .flatMap((line) => line.split(/\s+/))
    .filter((name) => name !== '');
  return [...new Set(names.flatMap((name) => [name, name.replaceAll('-', '')]))].sort();
}

export const roleAccountsArtefact = (): Artefact => ({
  path: 'packed/role-accounts.js',
  text: constant(
    'data/role-accounts.txt.',
    'roleAccounts',
    roleAccounts(readData('role-accounts.txt')).join(' '),
  ),
});
