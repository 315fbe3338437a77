// Jobs in workerd: D1 holds their state, R2 their files, and a queue brings one piece of work a message.

import { applyD1Migrations, env } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, test } from 'vitest';
import worker from '../../src/platform/worker.ts';
import { type R2Like, r2Files } from '../../src/storage/files/r2.ts';
import { type D1Like, d1Database } from '../../src/storage/sqlite/d1.ts';
import { jobsContract } from '../contract/jobs.ts';

beforeAll(() => applyD1Migrations(env['DB'], env['TEST_MIGRATIONS']));

const send = (path: string, init?: RequestInit) =>
  exports.default.fetch(`http://127.0.0.1:8787${path}`, init);

describe('in workerd', () => {
  jobsContract(send);
});

// biome-ignore lint/suspicious/noExplicitAny: the assertions say what it should be.
const json = async (response: Promise<Response>): Promise<any> => (await response).json();
const upload = (content: string, query = '') =>
  json(send(`/v1/jobs${query}`, { method: 'POST', headers: { 'content-type': 'text/csv' }, body: content }));
/** Settles with the job when it has ended. */
const ended = async (id: string) => {
  await (await send(`/v1/jobs/${id}/events`)).text();
  return json(send(`/v1/jobs/${id}`));
};
const environment = env as unknown as Parameters<typeof worker.scheduled>[1];
const database = d1Database(env['DB'] as D1Like);

test('a list of many slices comes back whole and in order', async () => {
  const rows = 3000;
  const domain = (row: number) => (row % 3 === 0 ? 'brisk-otter.com' : `no-such-name-${row % 450}.org`);
  const content = Array.from({ length: rows }, (_, row) => `${row},jane${row}@${domain(row)}\n`).join('');
  const job = await ended((await upload(content)).id);
  expect(job).toMatchObject({
    state: 'completed',
    rows,
    rows_done: rows,
    duplicates: 0,
    counts: { reason: { domain_nonexistent: 2000, no_known_obstacle: 1000 } },
  });
  const slices = await database.first('SELECT count(*) AS n FROM job_slices WHERE job_id = ?', [job.id]);
  expect((slices as { n: number }).n).toBeGreaterThan(2);
  const lines = (await (await send(`/v1/jobs/${job.id}/result`)).text()).trimEnd().split('\n');
  expect(lines.map((line) => Number(line.split(',')[0]))).toEqual(Array.from({ length: rows }, (_, n) => n));
});

test('the Cron Trigger verifies a kept list again, and removes what has had its time', async () => {
  const kept = await ended((await upload('email\njane@brisk-otter.com\n', '?keep=true')).id);
  const old = await ended((await upload('email\njane@brisk-otter.com\n')).id);
  await database.run('UPDATE jobs SET due_at = 0 WHERE id = ?', [kept.id]);
  await database.run('UPDATE jobs SET updated_at = 0 WHERE id = ?', [old.id]);
  await worker.scheduled({}, environment);

  const [latest] = (await json(send('/v1/jobs?limit=1'))).items;
  expect(await ended(latest.id)).toMatchObject({
    state: 'completed',
    follows: kept.id,
    rows: 1,
    rows_kept: 1,
  });
  expect((await send(`/v1/jobs/${old.id}`)).status).toBe(404);
  expect(await r2Files(env['FILES'] as R2Like).get(`jobs/${old.id}/upload`)).toBeNull();
});

test('the Cron Trigger wakes a job whose messages were lost', async () => {
  const { id } = await upload('email\njane@brisk-otter.com\n');
  await ended(id);
  // As it is when a message has been taken and its worker has died: leased, and the lease over.
  await database.run("UPDATE jobs SET state = 'verifying' WHERE id = ?", [id]);
  await database.run('UPDATE job_slices SET done = 0, lease_until = 1 WHERE job_id = ?', [id]);
  await worker.scheduled({}, environment);
  expect((await ended(id)).state).toBe('completed');
});
