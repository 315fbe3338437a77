// Starts the Worker in workerd with Miniflare, and DoH servers for its questions.
//
// `wrangler dev` is too slow for a load: its proxy is a second Worker, its inspector keeps what the Worker logs, and it
// prints every request. On two cores it answers /healthz some 150 times a second.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createResponder } from '../../test/dns/zone.ts';
import { endlessZone } from '../../test/workerd/endless-zone.ts';
import { installedSet } from '../../tools/on-demand/install.js';

const root = join(import.meta.dirname, '../..');

export interface Isolate {
  readonly url: string;
  /** The folder in which the local D1 keeps its files. */
  readonly folder: string;
  /** The last lines that workerd and the Worker have printed, without the log lines of requests that succeeded. */
  readonly log: readonly string[];
  /** Resident memory in MiB of the workerd process. It runs the Worker, its D1, its R2 and its queue. */
  residentMiB(): number;
  /** Seconds of processor time that the workerd process has used. */
  cpuSeconds(): number;
  stop(): Promise<void>;
}

/** The part of Miniflare that this file uses. Miniflare is a dependency of wrangler and has no types here. */
interface MiniflareModule {
  readonly Miniflare: new (options: object) => { readonly ready: Promise<URL>; dispose(): Promise<void> };
  convertV4MiniflareOptions(options: object): object;
}

const miniflare = createRequire(join(await installedSet('workers'), 'wrangler/package.json'))(
  'miniflare',
) as MiniflareModule;

const environment = {
  ...process.env,
  CI: '1',
  NO_COLOR: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
};

const wrangler = (...args: readonly string[]): Buffer =>
  execFileSync(join(root, 'node_modules/.bin/wrangler'), args, {
    cwd: root,
    env: environment,
    stdio: 'pipe',
  });

let bundle: string | undefined;

/** Returns the code of bench/edge/entry.ts as `wrangler deploy` would upload it. */
function bundled(): string {
  if (bundle !== undefined) return bundle;
  const folder = mkdtempSync(join(tmpdir(), 'presend-edge-bundle-'));
  wrangler('deploy', 'bench/edge/entry.ts', '--dry-run', '--outdir', folder);
  bundle = readFileSync(join(folder, 'entry.js'), 'utf8');
  rmSync(folder, { recursive: true });
  return bundle;
}

/** Maximum number of lines in `Isolate.log`. */
const keptLines = 1000;

/** Starts bench/edge/entry.ts with an empty database and the bindings of wrangler.toml, except its rate limits. */
export async function startIsolate(vars: Readonly<Record<string, string>>): Promise<Isolate> {
  const folder = mkdtempSync(join(tmpdir(), 'presend-edge-'));
  wrangler('d1', 'migrations', 'apply', 'presend', '--local', '--persist-to', folder);
  const log: string[] = [];
  const keep = ({ message }: { readonly message: string }) => {
    if (message.includes('"level":"info"')) return;
    log.push(...message.split('\n'));
    log.splice(0, log.length - keptLines);
  };
  const before = new Set(children());
  const server = new miniflare.Miniflare(
    miniflare.convertV4MiniflareOptions({
      modules: [{ type: 'ESModule', path: 'entry.mjs', contents: bundled() }],
      ...platformOf(readFileSync(join(root, 'wrangler.toml'), 'utf8')),
      d1Databases: { DB: '00000000-0000-0000-0000-000000000000' },
      r2Buckets: { FILES: 'presend-lists' },
      queueProducers: { WORK: { queueName: 'presend-work' } },
      queueConsumers: { 'presend-work': { maxBatchSize: 1, maxBatchTimeout: 0, maxRetries: 3 } },
      resourcePersistencePath: join(folder, 'v3'),
      bindings: { KEYLESS: 'loopback', ADDRESS_HASH_KEY: 'a key of 32 bytes for the bench.', ...vars },
      logRequests: false,
      cf: false,
      handleStructuredLogs: keep,
    }),
  );
  const url = `${await server.ready}`.replace(/\/$/, '');
  const pid = children().find((child) => !before.has(child))!;
  return {
    url,
    folder,
    log,
    residentMiB: () =>
      Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024,
    cpuSeconds() {
      const fields = statOf(pid);
      return (Number(fields[11]) + Number(fields[12])) / ticks;
    },
    async stop() {
      await server.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The compatibility settings in wrangler.toml. */
function platformOf(toml: string) {
  return {
    compatibilityDate: /^compatibility_date = "(.+)"/m.exec(toml)![1]!,
    compatibilityFlags: JSON.parse(/^compatibility_flags = (\[.*\])/m.exec(toml)![1]!) as string[],
  };
}

/** Clock ticks per second in /proc/PID/stat; the same on every Linux. */
const ticks = 100;

/** The fields of /proc/PID/stat after the name of the process. */
const statOf = (pid: string): readonly string[] =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');

/** The process ids of the workerd processes that this process started. */
const children = (): readonly string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        readFileSync(`/proc/${pid}/comm`, 'utf8') === 'workerd\n' &&
        statOf(pid)[1] === String(process.pid)
      );
    } catch {
      // The process has ended.
      return false;
    }
  });

export interface DelayedDoh {
  readonly url: string;
  asked: number;
  close(): void;
}

/** Starts a DoH server that answers every question about `endlessZone` after `ms` milliseconds. */
export async function startDelayedDoh(ms: number): Promise<DelayedDoh> {
  const respond = createResponder(
    endlessZone({ 'mx.brisk-otter.com': { A: ['198.41.0.4'] }, 'cloudflare.com': { A: ['198.41.0.4'] } }),
  );
  const doh = { url: '', asked: 0, close: () => server.close() };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    doh.asked++;
    const reply = respond(new Uint8Array(Buffer.concat(chunks)));
    if (reply === null) return;
    if (ms > 0) await delay(ms);
    response.writeHead(reply.status, { 'content-type': reply.contentType }).end(reply.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  doh.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/dns-query`;
  return doh;
}
