// The service as Node runs it, listening on loopback, over a database in memory and a DoH server of a zone.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Timers } from '../../src/clock.ts';
import type { Fetch } from '../../src/crm/vendor-client.ts';
import { plainDnsOf } from '../../src/dns/transport/plain-node.ts';
import type { ServerLimits } from '../../src/http/middleware/body.ts';
import { isEndless } from '../../src/http/routes/job-events.ts';
import { sendAlertMail } from '../../src/platform/alert-mail.ts';
import { nodeCallbackTransport } from '../../src/platform/callback-transport.ts';
import { compressing } from '../../src/platform/compress.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { startJobRunner } from '../../src/platform/job-runner.ts';
import { nodeRuntime } from '../../src/platform/node.ts';
import { startNodeServer } from '../../src/platform/node-server.ts';
import { processMetrics } from '../../src/platform/process-metrics.ts';
import { createService } from '../../src/platform/service.ts';
import type { SmtpRuntime } from '../../src/platform/service-prober.ts';
import { readSettings } from '../../src/platform/settings.ts';
import type { Database } from '../../src/storage/database.ts';
import { nodeFiles } from '../../src/storage/files/disk.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { type DohServer, startDohServer } from '../dns/doh-server.ts';
import type { Zone } from '../dns/zone.ts';

export interface NodeService {
  readonly url: string;
  readonly doh: DohServer;
  /** The application without the server, for tests of very many requests. */
  readonly handle: (request: Request) => Promise<Response>;
  /** `METHOD /path` of every route, parameters as in OpenAPI. */
  readonly routes: readonly string[];
  readonly database: Database;
  /** The folder of the file store. */
  readonly files: string;
  /** Every line that was logged, as text. */
  readonly log: string[];
  /** What the runtime does now and then beside its answers. */
  readonly tend: () => Promise<void>;
  /** The upkeep of jobs, such as verifying kept lists that are due. */
  readonly maintain: () => Promise<void>;
  stop(): Promise<void>;
}

export interface NodeServiceOptions {
  readonly zone: Zone;
  readonly settings?: Readonly<Record<string, string>>;
  /** How the APIs of CRMs are reached. */
  readonly fetch?: Fetch;
  /** Wraps the database. */
  readonly database?: (real: Database) => Database;
  /** Wraps the database for work in the background, which is the same database otherwise. */
  readonly backgroundDatabase?: (real: Database) => Database;
  /** Instead of those of Node. */
  readonly serverLimits?: Partial<ServerLimits>;
  /** Instead of the system's. */
  readonly timers?: Timers;
  /** How mail hosts are reached, instead of by sockets. */
  readonly smtp?: SmtpRuntime;
}

export async function startNodeService({
  zone,
  settings = {},
  fetch,
  database = (real) => real,
  backgroundDatabase,
  serverLimits = {},
  timers,
  smtp,
}: NodeServiceOptions): Promise<NodeService> {
  const doh = await startDohServer(zone);
  const outcome = readSettings({ DOH_URLS: doh.url, ...settings });
  if (!outcome.ok) throw new Error(outcome.mistakes.join(' '));
  const memory = openDatabase(':memory:');
  const log: string[] = [];
  const files = mkdtempSync(join(tmpdir(), 'presend-test-'));
  const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));
  const runtime = await nodeRuntime(outcome.settings, hasher);
  const { app, jobs, learning, logJobError } = createService({
    ...runtime,
    serverLimits: { ...runtime.serverLimits, ...serverLimits },
    database: database(memory.database),
    ...(backgroundDatabase && { backgroundDatabase: backgroundDatabase(memory.database) }),
    ...plainDnsOf(outcome.settings),
    ...(fetch && { fetch }),
    ...(timers && { timers }),
    ...(smtp && { smtp }),
    jobs: {
      files: nodeFiles(files),
      limits: { rows: 4, domains: 3, bytes: 1_000_000, rowsAtOnce: 2 },
      callbackTransport: nodeCallbackTransport,
      wake: () => runner.wake(),
    },
    sendAlertMail,
    processMetrics,
    log: (line) => log.push(line),
  });
  const runner = startJobRunner(jobs, { lanes: 2, onError: logJobError });
  const { maxConnections } = outcome.settings;
  const server = await startNodeServer({
    fetch: compressing(app.fetch),
    host: '127.0.0.1',
    port: 0,
    isEndless,
    maxConnections,
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    doh,
    database: memory.database,
    files,
    handle: async (request) => app.fetch(request, { incoming: { socket: { remoteAddress: '127.0.0.1' } } }),
    routes: [
      ...new Set(
        app.routes
          .filter(({ method }) => method !== 'ALL')
          .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`),
      ),
    ],
    log,
    tend: learning.tend,
    maintain: async () => {
      await jobs.maintain();
      runner.wake();
    },
    async stop() {
      await server.stop(5000);
      await runner.stop();
      await doh.close();
      memory.sqlite.close();
      rmSync(files, { recursive: true });
    },
  };
}
