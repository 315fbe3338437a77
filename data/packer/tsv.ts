// Reads the tables in data/: tab-separated values, in which a line that starts with `#` is a comment.

import { readFileSync } from 'node:fs';

const data = new URL('../', import.meta.url);

/** Returns the text of a file in data/; empty if the file does not exist. */
export const readData = (name: string): string => {
  try {
    return readFileSync(new URL(name, data), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
};

/** Returns the rows of a table, each as an array of its cells, without comment lines and blank lines. */
export const rows = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t').map((cell) => cell.trim()));
