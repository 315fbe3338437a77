// The count of agreement with known addresses.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { evaluate } from '../../bench/evaluate/syntax.ts';

test('counts and names each disagreement as a false accept or a false refusal', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'evaluate-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'cases.ndjson');
  const cases = [
    { address: 'jane@example.com', valid: true },
    { address: 'jane@example', valid: false },
    { address: 'jane', valid: true },
    { address: 'jane@', valid: false },
  ];
  writeFileSync(file, cases.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const { misses, summary } = await evaluate(file, {});
  expect(summary).toEqual({ cases: 4, agree: 2, rejects_valid: 1, accepts_invalid: 1 });
  expect(misses).toEqual([
    expect.stringMatching(/^accepts invalid +"jane@example"$/),
    expect.stringMatching(/^rejects valid: no_at_sign +"jane"$/),
  ]);
});
