// `--json`: standard output has one document, or one per line, and nothing else.

import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isGroup } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { emptyFolder, presend } from './program.ts';

const environment = { ADDRESS_HASH_KEY: 'a key for tests that has 32 bytes' };

test('every command that prints something has the option', async () => {
  const without: string[] = [];
  for (const { load } of Object.values(commands)) {
    const { command } = await load();
    for (const { name, options } of isGroup(command) ? command.actions : [command])
      if (!Object.hasOwn(options, 'json')) without.push(name);
  }
  // The service logs JSON anyway, and a completion is a script.
  expect(without).toEqual(['serve', 'completion']);
});

test('suppressions', { timeout: 120_000 }, async () => {
  const cwd = emptyFolder();
  await presend(['keys', 'list'], { cwd, environment });
  const run = async (...args: string[]) => {
    const { stdout, stderr } = await presend(['suppressions', ...args], { cwd, environment });
    expect(stderr).toBe('');
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  expect(await run('add', '--json', '--reason', 'bounce', '--status', '5.1.1', 'jane@example.com')).toEqual([
    { added: 1, updated: 0, unchanged: 0 },
  ]);
  expect(await run('check', '--json', 'jane@example.com', 'joe@example.com')).toEqual([
    {
      email: 'jane@example.com',
      suppression: {
        effect: 'block',
        scope: 'all',
        reason: 'bounce',
        status: '5.1.1',
        source: null,
        since: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    },
    { email: 'joe@example.com', suppression: null },
  ]);
  const period = ['--from', '2020-01-01', '--to', '2100-01-01', '--json'];
  expect(await run('lift', ...period)).toEqual([{ matches: 1, events_from: null }]);
  expect(await run('lift', ...period, '--yes')).toEqual([{ lifted: 1, events_from: null }]);
  writeFileSync(join(cwd, 'list.csv'), 'jane@example.com,BOUNCE\nnobody,BOUNCE\n');
  expect(await run('import', '--json', 'list.csv')).toEqual([
    {
      added: 1,
      updated: 0,
      unchanged: 0,
      rejected: 1,
      errors: [{ row: 2, column: 'address', message: expect.stringContaining('@') }],
    },
  ]);
  expect(await run('export', '--json')).toEqual(await run('export', '--format', 'ndjson'));
});

test('erase', async () => {
  const { stdout } = await presend(['erase', '--json', 'jane@example.com'], { environment });
  expect(JSON.parse(stdout)).toEqual({ events: 0, pending_files: 0, predictions: 0, suppression: 'none' });
});

test('data', { timeout: 120_000 }, async () => {
  const cwd = emptyFolder();
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(join(cwd, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const run = async (settings: Record<string, string>, ...args: string[]) =>
    JSON.parse((await presend(['data', ...args, '--json'], { cwd, environment: settings })).stdout);
  const built = await run({}, 'status');
  expect(built).toEqual({
    version: expect.any(String),
    age_days: expect.any(Number),
    source: 'built_in',
    file: null,
    pack: 'absent',
  });
  const version = '2026-11-27.9';
  const packed = await run({}, 'pack', '--key', 'key.pem', '-o', 'new.pack', '--data-version', version);
  expect(packed).toMatchObject({ file: 'new.pack', version });
  const settings = { DATA_PUBLIC_KEY: packed.public_key };
  const outcomes = [];
  for (const options of [['--dry-run'], [], []])
    outcomes.push((await run(settings, 'update', '--file', 'new.pack', ...options)).outcome);
  expect(outcomes).toEqual(['dry_run', 'updated', 'current']);
  expect(await run(settings, 'status')).toMatchObject({ version, source: 'pack', pack: 'used' });
  expect((await run({}, 'update', '--file', 'new.pack')).error.code).toBe('usage');
  writeFileSync(join(cwd, 'bad.pack'), 'nothing');
  expect((await run(settings, 'update', '--file', 'bad.pack')).error.code).toBe('data_refused');
});
