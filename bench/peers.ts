// The other libraries that presend is compared with. They are the dependencies of a separate package, which is
// installed when the first of them is needed.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Loads a library with `require`, since all of them are CommonJS modules. */
export function peer<T>(name: string): T {
  const folder = import.meta.dirname;
  if (!existsSync(`${folder}/node_modules`))
    execFileSync('npm', ['ci', '--prefix', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  return createRequire(import.meta.url)(name) as T;
}
