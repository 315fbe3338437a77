// `presend clean --outputs` with a database that knows who is inactive.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EngagementSign } from '../../src/events/engagement.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { type DohServer, startDohServer } from '../dns/doh-server.ts';
import { zone } from '../http/zone.ts';
import { emptyFolder, presend } from './program.ts';

let doh: DohServer;
beforeAll(async () => {
  doh = await startDohServer(zone);
});
afterAll(() => doh.close());

const key = 'a key for tests that has 32 bytes';
const day = 86_400_000;
const list =
  'email\nactive@brisk-otter.com\nquiet@brisk-otter.com\nsilent@brisk-otter.com\nsilent@gmial.com\nnew@brisk-otter.com\n';

/** A database in which people clicked so many days ago; mail was delivered to all of them yesterday. */
async function fill(path: string, clicks: Readonly<Record<string, number>>): Promise<void> {
  const { sqlite, database } = openDatabase(path);
  const hasher = nodeHasher(addressHashKey(key));
  const now = Date.now();
  const sign = async (
    email: string,
    kind: EngagementSign['kind'],
    days: number,
  ): Promise<EngagementSign> => ({
    kind,
    addressHash: (await hasher.hashAll([email]))[0]!,
    at: now - days * day,
    message: null,
    source: null,
    reportedBy: 'postmark',
  });
  const signs = [
    await sign('somebody@brisk-otter.com', 'clicked', 1),
    ...(await Promise.all(Object.entries(clicks).map(([email, days]) => sign(email, 'clicked', days)))),
    ...(await Promise.all(Object.keys(clicks).map((email) => sign(email, 'delivered', 0.5)))),
  ];
  await createEventRepository(database).store(
    [],
    hasher.keyId,
    { outcomes: [], deliveries: new Map() },
    undefined,
    signs,
  );
  sqlite.close();
}

test('writes who is inactive into files of their own, beside keep', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'list.csv'), list);
  await fill(join(folder, 'presend.db'), {
    'active@brisk-otter.com': 3,
    'quiet@brisk-otter.com': 200,
    'silent@brisk-otter.com': 400,
    'silent@gmial.com': 400,
  });
  const environment = { DOH_URLS: doh.url, DATABASE_PATH: 'presend.db', ADDRESS_HASH_KEY: key };
  const run = (...args: string[]) => presend(['clean', 'list.csv', ...args], { cwd: folder, environment });
  const emailsIn = (name: string) =>
    readFileSync(join(folder, 'out', name), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',')[0]);

  const { status, stdout, stderr } = await run('--outputs', 'out');
  expect([status, stderr]).toEqual([0, '']);
  expect(readdirSync(join(folder, 'out')).sort()).toEqual(
    ['all', 'fix', 'inactive', 'keep', 'reengage', 'remove', 'retry'].map((name) => `${name}.csv`),
  );
  expect(emailsIn('keep.csv')).toHaveLength(4);
  expect(emailsIn('fix.csv')).toEqual(['silent@gmial.com']);
  expect(emailsIn('reengage.csv')).toEqual(['quiet@brisk-otter.com']);
  expect(emailsIn('inactive.csv')).toEqual(['silent@brisk-otter.com']);
  expect(stdout).toContain(
    'rows to keep that are also in reengage (inactive for 6 to 12 months): 1; in inactive (longer): 1\n',
  );
  const json = JSON.parse((await run('--outputs', 'out', '--json')).stdout);
  expect(json).toMatchObject({ files: { keep: 4 }, inactive_files: { reengage: 1, inactive: 1 } });
}, 60_000);

test('writes no such files if no provider reports opens or clicks', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'list.csv'), list);
  openDatabase(join(folder, 'presend.db')).sqlite.close();
  const environment = { DOH_URLS: doh.url, DATABASE_PATH: 'presend.db', ADDRESS_HASH_KEY: key };
  const args = ['clean', 'list.csv', '--outputs', 'out', '--json'];
  const { status, stdout } = await presend(args, { cwd: folder, environment });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).not.toHaveProperty('inactive_files');
  expect(existsSync(join(folder, 'out', 'reengage.csv'))).toBe(false);
  expect(readFileSync(join(folder, 'out', 'keep.csv'), 'utf8')).toMatch(/,,\n$/);
}, 60_000);
