// The service as a process, with a database that another process locks, or whose key is lost.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { emptyFolder, presend, presendServe } from '../cli/program.ts';

const post = (url: string, path: string, body: object) =>
  fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** A process that holds the write lock of the database until its standard input ends. */
async function lockingProcess(path: string): Promise<ChildProcess> {
  const program = `
    const database = new (require('node:sqlite').DatabaseSync)(${JSON.stringify(path)});
    database.exec('PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE');
    process.stdout.write('locked');
    process.stdin.resume().on('end', () => database.exec('ROLLBACK'));`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout!, 'data');
  return child;
}

test('while another process holds the write lock, /healthz and verdicts are answered, and a write waits', async () => {
  const folder = emptyFolder();
  const { url } = await presendServe(folder, { DOH_URLS: 'http://127.0.0.1:9/dns-query' });
  const other = await lockingProcess(join(folder, 'var/presend.db'));
  let isWritten = false;
  const write = post(url, '/v1/suppressions', { email: 'jane@brisk-otter.com', reason: 'manual' }).then(
    ({ status }) => {
      isWritten = true;
      return status;
    },
  );
  for (let times = 0; times < 20; times++) {
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await post(url, '/v1/validate', { email: 'ok@presend.test' })).status).toBe(200);
  }
  expect(isWritten).toBe(false);
  other.stdin!.end();
  expect(await write).toBe(201);
});

test('a service whose address-hash-key is lost does not start again while it has suppressions', async () => {
  const folder = emptyFolder();
  const environment = { DOH_URLS: 'http://127.0.0.1:9/dns-query' };
  const { url, stop } = await presendServe(folder, environment);
  await post(url, '/v1/suppressions', { email: 'jane@brisk-otter.com', reason: 'complaint' });
  expect(await stop('SIGTERM')).toBe(0);
  rmSync(join(folder, 'var/address-hash-key'));
  const { status, stderr } = await presend(['serve'], {
    cwd: folder,
    environment: { ...environment, PORT: '0' },
  });
  expect(status).toBe(2);
  expect(stderr).toMatch(/^presend cannot start\.\n {2}.*address-hash-key is missing/);
});
