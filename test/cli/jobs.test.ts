// `presend jobs` beside a running service, over the same database and files.

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isGroup } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { type DohServer, startDohServer } from '../dns/doh-server.ts';
import { zone } from '../http/zone.ts';
import { emptyFolder, presend, presendServe } from './program.ts';

let doh: DohServer;
beforeAll(async () => {
  doh = await startDohServer(zone);
});
afterAll(() => doh.close());

const list = 'email\njane@brisk-otter.com\njoe@no-mail-please.org\n"broken\n';

function folder() {
  const cwd = emptyFolder();
  writeFileSync(join(cwd, 'contacts.csv'), list.replace('"broken\n', ''));
  const jobs = (...args: string[]) => presend(['jobs', ...args], { cwd, environment: { DOH_URLS: doh.url } });
  return { cwd, jobs };
}

function change(cwd: string, sql: string): void {
  const database = new DatabaseSync(join(cwd, 'var/presend.db'));
  database.exec(sql);
  database.close();
}

describe('beside a running service', () => {
  test('a list is created, verified, downloaded and deleted', { timeout: 240_000 }, async () => {
    const { cwd, jobs } = folder();
    const { url } = await presendServe(cwd, { DOH_URLS: doh.url });
    const created = await jobs('create', 'contacts.csv', '--name', 'spring', '--max-age-days', '30');
    expect([created.status, created.stdout]).toEqual([0, expect.stringMatching(/^job_[\w-]{22}\n$/)]);
    const id = created.stdout.trim();
    expect(created.stderr).toContain(`presend jobs wait ${id}`);

    const waited = await jobs('wait', id);
    expect([waited.status, waited.stderr]).toEqual([0, '']);
    expect(waited.stdout).toContain(`${id}  completed`);
    expect(waited.stdout).toContain('2 rows: 2 verified');
    expect((await jobs('show', id)).stdout).toBe(waited.stdout);
    const shown = JSON.parse((await jobs('show', id, '--json')).stdout);
    expect(shown).toEqual(await (await fetch(`${url}/v1/jobs/${id}`)).json());

    const listed = await jobs('list');
    expect(listed.stdout).toMatch(new RegExp(`^${id}  completed  \\S+  2 of 2 rows  spring\\n$`));
    expect(JSON.parse((await jobs('list', '--json')).stdout)).toMatchObject({ id, state: 'completed' });

    const printed = (await jobs('download', id)).stdout;
    expect(printed.split('\n')[0]).toMatch(/^email,/);
    expect(printed).toContain('null_mx');
    const saved = await jobs('download', id, '-o', 'only.csv', '--only', 'reject', '--json');
    expect(JSON.parse(saved.stdout)).toEqual({ id, file: 'only.csv', complete: true });
    const rows = readFileSync(join(cwd, 'only.csv'), 'utf8').trimEnd().split('\n');
    expect(rows).toHaveLength(2);
    // The result contains addresses.
    expect(statSync(join(cwd, 'only.csv')).mode & 0o777).toBe(0o600);
    // What fails leaves nothing behind, and replaces no file with a similar name.
    mkdirSync(join(cwd, 'folder'));
    writeFileSync(join(cwd, 'folder.partial'), 'mine');
    expect((await jobs('download', id, '-o', 'folder')).status).toBe(5);
    expect(readFileSync(join(cwd, 'folder.partial'), 'utf8')).toBe('mine');
    expect(readdirSync(cwd).filter((name) => name.endsWith('.partial'))).toEqual(['folder.partial']);
    expect((await jobs('download', id, '--rejects')).stdout).toMatch(/^row,line,reason,record/);
    expect((await jobs('download', id, '--format', 'ndjson')).stdout).toMatch(/^\{/);

    const cancelled = await jobs('cancel', id);
    expect([cancelled.status, cancelled.stderr]).toEqual([1, expect.stringContaining('the job has ended')]);
    expect(JSON.parse((await jobs('delete', id, '--json')).stdout)).toEqual({ id, deleted: true });
    expect((await jobs('show', id)).status).toBe(1);
    expect((await jobs('list')).stderr).toContain('there are no jobs yet');
  });

  test('--wait waits, and every example of the help runs', { timeout: 240_000 }, async () => {
    const { cwd, jobs } = folder();
    await presendServe(cwd, { DOH_URLS: doh.url });
    const { command } = await commands['jobs']!.load();
    if (!isGroup(command)) throw new Error('jobs has actions');
    const examples = [...command.actions.flatMap((action) => action.examples), ...command.examples];
    let id = '';
    for (const example of [...new Set(examples)]) {
      const words = [...example.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
      const args = words.slice(2).map((word) => (word.startsWith('job_') ? id : word));
      const { status, stdout, stderr } = await jobs(...args);
      // The job of the examples has ended before it is cancelled.
      expect(status, `${example}: ${stderr}`).toBe(example.includes('cancel') ? 1 : 0);
      if (args[0] === 'create') [id] = /job_[\w-]+/.exec(stdout)! as unknown as [string];
      if (args[0] === 'create' && !args.includes('--wait')) await jobs('wait', id);
    }
  });

  test('a list that cannot be read is a job that failed', { timeout: 120_000 }, async () => {
    const { cwd, jobs } = folder();
    writeFileSync(join(cwd, 'names.csv'), 'name\nJane\nJoe\n');
    await presendServe(cwd, { DOH_URLS: doh.url });
    const { status, stdout } = await jobs('create', 'names.csv', '--wait', '--json');
    expect(status).toBe(1);
    const { id, state, error } = JSON.parse(stdout);
    expect([state, error.code]).toEqual(['failed', 'no_address_column']);
    const download = await jobs('download', id);
    expect([download.status, download.stdout]).toEqual([1, '']);
    expect(download.stderr).toContain('no_address_column');
  });
});

describe('without a service', () => {
  test('a job waits, and the command says what is missing', { timeout: 120_000 }, async () => {
    const { jobs } = folder();
    const { stdout } = await jobs('create', 'contacts.csv', '--json');
    const { id, state } = JSON.parse(stdout);
    expect(state).toBe('queued');
    const download = await jobs('download', id);
    expect([download.status, download.stderr]).toEqual([
      1,
      expect.stringContaining(`presend jobs wait ${id}`),
    ]);
    const waited = await jobs('wait', id, '--timeout', '6');
    expect([waited.status, waited.stdout]).toEqual([4, '']);
    expect(waited.stderr).toContain('presend serve');
    expect(waited.stderr).toContain('the job is not finished after 6 s (queued: not read yet)');
    expect(JSON.parse((await jobs('cancel', id, '--json')).stdout)).toMatchObject({ state: 'cancelled' });
    expect((await jobs('wait', id)).status).toBe(1);
  });

  test('a job that is paused is not waited for', { timeout: 120_000 }, async () => {
    const { cwd, jobs } = folder();
    const id = (await jobs('create', 'contacts.csv')).stdout.trim();
    change(cwd, 'UPDATE jobs SET paused = 1');
    const { status, stdout, stderr } = await jobs('wait', id);
    expect([status, stdout, stderr]).toEqual([
      1,
      '',
      `presend: the job is paused. Resume it with POST /v1/jobs/${id}/resume\n`,
    ]);
  });

  test('a job that waits for DNS lacks no service', { timeout: 120_000 }, async () => {
    const { cwd, jobs } = folder();
    const id = (await jobs('create', 'contacts.csv')).stdout.trim();
    change(cwd, `UPDATE jobs SET not_before = ${Date.now() + 3_600_000}`);
    const { status, stderr } = await jobs('wait', id, '--timeout', '6');
    expect([status, stderr]).toEqual([
      4,
      'presend: the job is not finished after 6 s (waiting: not read yet)\n',
    ]);
  });

  test.each([
    [['create'], 2, 'jobs create needs one list'],
    [['create', 'contacts.csv', '--name', 'jane@example.com'], 2, '--name must not contain @'],
    [['create', 'contacts.csv', '--goal', 'x'], 2, '--goal must be a rate'],
    [['create', 'contacts.csv', '--keep', '--sample', '5'], 2, '--sample cannot be combined with keep'],
    [['create', 'contacts.csv', '--mailing-list', 'a@b'], 2, '--mailing-list '],
    [['create', '-'], 1, '- is empty'],
    [['wait'], 2, 'one job id is required'],
    [['list', '--limit', '0'], 2, '--limit must be a whole number from 1 to 1000'],
  ])('%j is not understood', async (args, status, message) => {
    const finished = await folder().jobs(...args);
    expect([finished.status, finished.stdout, finished.stderr]).toEqual([
      status,
      '',
      expect.stringContaining(message),
    ]);
  });

  test('a database in memory belongs to its process', async () => {
    const { status, stderr } = await presend(['jobs', 'list'], {
      environment: { DATABASE_PATH: ':memory:' },
    });
    expect([status, stderr]).toEqual([2, expect.stringContaining('only the service itself can read')]);
  });
});
