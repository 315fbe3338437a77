// Refuses two paths of the same file, because writing one would overwrite the other.

import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../platform/usage-error.ts';

/**
 * Checks that no file is written twice, and that no input file is overwritten. `files` are pairs of the argument's name, such as
 * `--report`, and its path.
 * @throws UsageError if two paths lead to the same file.
 */
export function requireDifferentFiles(
  files: readonly (readonly [string, string | null | undefined])[],
): void {
  const named = new Map<string, string>();
  for (const [argument, path] of files) {
    if (path === undefined || path === null || path === '-') continue;
    const file = realPath(path);
    const other = named.get(file);
    if (other !== undefined)
      throw new UsageError(`${other} and ${argument} name the same file. Choose another one`);
    named.set(file, argument);
  }
}

/** The absolute path of a file that may not exist yet, without symbolic links. */
function realPath(path: string): string {
  for (const real of [() => realpathSync(path), () => join(realpathSync(dirname(path)), basename(path))])
    try {
      return real();
    } catch {
      // The file does not exist, or its folder does not.
    }
  return resolve(path);
}
