// `npm run fit -- typos [--write]`: fits the constants of the typo engine on generated slips. Prints how the engine does before
// and after. `--write` stores the fitted constants in src/domain/typo/constants.ts. The result is the same on every machine.

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fit } from './fit/typos.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean', default: false } },
});

if (positionals.join() !== 'typos') {
  console.error('usage: fit typos [--write]');
  process.exitCode = 2;
} else {
  const text = await fit();
  if (values.write) writeFileSync(new URL('../src/domain/typo/constants.ts', import.meta.url), text);
}
