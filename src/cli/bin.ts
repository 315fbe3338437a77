#!/usr/bin/env node
// The entry of the `presend` command in the package. It checks the version of Node before it loads anything that an old
// version cannot parse. It must stay without other static imports.

import { nodeRefusal } from './node-version.ts';

const refusal = nodeRefusal(process.versions.node);
if (refusal === null) await import('./cli.ts');
else {
  process.stderr.write(`presend: ${refusal}\n`);
  process.exitCode = 2;
}
