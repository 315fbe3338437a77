// Packs data/role-accounts.txt into one line of names that a Set is made from.

import { type Artefact, constant } from './artefact.ts';
import { readData } from './tsv.ts';

/** The names of the source, in order of their code units: each as written, and with its words joined. */
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
