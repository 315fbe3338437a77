// `presend doctor`: checks what the service needs on this machine, and says what to set.

import { accessSync, constants, existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { serviceUrl } from '../service-url.ts';
import { exitAfterOutput } from './arguments.ts';
import { defineCommand, jsonOption } from './command.ts';
import { type Check, type DatabaseState, type DoctorPorts, examine } from './doctor-checks.ts';

export const command = defineCommand({
  name: 'doctor',
  summary: 'check settings, storage, resolvers and clock of this machine',
  about:
    'Checks what presend needs on this machine: the version of Node, the settings, the database, the data, each resolver, port 25, what proof of mailboxes needs and the clock. Prints one line for each check: ok, warn or fail, what was seen, and what to set. Changes nothing.',
  options: {
    timeout: {
      type: 'integer',
      value: 'SECONDS',
      default: 5,
      range: [1, 60],
      help: 'how long each check of the network may take',
    },
    ...jsonOption,
  },
  exit: '1 if a check failed, else 0.',
  examples: ['presend doctor', 'DNS_SERVERS=192.0.2.53 presend doctor --json'],
  async run({ values }) {
    const checks = await examine(await portsOfMachine(values.timeout * 1000));
    const isSound = checks.every(({ status }) => status !== 'fail');
    process.stdout.write(
      values.json ? `${JSON.stringify({ ok: isSound, checks })}\n` : checks.map(checkLine).join(''),
    );
    process.exitCode = isSound ? 0 : 1;
    // A connection that hangs must not keep the process alive.
    exitAfterOutput();
  },
});

/** For example `warn  data  version 2026-05-01, 210 days old. Update the lists: …`. */
export const checkLine = ({ check, status, seen, todo }: Check): string =>
  `${status.padEnd(4)}  ${check.padEnd(28)}  ${seen}${todo === null ? '' : `. ${todo}`}\n`;

async function portsOfMachine(deadlineMs: number): Promise<DoctorPorts> {
  const { createDohResolver } = await import('../dns/transport/doh.ts');
  const { createPlainResolver } = await import('../dns/transport/plain.ts');
  const { createPlainTransport } = await import('../dns/transport/plain-node.ts');
  const { dataAgeDays, dataVersion } = await import('../domain/data-date.ts');
  const { dataFilePath, loadDataFile } = await import('../platform/data-file.ts');
  const { readMigrations } = await import('../platform/database-file.ts');
  const { migrationState } = await import('../storage/sqlite/migrate.ts');
  const { requireWritable } = await import('../storage/sqlite/start-checks.ts');
  const { getServers } = await import('node:dns');

  const databaseState = (path: string): DatabaseState => {
    if (!existsSync(path)) return { kind: 'absent', writableFolder: canWrite(existingFolder(path)) };
    let sqlite: DatabaseSync | null = null;
    try {
      sqlite = new DatabaseSync(path);
      const migrations = migrationState(sqlite, readMigrations());
      requireWritable(sqlite);
      return { kind: 'usable', migrations };
    } catch (error) {
      return { kind: 'unusable', error: (error as Error).message };
    } finally {
      sqlite?.close();
    }
  };

  return {
    nodeVersion: process.versions.node,
    environment: process.env,
    now: Date.now,
    deadlineMs,
    database: databaseState,
    async alerts(path) {
      if (path === ':memory:' || !existsSync(path)) return [];
      const { nodeSqliteDatabase } = await import('../storage/sqlite/node-sqlite.ts');
      const { createAlertOutbox } = await import('../storage/sqlite/alert-outbox.ts');
      const sqlite = new DatabaseSync(path, { readOnly: true });
      try {
        return await createAlertOutbox(nodeSqliteDatabase(sqlite, { atEndOfTurn: setImmediate })).states();
      } finally {
        sqlite.close();
      }
    },
    async freeBytes(path) {
      const { bavail, bsize } = await statfs(existingFolder(path));
      return bavail * bsize;
    },
    resolvers: ({ dnsServers, dohUrls }) =>
      dnsServers.length > 0
        ? dnsServers.map((server) => createPlainResolver(server, createPlainTransport()))
        : dohUrls.map((url) => createDohResolver({ url, fetch })),
    systemServers: getServers,
    async data(settings) {
      const path = dataFilePath(settings);
      const loading =
        path === null ? { kind: 'absent' as const } : await loadDataFile(path, settings.data.publicKeys);
      return { loading, version: dataVersion(), ageDays: dataAgeDays(Date.now()) };
    },
    greetingOnPort25: (ms) => greetingOf({ host: mailServer, port: 25 }, ms),
    probeSetup: async (settings, identity) =>
      (await import('./probe-setup.ts')).probeSetupOf(settings, identity),
    remoteProber: ({ url, key }) => statusOfProber(url, key, deadlineMs),
    timeAt: statedTime,
  };
}

/** A mail server that always runs: that of Gmail. Nothing but its greeting is read. */
const mailServer = 'gmail-smtp-in.l.google.com';

/** The first text that a server sends. Rejects if the server cannot be reached or says nothing in time. */
export const greetingOf = (
  { host, port }: { readonly host: string; readonly port: number },
  deadlineMs: number,
): Promise<string> =>
  new Promise((resolveGreeting, reject) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => socket.destroy(new Error('no greeting in time')), deadlineMs);
    socket.setEncoding('utf8');
    socket.once('data', (text: string) => {
      resolveGreeting(text);
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => {
      clearTimeout(timer);
      reject(new Error('closed without a greeting'));
    });
  });

/** The status of POST /v1/probes at another presend, for a request without an address: 422 if the key may ask. */
async function statusOfProber(url: string, key: string, deadlineMs: number): Promise<number> {
  const response = await fetch(`${serviceUrl(url)}/v1/probes`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: '{"addresses":[]}',
    redirect: 'manual',
    signal: AbortSignal.timeout(deadlineMs),
  });
  return response.status;
}

/** The time in the Date header of a response, whatever its status; null if it has none. */
export async function statedTime(url: string, deadlineMs: number): Promise<number | null> {
  const response = await fetch(url, {
    method: 'HEAD',
    redirect: 'manual',
    signal: AbortSignal.timeout(deadlineMs),
  });
  const stated = Date.parse(response.headers.get('date') ?? '');
  return Number.isNaN(stated) ? null : stated;
}

/**
 * The folder in which a file is or would be created: the nearest one that exists. If there is none, because the drive is missing
 * on Windows, the root of that drive.
 */
function existingFolder(path: string): string {
  let folder = dirname(resolve(path));
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function canWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
