// The service as Cloudflare runs it: the Worker in workerd, with the bindings of wrangler.toml (D1, R2, a queue with its consumer, rate
// limits), reached by HTTP on loopback, and a DoH server of a zone. Everything it stores is gone when it stops.
//
// Not `wrangler dev`: its proxy is a second Worker, its inspector keeps what the Worker logs, and it prints every request.

import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { installedSet } from '../../tools/on-demand/install.js';
import { startDohServer } from '../dns/doh-server.ts';
import type { Zone } from '../dns/zone.ts';

const root = join(import.meta.dirname, '../..');

/** The parts of Miniflare and wrangler that this file uses. They have no types here, because they are installed on demand. */
interface Miniflare {
  readonly ready: Promise<URL>;
  getD1Database(binding: string): Promise<D1>;
  dispose(): Promise<void>;
}
interface D1 {
  prepare(sql: string): object;
  batch(statements: readonly object[]): Promise<unknown>;
}
interface MiniflareModule {
  readonly Miniflare: new (options: object) => Miniflare;
  convertV4MiniflareOptions(options: object): object;
}
interface WranglerModule {
  unstable_getMiniflareWorkerOptions(configPath: string): { readonly workerOptions: object };
  unstable_splitSqlQuery(sql: string): string[];
}

const environment = { ...process.env, CI: '1', NO_COLOR: '1', WRANGLER_SEND_METRICS: 'false' };

/** Returns the code of a Worker as `wrangler deploy` would upload it. `entry` is its path in the repository. */
export async function bundleWorker(entry: string): Promise<string> {
  await installedSet('workers');
  const folder = mkdtempSync(join(tmpdir(), 'presend-bundle-'));
  try {
    const wrangler = join(root, 'node_modules/.bin/wrangler');
    const args = ['deploy', entry, '--dry-run', '--outdir', folder];
    await promisify(execFile)(wrangler, args, { cwd: root, env: environment });
    return readFileSync(join(folder, basename(entry).replace(/\.ts$/, '.js')), 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface WorkerdOptions {
  readonly code: string;
  /** Its settings and secrets. */
  readonly vars: Readonly<Record<string, string>>;
  /** Gets what workerd and the Worker print. */
  readonly onLog: (text: string) => void;
  /** Options of Miniflare that differ from wrangler.toml. */
  readonly differences?: object;
}

/** Starts a Worker in workerd, its D1 with all migrations and no data. */
export async function startWorkerd({ code, vars, onLog, differences = {} }: WorkerdOptions) {
  const require = createRequire(join(await installedSet('workers'), 'wrangler/package.json'));
  const { Miniflare, convertV4MiniflareOptions } = require('miniflare') as MiniflareModule;
  const wrangler = require('wrangler') as WranglerModule;
  const { workerOptions } = wrangler.unstable_getMiniflareWorkerOptions(join(root, 'wrangler.toml'));
  const server = new Miniflare(
    convertV4MiniflareOptions({
      ...workerOptions,
      modules: [{ type: 'ESModule', path: 'worker.mjs', contents: code }],
      bindings: vars,
      logRequests: false,
      cf: false,
      handleStructuredLogs: ({ message }: { readonly message: string }) => onLog(message),
      ...differences,
    }),
  );
  const url = `${await server.ready}`.replace(/\/$/, '');
  const d1 = await server.getD1Database('DB');
  const migrations = readdirSync(join(root, 'migrations')).filter((name) => name.endsWith('.sql'));
  await d1.batch(
    migrations
      .toSorted()
      .flatMap((name) =>
        wrangler.unstable_splitSqlQuery(readFileSync(join(root, 'migrations', name), 'utf8')),
      )
      .map((sql) => d1.prepare(sql)),
  );
  return { url, stop: () => server.dispose() };
}

export interface WorkerService {
  readonly url: string;
  /** Every line that was logged, as text. */
  readonly log: readonly string[];
  stop(): Promise<void>;
}

let code: Promise<string> | undefined;

export async function startWorkerService(options: {
  readonly zone: Zone;
  readonly settings?: Readonly<Record<string, string>>;
}): Promise<WorkerService> {
  code ??= bundleWorker('src/platform/worker.ts');
  const doh = await startDohServer(options.zone);
  const log: string[] = [];
  const { settings = {} } = options;
  const worker = await startWorkerd({
    code: await code,
    vars: {
      DOH_URLS: doh.url,
      ADDRESS_HASH_KEY: 'a key for tests that has 32 bytes',
      // As `npm run dev:worker` does, where the service has no key.
      ...(settings['ADMIN_KEY'] === undefined && { KEYLESS: 'loopback' }),
      ...settings,
    },
    onLog: (text) => log.push(...text.split('\n')),
  });
  return {
    url: worker.url,
    log,
    async stop() {
      await worker.stop();
      await doh.close();
    },
  };
}
