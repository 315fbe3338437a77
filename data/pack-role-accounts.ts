// Packs data/role-accounts.txt into one line of names that a Set is made from.

import { readFileSync } from 'node:fs';

const source = new URL('./role-accounts.txt', import.meta.url);

/** The names of the source, in order of their code units: each as written, and with its words joined. */
export function roleAccounts(text: string): string[] {
  const names = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .flatMap((line) => line.split(/\s+/))
    .filter((name) => name !== '');
  return [...new Set(names.flatMap((name) => [name, name.replaceAll('-', '')]))].sort();
}

/** The packed module and the path, relative to data/, where it is kept. */
export function pack(): { file: string; text: string } {
  const names = roleAccounts(readFileSync(source, 'utf8')).join(' ');
  return {
    file: 'packed/role-accounts.ts',
    text: `// Generated from data/role-accounts.txt; do not edit.\nexport const ROLE_ACCOUNTS =\n  '${names}';\n`,
  };
}
