// Reading the reviewable tables of data/: tab-separated, `#` starts a comment line.

import { readFileSync } from 'node:fs';

const data = new URL('../', import.meta.url);

/** The text of a file in data/, or '' where there is none. */
export const readData = (name: string): string => {
  try {
    return readFileSync(new URL(name, data), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
};

/** The rows of a table, each an array of its cells; comment lines and empty lines are left out. */
export const rows = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t').map((cell) => cell.trim()));
