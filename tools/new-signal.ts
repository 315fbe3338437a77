// `npm run new-signal NAME`: scaffolds a signal with its test, adds it to the catalogue and to the table in docs/verdicts.md.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const reason = process.argv[2]?.replaceAll('-', '_');
if (reason === undefined || !/^[a-z]+(_[a-z]+)*$/.test(reason)) {
  console.error('usage: npm run new-signal NAME, where NAME is a reason such as mailbox_unknown');
  process.exit(2);
}

const kebab = reason.replaceAll('_', '-');
const camel = reason.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const at = (file: string) => new URL(`../${file}`, import.meta.url);
const file = at(`src/signals/${kebab}.ts`);
if (existsSync(file)) {
  console.error(`src/signals/${kebab}.ts exists`);
  process.exit(1);
}

writeFileSync(
  file,
  `import { domainSignal } from './signal.ts';

export const ${camel} = domainSignal({
  reason: '${reason}',
  label: 'TODO',
  outcomes: [
    {
      fires: () => false,
      result: 'risky',
      action: 'confirm',
      bounce: null,
      // TODO: where the figure comes from.
      prior: { probability: 0.1, low: 0.02, high: 0.4, basis: 'guess' },
      topic: 'doubtful',
      message: 'TODO',
      when: 'TODO',
      form: 'warn',
      sandbox: { mailbox: '${kebab}', evidence: {} },
    },
  ],
});
`,
);
writeFileSync(
  at(`test/signals/${kebab}.test.ts`),
  `import { expect, test } from 'vitest';
import { ${camel} } from '../../src/signals/${kebab}.ts';

test('TODO: given this evidence, it fires; given that, it does not', () => {
  expect(${camel}.outcomes[0]!.fires).toBe('TODO');
});
`,
);

// Insert the signal before the last one in the catalogue, which fires for every address.
const catalogue = at('src/signals/catalogue.ts');
const text = readFileSync(catalogue, 'utf8');
writeFileSync(
  catalogue,
  text
    .replace(/^import type \{ Signal \}/m, `import { ${camel} } from './${kebab}.ts';\n$&`)
    .replace(/^ {2}noKnownObstacle,$/m, `  ${camel},\n$&`),
);
execFileSync('npx', ['biome', 'check', '--write', 'src/signals', 'test/signals'], { stdio: 'ignore' });
execFileSync(process.execPath, [at('tools/signal-table.ts').pathname], { stdio: 'inherit' });
console.log(`src/signals/${kebab}.ts: fill in what says TODO, and move it to its place in catalogue.ts`);
