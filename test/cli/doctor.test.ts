// `presend doctor`: what it says about each part, over stand-ins and as a process.

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkLine, greetingOf, statedTime } from '../../src/cli/doctor.ts';
import { type Check, checkSettings, type DoctorPorts, examine } from '../../src/cli/doctor-checks.ts';
import { createDohResolver } from '../../src/dns/transport/doh.ts';
import { startDohServer } from '../dns/doh-server.ts';
import type { Zone } from '../dns/zone.ts';
import { emptyFolder, presend } from './program.ts';

const now = Date.UTC(2026, 10, 27);
const live: Zone = { 'example.com': { MX: [[0, '.']] } };
const down = 'http://127.0.0.1:9/dns-query';

async function dohServer(zone: Zone): Promise<string> {
  const server = await startDohServer(zone);
  onTestFinished(() => server.close());
  return server.url;
}

const sound: Omit<DoctorPorts, 'resolvers'> = {
  nodeVersion: '24.1.0',
  environment: {},
  now: () => now,
  database: () => ({ kind: 'usable', migrations: { pending: [], unknown: [] } }),
  alerts: async () => [],
  freeBytes: async () => 50e9,
  systemServers: () => ['192.0.2.53'],
  data: async () => ({ loading: { kind: 'absent' }, version: '2026-11-20', ageDays: 7 }),
  greetingOnPort25: async () => '220 mx.example ESMTP\r\n',
  probeSetup: async () => ({ address: '198.41.0.20', faults: [] }),
  remoteProber: async () => 422,
  timeAt: async () => now,
  deadlineMs: 300,
};

const examined = (ports: Partial<DoctorPorts>) =>
  examine({
    ...sound,
    resolvers: ({ dohUrls }) => dohUrls.map((url) => createDohResolver({ url, fetch })),
    environment: { DOH_URLS: down },
    ...ports,
  });

const of = (checks: readonly Check[], name: string): Check[] =>
  checks.filter(({ check }) => check === name || check.startsWith(`${name} `));

/** The one check with this name, where all else is well. */
const one = async (name: string, ports: Partial<DoctorPorts>): Promise<Check> => {
  const found = of(await examined({ resolvers: () => [], ...ports }), name);
  expect(found).toHaveLength(1);
  return found[0]!;
};

test('where all is well, every check is ok', async () => {
  const checks = await examined({ environment: { DOH_URLS: await dohServer(live) } });
  expect(checks.map(({ status, todo }) => [status, todo])).toEqual(checks.map(() => ['ok', null]));
  expect(checks.map(({ check }) => check.split(' ')[0])).toEqual([
    'node',
    'setting',
    'storage',
    'free',
    'data',
    'resolver',
    'port',
    'clock',
  ]);
});

test('receivers of alerts: none, sound, or the last alert did not arrive', async () => {
  const environment = { DOH_URLS: down, ALERT_URLS: 'slack+https://chat.example/x' };
  expect(of(await examined({ resolvers: () => [] }), 'alerts')).toEqual([]);
  expect(await one('alerts', { environment })).toMatchObject({ status: 'ok', seen: '1 receiver' });
  const state = { target: 'x', delivered: 1, pending: 0, failed: 1, lastDeliveredAt: now - 2000 };
  const lastFailure = { at: now - 1000, cause: 'status 404' };
  expect(await one('alerts', { environment, alerts: async () => [{ ...state, lastFailure }] })).toMatchObject(
    { status: 'warn', seen: '1 receiver; the last alert did not reach 1 of them: status 404' },
  );
  const mended = { ...state, lastDeliveredAt: now, lastFailure };
  expect(await one('alerts', { environment, alerts: async () => [mended] })).toMatchObject({ status: 'ok' });
});

test.each([
  ['22.16.0', 'ok'],
  ['22.15.9', 'fail'],
  ['20.11.1', 'fail'],
  ['25.0.0', 'ok'],
])('Node %s is %s', async (nodeVersion, status) => {
  expect(await one('node', { nodeVersion })).toMatchObject({ status, seen: nodeVersion });
});

describe('settings', () => {
  test('each one that is set is valid or a mistake, and no value is shown', () => {
    const secret = 'hunter2-hunter2-hunter2';
    const { checks, settings } = checkSettings({
      PORT: 'x',
      ADMIN_KEY: secret,
      ADDRESS_HASH_KEY: 'short',
      DATABASE_PATH: 'here.db',
      HOME: '/home/jane',
      LIMITS: ' ',
    });
    expect(checks.map(({ check, status }) => [check, status]).toSorted()).toEqual([
      ['setting ADDRESS_HASH_KEY', 'fail'],
      ['setting ADMIN_KEY', 'ok'],
      ['setting DATABASE_PATH', 'ok'],
      ['setting PORT', 'fail'],
    ]);
    expect(of(checks, 'setting PORT')[0]!.todo).toBe('PORT must be a whole number from 0 to 65535.');
    expect(JSON.stringify(checks)).not.toContain('hunter2');
    expect(JSON.stringify(checks)).not.toContain('/home/jane');
    expect(settings).toMatchObject({ port: 8787, adminKey: secret, databasePath: 'here.db' });
  });

  test('two that contradict each other are one mistake, and the other checks go on', () => {
    const { checks, settings } = checkSettings({
      DNS_SERVERS: '192.0.2.1',
      DOH_URLS: 'https://dns.example/dns-query',
    });
    expect(checks.map(({ status }) => status)).toEqual(['fail']);
    expect(settings.dnsServers).toEqual([]);
  });

  test('a misspelled name is a mistake, and an unknown one a warning', () => {
    const { checks } = checkSettings({ BOUNCE_TRSUT: 'all', ESP_OTHER: 'x' });
    expect(checks).toMatchObject([
      { status: 'fail', todo: 'BOUNCE_TRSUT is not a setting. Did you mean BOUNCE_TRUST?' },
      { status: 'warn', todo: expect.stringContaining('ESP_OTHER') },
    ]);
  });

  test('without any, the defaults apply', () => {
    expect(checkSettings({ HOME: '/' }).checks).toMatchObject([{ check: 'settings', status: 'ok' }]);
  });
});

describe('storage', () => {
  test.each([
    [{ kind: 'absent', writableFolder: true }, 'ok', 'does not exist yet'],
    [{ kind: 'absent', writableFolder: false }, 'fail', 'cannot be written'],
    [{ kind: 'unusable', error: 'file is not a database' }, 'fail', 'file is not a database'],
    [
      { kind: 'usable', migrations: { pending: ['0009_x.sql'], unknown: [] } },
      'ok',
      '1 migration will be applied at the next start',
    ],
    [
      { kind: 'usable', migrations: { pending: ['0009_x.sql', '0010_y.sql'], unknown: [] } },
      'ok',
      '2 migrations will be applied at the next start',
    ],
    [{ kind: 'usable', migrations: { pending: [], unknown: ['0099_x.sql'] } }, 'fail', 'newer version'],
  ] as const)('%j is %s', async (state, status, seen) => {
    const check = await one('storage', { database: () => state });
    expect(check).toMatchObject({ status, seen: expect.stringContaining(seen) });
  });

  test.each([
    [
      'database is locked',
      'Stop other processes that use the file, or set DATABASE_PATH to a file that can be written.',
    ],
    [
      'file is not a database',
      'Set DATABASE_PATH to a database of presend that can be written, or restore a backup.',
    ],
  ])('%s: what to do', async (error, todo) => {
    const check = await one('storage', { database: () => ({ kind: 'unusable', error }) });
    expect(check.todo).toBe(todo);
  });

  test('on a disk that is missing it is a failure', async () => {
    const check = await one('free space', { freeBytes: () => Promise.reject(new Error('ENOENT')) });
    expect(check).toMatchObject({ status: 'fail', seen: 'the disk with var/presend.db cannot be read' });
  });

  test('in memory it is lost at the end', async () => {
    expect(await one('storage', { environment: { DATABASE_PATH: ':memory:' } })).toMatchObject({
      status: 'warn',
      todo: 'Set DATABASE_PATH to a file.',
    });
  });

  test.each([
    [2e9, 'ok'],
    [0.9e9, 'warn'],
    [0.05e9, 'fail'],
  ])('%i free bytes are %s', async (bytes, status) => {
    expect((await one('free space', { freeBytes: async () => bytes })).status).toBe(status);
  });
});

test.each([
  [{ kind: 'absent' }, 90, 'ok'],
  [{ kind: 'absent' }, 91, 'warn'],
  [{ kind: 'used', version: '2026-11-20' }, 7, 'ok'],
  [
    {
      kind: 'unusable',
      why: 'DATA_PUBLIC_KEY is not set. Set it to the public key that verifies the data pack.',
    },
    7,
    'warn',
  ],
] as const)('data: %j of %i days is %s', async (loading, ageDays, status) => {
  const check = await one('data', { data: async () => ({ loading, version: '2026-11-20', ageDays }) });
  expect(check.status).toBe(status);
});

describe('resolvers', () => {
  test('one that lies is named, one that is down or hangs is a warning if another answers', async () => {
    const [up, liar, hung] = await Promise.all([
      dohServer(live),
      dohServer({}),
      dohServer({ 'example.com': { fault: 'hang' } }),
    ]);
    const checks = of(
      await examined({ environment: { DOH_URLS: [up, liar, hung, down].join(',') } }),
      'resolver',
    );
    expect(checks.map(({ status }) => status)).toEqual(['ok', 'fail', 'warn', 'warn']);
    expect(checks[1]).toMatchObject({
      check: `resolver ${new URL(liar).host}`,
      seen: 'says that example.com does not exist',
      todo: expect.stringMatching(/Remove it from DOH_URLS/),
    });
    expect(checks[2]!.seen).toBe('does not answer within 300 ms');
  });

  test('if none answers, the resolver of the machine is proposed', async () => {
    expect(of(await examined({}), 'resolver')).toMatchObject([
      { status: 'fail', todo: 'Set DNS_SERVERS=192.0.2.53, the resolver of this machine.' },
    ]);
    expect(of(await examined({ systemServers: () => [] }), 'resolver')[0]!.todo).toBe(
      'Set DNS_SERVERS to the resolver of your network.',
    );
    const checks = await examined({
      environment: { DNS_SERVERS: '192.0.2.1' },
      resolvers: () => [createDohResolver({ url: down, fetch })],
    });
    expect(of(checks, 'resolver')[0]).toMatchObject({
      status: 'fail',
      todo: expect.stringContaining('Correct DNS_SERVERS'),
    });
    expect(of(checks, 'clock')[0]).toMatchObject({
      status: 'ok',
      seen: expect.stringContaining('not compared'),
    });
  });
});

const proof = {
  MAILBOX_PROOF: 'smtp',
  SMTP_HELO_NAME: 'probe.example.org',
  SMTP_MAIL_FROM: 'postmaster@example.org',
};

test('the proof of mailboxes: what its set-up lacks, and what to do', async () => {
  expect(of(await examined({}), 'mailbox proof')).toEqual([]);
  expect(await one('mailbox proof', { environment: proof })).toMatchObject({
    status: 'ok',
    seen: 'can ask mail hosts whether mailboxes exist, from the IP address 198.41.0.20',
  });
  const fault = { code: 'ptr_missing', seen: '198.41.0.20 has no PTR record.', todo: 'Ask for one.' };
  expect(
    await one('mailbox proof', {
      environment: proof,
      probeSetup: async () => ({ address: '198.41.0.20', faults: [fault] }),
    }),
  ).toEqual({
    check: 'mailbox proof ptr_missing',
    status: 'warn',
    seen: 'is off. 198.41.0.20 has no PTR record',
    todo: 'Ask for one.',
  });
  expect(await one('mailbox proof', { environment: { MAILBOX_PROOF: 'smtp' } })).toMatchObject({
    status: 'ok',
    seen: expect.stringContaining('asks no mail host'),
  });
});

test('the proof of mailboxes by another presend', async () => {
  const environment = { PROBE_URL: 'https://prober.example.com', PROBE_KEY: 'sk_key' };
  const status = async (remoteProber: DoctorPorts['remoteProber']) =>
    (await one('mailbox proof', { environment, remoteProber })).status;
  expect(await status(async () => 422)).toBe('ok');
  expect(await status(async () => 403)).toBe('warn');
  expect(await status(() => Promise.reject(new Error('no')))).toBe('warn');
});

test('port 25 is open, refused or closed, and never a failure', async () => {
  expect((await one('port 25', {})).status).toBe('ok');
  const closed = await one('port 25', { greetingOnPort25: () => Promise.reject(new Error('closed')) });
  expect(closed).toMatchObject({
    status: 'warn',
    seen: 'a mail server could not be reached on port 25',
    todo: expect.stringContaining('mailbox proof by SMTP'),
  });
  expect((await one('port 25', { greetingOnPort25: async () => '554 no' })).status).toBe('warn');
});

test.each([
  [0, 'ok', 'differs from'],
  [9_999, 'ok', 'differs from'],
  [10_000, 'warn', '10 s ahead'],
  [-10_000, 'warn', '10 s behind'],
  [-300_000, 'fail', '300 s behind'],
])('a clock that differs by %i ms is %s', async (difference, status, seen) => {
  const check = await one('clock', { timeAt: async () => now - difference });
  expect(check).toMatchObject({ status, seen: expect.stringContaining(seen) });
});

test('a clock that cannot be compared is a warning', async () => {
  expect((await one('clock', { timeAt: async () => null })).status).toBe('warn');
  expect((await one('clock', { timeAt: () => Promise.reject(new Error('down')) })).status).toBe('warn');
});

test('a line has the status, the name, what was seen and what to do', () => {
  expect(checkLine({ check: 'clock', status: 'ok', seen: 'is right', todo: null })).toBe(
    'ok    clock                         is right\n',
  );
  expect(checkLine({ check: 'clock', status: 'fail', seen: 'is wrong', todo: 'Set it.' })).toMatch(
    /^fail {2}clock {25}is wrong\. Set it\.\n$/,
  );
});

describe('the network', () => {
  async function listening(onSocket: (write: (text: string) => void) => void): Promise<number> {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      onSocket((text) => socket.end(text));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    return (server.address() as AddressInfo).port;
  }

  test('a greeting is read; silence and a closed port are failures', async () => {
    const host = '127.0.0.1';
    const port = await listening((write) => write('220 mx.example ESMTP\r\n'));
    expect(await greetingOf({ host, port }, 5000)).toBe('220 mx.example ESMTP\r\n');
    const silent = await listening(() => {});
    await expect(greetingOf({ host, port: silent }, 50)).rejects.toThrow('no greeting in time');
    await expect(greetingOf({ host, port: 9 }, 5000)).rejects.toThrow('ECONNREFUSED');
    const mute = await listening((write) => write(''));
    await expect(greetingOf({ host, port: mute }, 5000)).rejects.toThrow('closed without a greeting');
  });

  test('the time is that of the Date header, whatever the status', async () => {
    let date: string | undefined = 'Fri, 27 Nov 2026 00:00:00 GMT';
    const server = createHttpServer((_, response) => {
      response.sendDate = false;
      if (date !== undefined) response.setHeader('date', date);
      response.writeHead(405).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(await statedTime(url, 5000)).toBe(now);
    date = undefined;
    expect(await statedTime(url, 5000)).toBeNull();
    await expect(statedTime(down, 5000)).rejects.toThrow();
  });
});

describe('as a process', () => {
  test('exits with 0 if nothing failed, and prints one line for each check', async () => {
    const { status, stdout, stderr } = await presend(['doctor', '--timeout', '2'], {
      environment: { DOH_URLS: await dohServer(live) },
    });
    expect([status, stderr]).toEqual([0, '']);
    for (const line of stdout.trimEnd().split('\n')) expect(line).toMatch(/^(ok|warn) {2,4}\S/);
    expect(stdout).toContain('var/presend.db does not exist yet');
  });

  test('exits with 1 and says what to set, as JSON too; the database is not changed', async () => {
    const cwd = emptyFolder();
    const newer = new DatabaseSync(join(cwd, 'newer.db'));
    newer.exec(
      "CREATE TABLE d1_migrations (name TEXT); INSERT INTO d1_migrations VALUES ('9999_future.sql')",
    );
    newer.close();
    const environment = { DOH_URLS: await dohServer({}), DATABASE_PATH: 'newer.db', PORT: 'x' };
    const { status, stdout } = await presend(['doctor', '--json', '--timeout', '2'], { cwd, environment });
    expect(status).toBe(1);
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Check[] };
    expect(ok).toBe(false);
    expect(
      checks.filter(({ status: each }) => each === 'fail').map(({ check }) => check.split(' ')[0]),
    ).toEqual(['setting', 'storage', 'resolver']);
    const tables = new DatabaseSync(join(cwd, 'newer.db')).prepare('SELECT name FROM sqlite_master').all();
    expect(tables).toHaveLength(1);
  });

  test('a file that is no database, and one that this version made', async () => {
    const cwd = emptyFolder();
    writeFileSync(join(cwd, 'text.db'), 'not a database, but long enough to be read as one'.repeat(100));
    const environment = { DOH_URLS: await dohServer(live) };
    const storage = async (path: string) =>
      (
        await presend(['doctor', '--timeout', '2'], {
          cwd,
          environment: { ...environment, DATABASE_PATH: path },
        })
      ).stdout
        .split('\n')
        .find((line) => line.includes('  storage '));
    expect(await storage('text.db')).toMatch(/^fail .*text\.db: file is not a database/);
    await presend(['keys', 'list'], { cwd, environment: { ...environment, DATABASE_PATH: 'own.db' } });
    expect(await storage('own.db')).toMatch(/^ok .*own\.db can be written; all migrations are applied/);
  });
});
