// The data pack on disk: loaded, replaced as a whole, and loaded again while the service runs.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { dataDate, dataVersion } from '../../src/domain/data-date.ts';
import { isDisposable } from '../../src/domain/disposable.ts';
import { dataFilePath, loadDataFile, replaceDataFile, watchDataFile } from '../../src/platform/data-file.ts';
import { readSettings } from '../../src/platform/settings.ts';
import { validatorOver } from '../../src/validator/validate.ts';
import { emptyFolder } from '../cli/program.ts';
import { newKey, onlyDisposable, packWith, restoreAfterTest, signedPack } from '../packs/packs.ts';

const key = newKey();
const keys = [key.raw];
const pack = (domain: string, version?: string) => signedPack(packWith(onlyDisposable(domain), version), key);
const otter = await pack('brisk-otter.com');
const heron = await pack('grey-heron.com', '2099-01-02');

const isOtter = () => isDisposable('brisk-otter.com', 'brisk-otter.com');
const isHeron = () => isDisposable('grey-heron.com', 'grey-heron.com');

/** A path for a data pack, in an empty folder. Puts the built-in data back after the test. */
function emptyPath(): string {
  restoreAfterTest();
  return join(emptyFolder(), 'presend-data.pack');
}

test.each([
  [{}, 'var/presend-data.pack'],
  [{ DATABASE_PATH: '/srv/mail.db' }, '/srv/presend-data.pack'],
  [{ DATABASE_PATH: '/srv/mail.db', DATA_DIR: '/data' }, '/data/presend-data.pack'],
  [{ DATABASE_PATH: ':memory:', DATA_DIR: '/data' }, '/data/presend-data.pack'],
  [{ DATABASE_PATH: ':memory:' }, null],
])('with %j the path is %s', (environment, path) => {
  const outcome = readSettings(environment);
  expect(outcome.ok && dataFilePath(outcome.settings)).toBe(path);
});

test('a pack is replaced as a whole, and nothing else is left in the folder', async () => {
  const path = join(emptyPath(), 'new/presend-data.pack');
  await replaceDataFile(path, otter);
  await replaceDataFile(path, heron);
  expect(readFileSync(path).equals(heron)).toBe(true);
  expect(readdirSync(join(path, '..'))).toEqual(['presend-data.pack']);
  expect(await loadDataFile(path, keys)).toEqual({ kind: 'used', version: '2099-01-02' });
  expect([isOtter(), isHeron()]).toEqual([false, true]);
});

test('a failed replacement leaves the old file and no other', async () => {
  const path = emptyPath();
  mkdirSync(path);
  await expect(replaceDataFile(path, otter)).rejects.toThrow();
  expect(readdirSync(join(path, '..'))).toEqual(['presend-data.pack']);
});

test('what killed updates left is removed after a while, and no other file', async () => {
  const path = emptyPath();
  const old = `${path}.1.new`;
  const recent = `${path}.2.new`;
  const other = join(path, '../other.new');
  for (const file of [old, recent, other]) writeFileSync(file, 'x');
  const past = new Date(Date.now() - 3_600_000);
  for (const file of [old, other]) utimesSync(file, past, past);
  await replaceDataFile(path, otter);
  expect([old, recent, other].map(existsSync)).toEqual([false, true, true]);
});

test('a file that cannot be used changes nothing, and the reason is a sentence', async () => {
  const path = emptyPath();
  expect(await loadDataFile(path, keys)).toEqual({ kind: 'absent' });
  const why = async (bytes: Uint8Array, by = keys) => {
    writeFileSync(path, bytes);
    const loading = await loadDataFile(path, by);
    expect(dataVersion()).toBe(dataDate);
    return loading.kind === 'unusable' ? loading.why : loading.kind;
  };
  expect(await why(otter.slice(0, -1))).toMatch(/^The signature is not from a key in DATA_PUBLIC_KEY/);
  expect(await why(otter, [newKey().raw])).toMatch(/^The signature is not/);
  expect(await why(otter, [])).toBe(
    'DATA_PUBLIC_KEY is not set. Set it to the public key that verifies the data pack.',
  );
  expect(await why(Buffer.from('hello\n'))).toBe('The file is not a data pack.');
  expect(await why(new Uint8Array(16 * 1024 * 1024 + 1))).toBe('The file is not a data pack.');
  expect(await why(await pack('gmail.com'))).toBe('The data pack calls gmail.com disposable.');
  expect(await why(await pack('brisk-otter.com', '2020-01-01'))).toBe('outdated');
  rmSync(path);
  mkdirSync(path);
  const loading = await loadDataFile(path, keys);
  expect(loading.kind === 'unusable' && loading.why).toMatch(/EISDIR.*\.$/);
});

test('the watcher uses a new file, keeps the data if it is damaged, and goes back if it is deleted', async () => {
  const path = emptyPath();
  const events: object[] = [];
  const watch = watchDataFile(path, keys, (line) => events.push(line));
  const after = async (change: () => unknown) => {
    await change();
    await watch.refresh();
    return [isOtter(), isHeron(), events.splice(0)];
  };
  expect(await after(() => {})).toEqual([false, false, []]);
  expect(await after(() => replaceDataFile(path, otter))).toEqual([
    true,
    false,
    [{ level: 'info', event: 'data_pack_used', version: '2099-01-01', before: dataDate }],
  ]);
  expect(await after(() => {})).toEqual([true, false, []]);
  expect(await after(() => writeFileSync(path, heron.slice(0, 5000)))).toEqual([
    true,
    false,
    [expect.objectContaining({ level: 'error', event: 'data_pack_failed', version: '2099-01-01' })],
  ]);
  expect(await after(() => replaceDataFile(path, heron))).toEqual([
    false,
    true,
    [{ level: 'info', event: 'data_pack_used', version: '2099-01-02', before: '2099-01-01' }],
  ]);
  const old = await pack('brisk-otter.com', '2020-01-01');
  expect(await after(() => replaceDataFile(path, old))).toEqual([
    false,
    false,
    [{ level: 'info', event: 'data_pack_outdated', version: '2020-01-01', built_in: dataDate }],
  ]);
  await after(() => replaceDataFile(path, heron));
  expect(await after(() => rmSync(path))).toEqual([false, false, []]);
  expect(dataVersion()).toBe(dataDate);
});

test('checks that overlap load the file once', async () => {
  const path = emptyPath();
  const events: object[] = [];
  const watch = watchDataFile(path, keys, (line) => events.push(line));
  await replaceDataFile(path, otter);
  await Promise.all([watch.refresh(), watch.refresh(), watch.refresh()]);
  expect(events).toHaveLength(1);
});

test('verdicts change with the data, and come from the old data while the new is read', async () => {
  const path = emptyPath();
  let lookups = 0;
  const validator = validatorOver({
    mailHosts: {
      lookup: () => {
        lookups++;
        const exchanges = [{ preference: 10, host: 'mx.brisk-otter.com' }];
        return { mailHost: { kind: 'mx', exchanges }, expires: Number.POSITIVE_INFINITY };
      },
    },
    suppressions: null,
    now: () => 0,
    timeoutMs: 1000,
    batchTimeoutMs: 1000,
  });
  const reason = async () => (await validator.validate({ email: 'jane@brisk-otter.com' })).reason;
  const watch = watchDataFile(path, keys, () => {});
  expect([await reason(), await reason(), lookups]).toEqual(['no_known_obstacle', 'no_known_obstacle', 1]);
  await replaceDataFile(path, otter);
  const reading = watch.refresh();
  expect(await reason()).toBe('no_known_obstacle');
  await reading;
  expect([await reason(), await reason(), lookups]).toEqual(['disposable_domain', 'disposable_domain', 2]);
});

test('an update that is killed leaves the old file or the new one', { timeout: 120_000 }, async () => {
  const path = emptyPath();
  const packs = [otter, heron].map((bytes, index) => {
    const file = `${path}.source${index}`;
    writeFileSync(file, bytes);
    return file;
  });
  await replaceDataFile(path, otter);
  const module = new URL('../../src/platform/data-file.ts', import.meta.url).href;
  // The process replaces the file over and over, and says so, until it is killed.
  const script = `
    import { readFileSync } from 'node:fs';
    const { replaceDataFile } = await import(${JSON.stringify(module)});
    const packs = ${JSON.stringify(packs)}.map((file) => readFileSync(file));
    for (let i = 0; ; i++) { await replaceDataFile(${JSON.stringify(path)}, packs[i % 2]); console.log(i); }`;
  for (let kill = 0; kill < 6; kill++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await new Promise<void>((resolve) => {
      let written = 0;
      child.stdout.on('data', () => {
        const found = readFileSync(path);
        expect(found.equals(otter) || found.equals(heron)).toBe(true);
        written += 1;
        // At another moment of the next replacement each time.
        if (written === 5) setTimeout(() => child.kill('SIGKILL'), kill);
      });
      child.once('exit', () => resolve());
    });
    const found = readFileSync(path);
    expect(found.equals(otter) || found.equals(heron)).toBe(true);
    expect((await loadDataFile(path, keys)).kind).toBe('used');
  }
});
