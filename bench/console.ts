// Measures each page of the console with 1,000 lists, a million suppressions and a million events behind it. The time of a page is the
// processor time that the service and its helper process take for it, so that other programs on the machine do not count.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { dayMs } from '../src/durations.ts';
import { openDatabase } from '../src/platform/database-file.ts';
import { inTransaction } from '../src/storage/sqlite/node-sqlite.ts';
import { addressHashKey } from '../src/suppression/address-hash.ts';
import { nodeHasher } from '../src/suppression/node-hasher.ts';
import { startDohServer } from '../test/dns/doh-server.ts';
import { type Bench, type Figure, spread } from './figures.ts';
import { asInstalled, startServer, stop } from './programs.ts';
import { fillCounters, randomNumbers } from './reports/fill.ts';

const sizes = {
  full: { lists: 1000, rows: 20_000, suppressions: 1_000_000, events: 1_000_000, rounds: 5, calls: 4 },
  smoke: { lists: 100, rows: 2000, suppressions: 20_000, events: 20_000, rounds: 3, calls: 2 },
};
const hashKey = 'a key for benches that has 32 bytes';
const adminKey = 'an-admin-key-of-the-bench';
/** Days over which the events are spread. */
const days = 60;

export const run: Bench['run'] = async (size) => {
  const { lists, rows, suppressions, events, rounds, calls } = sizes[size];
  const folder = mkdtempSync(join(tmpdir(), 'presend-bench-'));
  const file = join(folder, 'var/presend.db');
  const { sqlite } = openDatabase(file);
  fillSuppressions(sqlite, suppressions);
  fillEvents(sqlite, events);
  sqlite.close();
  const doh = await startDohServer({
    'otter.com': { MX: [[10, 'mx.otter.com']] },
    'mx.otter.com': { A: ['198.41.0.4'] },
  });
  const start = () =>
    startServer('../src/cli/cli.ts', ['serve'], {
      cwd: folder,
      env: {
        ...{ ...process.env, ...asInstalled, PORT: '0', DOH_URLS: doh.url, ADDRESS_HASH_KEY: hashKey },
        ...{ ADMIN_KEY: adminKey, PREFLIGHT_DOMAINS: 'otter.com' },
      },
    });
  let service = await start();
  const list = await verifiedList(service.url, rows);
  await stop(service.child);
  copyList(file, list, lists);
  service = await start();
  const figures: Figure[] = [];
  for (const [name, path, form] of pagesOf(list)) {
    const cookie = await signIn(service.url);
    const times: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const before = processorMs(service.child.pid!);
      for (let call = 0; call < calls; call++) await show(service.url + path, cookie, form);
      // The first round loads modules and plans statements.
      if (round > 0) times.push((processorMs(service.child.pid!) - before) / calls);
    }
    figures.push({ name, value: spread(times), unit: 'ms' });
  }
  await stop(service.child);
  await doh.close();
  rmSync(folder, { recursive: true });
  const slowest = figures.toSorted((a, b) => b.value.median - a.value.median)[0]!;
  return {
    figures,
    targets: [
      {
        name: `slowest page (${slowest.name})`,
        measured: slowest.value,
        bound: 'at most',
        limit: 300,
        unit: 'ms',
      },
    ],
  };
};

/** The pages: name, path, and the form that is sent, if any. */
function pagesOf(list: string): (readonly [name: string, path: string, form?: Record<string, string>])[] {
  const reports = [
    'day',
    'provider',
    'campaign',
    'source',
    'list',
    'mail_host',
    'gateway',
    'reason',
    'status',
  ];
  const yearAgo = new Date(Date.now() - (days - 1) * dayMs).toISOString().slice(0, 10);
  return [
    ['start', '/console'],
    ['lists', '/console/lists'],
    ['a list', `/console/lists/${list}`],
    ['report on a list', `/v1/jobs/${list}/report`],
    ['suppressions, find', '/console/suppressions/find', { email: 'jane.doe1@otter-1.com' }],
    ['suppressions, entries', '/console/suppressions/entries'],
    [
      'suppressions, count an incident',
      '/console/suppressions/incident',
      {
        from: `${yearAgo}T00:00`,
        to: new Date().toISOString().slice(0, 16),
        provider: 'provider-1',
        do: 'count',
      },
    ],
    ...reports.map((by) => [`bounces by ${by}`, `/console/bounces/report?by=${by}`] as const),
    [`bounces by day, ${days} days`, `/console/bounces/report?from=${yearAgo}`],
    ['all reports on one page', '/reports'],
    ['incidents', '/console/bounces/incidents?status=all'],
    ['event log', '/console/bounces/events'],
    ['event log, one campaign', '/console/bounces/events?campaign=journey-3'],
    ['event log, a rare campaign', '/console/bounces/events?campaign=nothing'],
    ['event log, hard bounces', '/console/bounces/events?class=hard'],
    ['event log, a provider', '/console/bounces/events?mailbox_provider=provider-7'],
    ['events of an address', '/console/bounces/events/find', { email: 'jane.doe1@otter-1.com' }],
    ['gate', '/console/bounces/gate'],
    ['gate, a question', '/console/bounces/gate', { campaign: 'journey-3', purpose: 'marketing' }],
    ['predictions', '/console/bounces/predictions'],
    ['sending domains', '/console/domains'],
    ['a sending domain', '/console/domains/otter.com'],
    ['connections', '/console/connections'],
    ['a connection', '/console/connections/esp/sparkpost'],
    ['keys', '/console/keys'],
    ['overrides', '/console/overrides'],
    ['audit', '/console/audit'],
    ['health', '/console/health'],
  ];
}

const fromConsole = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' };

async function show(url: string, cookie: string, form?: Record<string, string>): Promise<void> {
  const response = await fetch(url, {
    headers: { cookie, ...(form && fromConsole) },
    ...(form && { method: 'POST', body: new URLSearchParams(form).toString() }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text.slice(0, 2000)}`);
}

async function signIn(url: string): Promise<string> {
  const response = await fetch(`${url}/console/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: fromConsole,
    body: new URLSearchParams({ key: adminKey }).toString(),
  });
  return response.headers.get('set-cookie')!.split(';')[0]!;
}

/** Milliseconds of processor time of a process and its children. */
function processorMs(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean);
  const ticksOf = (of: number | string): number => {
    const fields = readFileSync(`/proc/${of}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return Number(fields[11]) + Number(fields[12]);
  };
  return [pid, ...children].reduce((sum: number, one) => sum + ticksOf(one), 0) * 10;
}

const hexOf = (number: number): string => number.toString(16).padStart(32, '0');

function fillSuppressions(sqlite: DatabaseSync, entries: number): void {
  const { keyId } = nodeHasher(addressHashKey(hashKey));
  const insert = sqlite.prepare(
    `INSERT INTO suppressions (key_id, address_hash, scope, reason, status, source, since) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const now = Date.now();
  inTransaction(sqlite, () => {
    for (let entry = 0; entry < entries; entry++) {
      const isBounce = entry % 3 > 0;
      const [scope, reason, status] = isBounce
        ? ['all', 'bounce', '5.1.1']
        : ['marketing', 'unsubscribe', null];
      insert.run(
        keyId,
        hexOf(entry).repeat(2),
        scope!,
        reason!,
        status!,
        'sparkpost',
        now - (entry % (300 * 86_400)) * 1000,
      );
    }
  });
}

/** Fills the event log and, as if the events had been counted, the counters. */
function fillEvents(sqlite: DatabaseSync, events: number): void {
  const { keyId } = nodeHasher(addressHashKey(hashKey));
  const now = Date.now();
  const from = Math.floor(now / dayMs) * dayMs - (days - 1) * dayMs;
  fillCounters(sqlite, { from, days, eventsADay: Math.round(events / days) });
  const random = randomNumbers(3);
  const insert = sqlite.prepare(
    `INSERT INTO delivery_events (id, at, received_at, teller, kind, class, reason, status, echo, key_id, address_hash,
       mailbox_provider, message, campaign, source, mail_host, list, counted)
     VALUES (?, ?, ?, 'sparkpost', ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
  );
  inTransaction(sqlite, () => {
    for (let event = 0; event < events; event++) {
      const at = Math.round(now - ((events - event) / events) * (days - 1) * dayMs);
      const what =
        event % 100 < 2
          ? ['bounce', 'hard', 'mailbox_unknown', '5.1.1']
          : event % 100 === 2
            ? ['bounce', 'soft', 'mailbox_full', '4.2.2']
            : ['delivered', 'none', 'delivered', null];
      const some = Math.floor(random() ** 2 * 60);
      const names = [
        `provider-${some}`,
        hexOf(event).slice(16),
        `journey-${event % 10}`,
        `source-${event % 20}`,
      ];
      insert.run(
        hexOf(event),
        at,
        at,
        ...what,
        keyId,
        hexOf(event % 400_000).repeat(2),
        ...names,
        `host.example-${some}`,
        'list-1',
      );
    }
  });
}

/** Uploads a list, waits until it is verified, and returns its id. */
async function verifiedList(url: string, rows: number): Promise<string> {
  const text = `email,source,last_open\n${Array.from({ length: rows }, (_, row) => `jane.doe${row}@${row % 50 ? 'otter.com' : 'gmial.com'},source-${row % 9},2026-0${1 + (row % 8)}-11`).join('\n')}\n`;
  const authorization = `Bearer ${adminKey}`;
  const response = await fetch(`${url}/v1/jobs`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'text/csv' },
    body: text,
  });
  const { id } = (await response.json()) as { id: string };
  await (await fetch(`${url}/v1/jobs/${id}/events`, { headers: { authorization } })).text();
  return id;
}

/** Copies the row of a verified list until there are `lists`. */
function copyList(file: string, list: string, lists: number): void {
  const sqlite = new DatabaseSync(file);
  const columns = sqlite
    .prepare(`SELECT name FROM pragma_table_info('jobs')`)
    .all()
    .map(({ name }) => String(name));
  const values = columns.map((name) =>
    name === 'id' ? '?' : name === 'created_at' ? 'created_at - ?' : name === 'request_key' ? 'NULL' : name,
  );
  const insert = sqlite.prepare(`INSERT INTO jobs (${columns}) SELECT ${values} FROM jobs WHERE id = ?`);
  inTransaction(sqlite, () => {
    for (let copy = 1; copy < lists; copy++) insert.run(`${list}${copy}`, copy * 60_000, list);
  });
  sqlite.close();
}
