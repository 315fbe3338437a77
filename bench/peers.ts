// The peers that presend is measured against: a package of their own, installed when first needed.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

/** A module of a peer, by CommonJS, which all of them are. */
export function peer<T>(name: string): T {
  const folder = import.meta.dirname;
  if (!existsSync(`${folder}/node_modules`))
    execFileSync('npm', ['ci', '--prefix', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  return createRequire(import.meta.url)(name) as T;
}
