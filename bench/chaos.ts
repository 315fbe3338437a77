// `npm run chaos`: tests real processes of the service under faults and attacks. Prints each figure with its limit.
//
// CI runs `npm run chaos -- --short`, which takes less than three minutes, one of them for random inputs (fuzzing).
// `--seed N` repeats the random inputs of an earlier run, and `--only TEXT` runs the faults whose name contains TEXT: no fault,
// unfinished bodies, unsigned webhooks, write lock, too many connections, batches and a job, a body that never ends, SIGTERM,
// SIGKILL, a full disk, lies or fuzz. Exits with 1 if a count of wrong answers is over its limit; times and amounts of memory
// over their limits only give warnings. `npm run chaos -- edge`, `lists`, `growth` and `regex` run other parts.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { startDohServer } from '../test/dns/doh-server.ts';
import type { Zone } from '../test/dns/zone.ts';
import { fuzzHttp, fuzzLibrary } from './chaos-fuzz.ts';
import { longestHold } from './chaos-hooks.ts';
import { measureLies } from './chaos-lies.ts';
import { createChaosTable } from './chaos-table.ts';
import { asInstalled, residentBytes, type Server, startServer } from './programs.ts';

const part = process.argv[2];
// Each part ends the process.
if (part === 'edge') await import('./chaos-edge.ts');
if (part === 'lists') await import('./chaos-lists.ts');
if (part === 'growth') await import('./chaos-growth.ts');
if (part === 'regex') await import('./chaos-regex.ts');

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    seed: { type: 'string' },
    only: { type: 'string' },
  },
});
const isShort = options.short;
const isMeant = (fault: string): boolean => options.only === undefined || fault.includes(options.only);
const fuzzMs = isShort ? 60_000 : 120_000;
const seed = options.seed === undefined ? Date.now() % 2 ** 32 : Number(options.seed);
const unfinished = isShort ? 300 : 1000;
/** Limit of p99 under a fault, in milliseconds. If three times the p99 without a fault is more, that is the limit. */
let slow = 100;
const mib = 1024 * 1024;
const cli = '../src/cli/cli.ts';

const zone: Zone = {
  'brisk-otter.com': { MX: [[10, 'mx.brisk-otter.com']] },
  'mx.brisk-otter.com': { A: ['198.41.0.4'] },
};

const { report, fail, end } = createChaosTable();

const doh = await startDohServer(zone);

interface ServiceOptions {
  readonly flags?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** Whether `work` is supposed to end the process of the service. */
  readonly endsIt?: boolean;
}

/**
 * Runs `work` against a process of the service, unless `--only` means other faults. Reports a failure if `work` rejects, or if
 * the process ends although it should not.
 */
async function withService(
  fault: string,
  work: (server: Server, folder: string) => Promise<void>,
  { flags = [], environment = {}, endsIt = false }: ServiceOptions = {},
): Promise<void> {
  if (!isMeant(fault)) return;
  const folder = mkdtempSync(join(tmpdir(), 'presend-chaos-'));
  const env = {
    PORT: '0',
    DOH_URLS: doh.url,
    ...asInstalled,
    NODE_OPTIONS: [asInstalled.NODE_OPTIONS, ...flags].join(' '),
    ...environment,
  };
  const server = await startServer(cli, ['serve'], { cwd: folder, env });
  const { child } = server;
  try {
    await work(server, folder);
  } catch (error) {
    fail(fault, error);
  }
  const hasEnded = child.exitCode !== null || child.signalCode !== null;
  if (hasEnded && !endsIt) fail(`${fault}: the process ended`, child.signalCode ?? child.exitCode);
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

const post = (url: string, path: string, body: string | Buffer<ArrayBuffer>, headers = {}) =>
  fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });

const validate = (url: string) => post(url, '/v1/validate', '{"email":"jane@brisk-otter.com"}');

interface Durations {
  readonly p99: number;
  readonly longest: number;
}

/** Polls `path` with a healthy client while `work` runs, and returns the client's durations in milliseconds. */
async function durationsDuring(
  url: string,
  work: () => Promise<unknown>,
  path = '/healthz',
): Promise<Durations> {
  const client = new Worker(new URL('chaos-poll.ts', import.meta.url), { workerData: { url, path } });
  await once(client, 'message');
  await work();
  client.postMessage('stop');
  const [durations] = (await once(client, 'message')) as [Durations];
  return durations;
}

const p99During = async (...args: Parameters<typeof durationsDuring>): Promise<number> =>
  (await durationsDuring(...args)).p99;

async function open(url: string, text: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {}).resume();
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

const head = (path: string, length: number, type = 'application/json'): string =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;

const hooks = {
  ESP_MANDRILL_SIGNING_KEYS: 'a signing key of mandrill',
  ESP_MANDRILL_WEBHOOK_URL: 'https://presend.example/v1/hooks/esp/mandrill',
  ESP_MAILGUN_SIGNING_KEYS: 'a signing key of mailgun',
  ESP_MAILGUN_SHARED_SECRETS: 'a secret of mailgun',
  ESP_POSTMARK_SHARED_SECRETS: 'a secret of postmark',
};

await withService('no fault', async ({ url }) => {
  const idle = await p99During(url, () => delay(2000), '/v1/validate');
  report('no fault: p99 of verdicts', idle, 100, 'ms');
  slow = Math.max(slow, Math.ceil(3 * idle));
});

const filler = Buffer.alloc(mib, ' ');

async function openUnfinished(url: string, count: number, length: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let index = 0; index < count; index++) {
    const socket = await open(url, head('/v1/hooks/esp/mailgun', length));
    socket.write(filler.subarray(0, Math.min(mib, length / 2)));
    sockets.push(socket);
  }
  return sockets;
}

for (const [size, length] of [
  ['4 MiB', 4 * mib],
  ['16 KiB', 16 * 1024],
] as const)
  await withService(
    'unfinished bodies',
    async ({ url, child }) => {
      // Make the service load the code for such requests first. Its memory must not count as memory of the attack.
      for (const socket of await openUnfinished(url, 20, length)) socket.destroy();
      await p99During(url, () => delay(1000), '/v1/validate');
      const before = residentBytes(child).now;
      let peak = before;
      const watch = setInterval(() => {
        peak = Math.max(peak, residentBytes(child).now);
      }, 50);
      let sockets: Socket[] = [];
      const work = async () => {
        sockets = await openUnfinished(url, unfinished, length);
        await delay(1000);
      };
      const p99 = await p99During(url, work, '/v1/validate');
      clearInterval(watch);
      report(`${unfinished} unfinished bodies of ${size}: p99 of verdicts`, p99, slow, 'ms');
      report('… more memory', (peak - before) / mib, 64, 'MiB');
      for (const socket of sockets) socket.destroy();
      await p99During(url, () => delay(isShort ? 5000 : 10_000), '/v1/validate');
      report('… memory after they left', (100 * residentBytes(child).now) / before, 120, '% of before');
    },
    { environment: hooks },
  );

if (isMeant('unsigned webhooks')) {
  const { longest, cases, served } = await longestHold(isShort ? 5 : 1);
  report(
    `${cases} unsigned webhooks: longest hold of the event loop (${longest.body} to ${longest.route})`,
    longest.ms,
    50,
    'ms',
  );
  report('… not refused with 400 or 401', served, 0, 'requests');
}

for (const [name, path, body, type] of [
  [
    'a form of 2 million pairs',
    'mandrill',
    `${'a&'.repeat(2 * mib - 10)}`,
    'application/x-www-form-urlencoded',
  ],
  ['JSON nested 2 million deep', 'postmark', '['.repeat(2 * mib), 'application/json'],
] as const)
  await withService(
    'unsigned webhooks',
    async ({ url }) => {
      const headers = { 'content-type': type, 'x-mandrill-signature': 'x' };
      await post(url, `/v1/hooks/esp/${path}`, 'a', headers);
      const p99 = await p99During(url, async () => {
        for (let index = 0; index < 3; index++)
          await (await post(url, `/v1/hooks/esp/${path}`, body, headers)).text();
      });
      report(`unsigned webhooks with ${name}: p99 of /healthz`, p99, slow, 'ms');
    },
    { environment: hooks },
  );

await withService('write lock', async ({ url }, folder) => {
  await validate(url);
  const other = new DatabaseSync(join(folder, 'var/presend.db'));
  other.exec('PRAGMA busy_timeout = 2000');
  const locked = async () => {
    other.exec('BEGIN IMMEDIATE');
    const writes = post(url, '/v1/suppressions', '{"email":"joe@brisk-otter.com","reason":"manual"}').catch(
      () => null,
    );
    await delay(4000);
    other.exec('ROLLBACK');
    await writes;
  };
  for (const path of ['/healthz', '/v1/validate']) {
    const { p99, longest } = await durationsDuring(url, locked, path);
    report(`write lock of SQLite for 4 s: p99 of ${path}`, p99, slow, 'ms');
    report('… the longest', longest, slow, 'ms');
  }
  other.close();
});

await withService(
  'too many connections',
  async ({ url }) => {
    const sockets = await Promise.all(
      Array.from({ length: 100 }, () => open(url, 'GET /healthz HTTP/1.1\r\n')),
    );
    const refused = await fetch(`${url}/healthz`).then(
      ({ status }) => status,
      () => 0,
    );
    report('a connection over the limit is refused with 503', refused === 503 ? 0 : 1, 0, 'failures');
    for (const socket of sockets) socket.destroy();
    await delay(200);
    const served = await fetch(`${url}/healthz`).then(
      ({ status }) => status,
      () => 0,
    );
    report('… and served when others left', served === 200 ? 0 : 1, 0, 'failures');
  },
  { environment: { MAX_CONNECTIONS: '100' } },
);

await withService(
  'batches and a job',
  async ({ url }) => {
    const addresses = (count: number) =>
      Array.from({ length: count }, (_, index) => `jane${index}@brisk-otter.com`);
    const list = `email\n${addresses(20_000).join('\n')}`;
    const created = await post(url, '/v1/jobs', list, { 'content-type': 'text/csv' });
    const { id } = (await created.json()) as { id: string };
    const body = JSON.stringify({ emails: addresses(1000) });
    const answer = async (): Promise<boolean> => {
      const response = await post(url, '/v1/validate/batch', body);
      await response.arrayBuffer();
      // A slow machine may receive a body too late, and then answers 408.
      return [200, 408].includes(response.status) || response.headers.get('retry-after') !== null;
    };
    const right = await Promise.all(Array.from({ length: 100 }, () => answer().catch(() => false)));
    const wrong = right.filter((isRight) => !isRight).length;
    report('100 batches of 1,000 at once and a list, heap of 64 MiB: wrong answers', wrong, 0, 'answers');
    let state = '';
    for (const until = Date.now() + 120_000; state !== 'completed' && Date.now() < until; await delay(200))
      ({ state } = (await (await fetch(`${url}/v1/jobs/${id}`)).json()) as { state: string });
    report('… the list is not completed', state === 'completed' ? 0 : 1, 0, 'lists');
  },
  { flags: ['--max-old-space-size=64'] },
);

await withService('a body that never ends', async ({ url }) => {
  const started = performance.now();
  const socket = await open(url, `${head('/v1/validate', 100)}{`);
  await once(socket, 'close');
  report('a body that never ends is cut', (performance.now() - started) / 1000, 12, 's');
});

await withService(
  'SIGTERM',
  async ({ url, child }) => {
    for (const text of ['', 'GET /hea', `${head('/v1/jobs', 99, 'text/csv')}email`]) await open(url, text);
    const started = performance.now();
    child.kill('SIGTERM');
    const [status] = (await once(child, 'exit')) as [number];
    report('SIGTERM with half a request: time', (performance.now() - started) / 1000, 1.5, 's');
    report('… exit status', status, 0, '');
  },
  { endsIt: true },
);

await withService(
  'SIGKILL',
  async ({ url, child }, folder) => {
    let acknowledged = 0;
    setTimeout(() => child.kill('SIGKILL'), 700);
    for (let index = 0; ; index++) {
      const body = JSON.stringify({ email: `jane${index}@brisk-otter.com`, reason: 'manual' });
      const response = await post(url, '/v1/suppressions', body).catch(() => null);
      if (response?.status !== 201) break;
      acknowledged += 1;
    }
    const database = new DatabaseSync(join(folder, 'var/presend.db'));
    const { kept } = database.prepare('SELECT count(*) AS kept FROM suppressions').get() as { kept: number };
    database.close();
    report(
      `SIGKILL after ${acknowledged} acknowledged suppressions: lost`,
      Math.max(0, acknowledged - kept),
      0,
      'entries',
    );
  },
  { endsIt: true },
);

if (isMeant('a full disk')) {
  const full = openSync('/dev/full', 'w');
  const file = new URL(cli, import.meta.url).pathname;
  const child = spawn(process.execPath, [file, 'check', 'null-mx@presend.test'], {
    stdio: ['ignore', full, 'ignore'],
  });
  const [status] = (await once(child, 'exit')) as [number];
  closeSync(full);
  report('`presend check > /dev/full` ends with 0', status === 0 ? 1 : 0, 0, 'times');
}

if (isMeant('lies')) {
  const { aboutLive, liveUndeliverable, aboutWildcard, deadDeliverable, honestDead, questions } =
    await measureLies();
  report(
    `8 lies of 1 of 3 resolvers about ${aboutLive} live domains: undeliverable`,
    liveUndeliverable,
    0,
    'verdicts',
  );
  report(
    `a search page of 1 of 3 resolvers for ${aboutWildcard} dead domains: deliverable`,
    deadDeliverable,
    0,
    'verdicts',
  );
  report('honest answers: dead domains that are not undeliverable', 100 - honestDead, 1, '%');
  report('questions for a list of 95% live domains, against one resolver', questions, 1.1, '× questions');
}

if (isMeant('fuzz')) {
  console.log(`fuzz: seed ${seed} (repeat with --seed ${seed})`);
  const { calls, failures } = await fuzzLibrary(fuzzMs / 2, seed);
  report(`library, ${calls} hostile calls: throws`, failures, 0, '');
}
await withService(
  'fuzz',
  async ({ url }) => {
    const { calls, failures } = await fuzzHttp(url, fuzzMs / 2, seed);
    report(`HTTP, ${calls} hostile requests: 5xx or no answer`, failures, 0, '');
  },
  { environment: hooks },
);

await doh.close();
end();
