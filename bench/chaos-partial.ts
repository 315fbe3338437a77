// `npm run chaos`: faults and attacks against real processes of the service, each with its figure and its limit.
//
// `npm run chaos -- --short` takes less than two minutes and is what CI runs. Exits with 1 if a figure is over its limit.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { startDohServer } from '../test/dns/doh-server.ts';
import type { Zone } from '../test/dns/zone.ts';
import { fuzzHttp, fuzzLibrary } from './chaos-fuzz.ts';
import { longestHold } from './chaos-hooks.ts';
import { asInstalled, residentBytes, type Server, startServer } from './programs.ts';

const isShort = process.argv.includes('--short');
const fuzzMs = isShort ? 10_000 : 120_000;
const unfinished = isShort ? 300 : 1000;
/** Milliseconds; more on a machine that is slow without a fault. */
let slow = 100;
const mib = 1024 * 1024;
const cli = '../src/cli/cli.ts';

const zone: Zone = {
  'brisk-otter.com': { MX: [[10, 'mx.brisk-otter.com']] },
  'mx.brisk-otter.com': { A: ['198.41.0.4'] },
};

interface Row {
  readonly fault: string;
  readonly figure: string;
  readonly limit: string;
  readonly ok: boolean;
}
const rows: Row[] = [];

function report(fault: string, value: number, most: number, unit: string): void {
  const row = { fault, figure: `${round(value)} ${unit}`, limit: `≤ ${most} ${unit}`, ok: value <= most };
  rows.push(row);
  console.log(`${row.ok ? 'held  ' : 'FAILED'} ${fault}: ${row.figure} (${row.limit})`);
}

const round = (value: number): number => Math.round(value * 10) / 10;

const doh = await startDohServer(zone);

async function withService(
  work: (server: Server, folder: string) => Promise<void>,
  { flags = [], ...environment }: { flags?: string[] } & Record<string, unknown> = {},
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'presend-chaos-'));
  const env = {
    PORT: '0',
    DOH_URLS: doh.url,
    ...asInstalled,
    NODE_OPTIONS: [asInstalled.NODE_OPTIONS, ...flags].join(' '),
    ...environment,
  } as NodeJS.ProcessEnv;
  const server = await startServer(cli, ['serve'], { cwd: folder, env });
  try {
    await work(server, folder);
  } finally {
    server.child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

const post = (url: string, path: string, body: string | Buffer<ArrayBuffer>, headers = {}) =>
  fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });

const validate = (url: string) => post(url, '/v1/validate', '{"email":"jane@brisk-otter.com"}');

/** The 99th percentile of the durations of a healthy client, in milliseconds, while `work` runs. */
async function p99During(url: string, work: () => Promise<unknown>, path = '/healthz'): Promise<number> {
  const client = new Worker(new URL('chaos-poll.ts', import.meta.url), { workerData: { url, path } });
  await once(client, 'message');
  await work();
  client.postMessage('stop');
  const [p99] = (await once(client, 'message')) as [number];
  return p99;
}

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

await withService(async ({ url }) => {
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
  await withService(async ({ url, child }) => {
    // Loads the code that an attack needs, whose memory is not the attack's.
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
  }, hooks);

{
} await doh.close(); process.exit(0);
