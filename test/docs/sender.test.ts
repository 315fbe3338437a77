// docs/sender.md lists every finding of the preflight.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findingCatalogue } from '../../src/preflight/catalogue.ts';
import type { FaultKind } from '../../src/preflight/finding.ts';
import { messageCatalogue } from '../../src/preflight/message/message-catalogue.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/sender.md'), 'utf8');

const listed = [...page.matchAll(/^\| `(\w+)` +\| (\w+) +\| ([\d., ]*?) *\|$/gm)].map(
  ([, code, severity, causes]) => [code, severity, causes],
);

test('the tables of findings are the catalogues', () => {
  expect(listed).toEqual(
    Object.entries<Pick<FaultKind, 'severity' | 'causes'>>({ ...findingCatalogue, ...messageCatalogue }).map(
      ([code, { severity, causes }]) => [code, severity, causes.join(', ')],
    ),
  );
});

test('the table says which option each field of the command is', async () => {
  const { command } = await import('../../src/cli/preflight.ts');
  const { options } = command as { options: Record<string, unknown> };
  const named = [...page.matchAll(/^\| `--([\w-]+)`/gm)].map(([, option]) => option!);
  expect(named.sort()).toEqual(
    Object.keys(options)
      .filter((option) => !['json', 'timeout', 'watched'].includes(option))
      .sort(),
  );
});
