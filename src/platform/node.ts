// The service on plain Node: HTTP on one port, SQLite in one file.

import { resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import type { HttpBindings } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import { sharedTimeout } from '../clock.ts';
import { fetchTransport } from '../dns/transport/fetch.ts';
import { createHttp2Transport } from '../dns/transport/http2.ts';
import { dnsServerText } from '../dns/transport/plain.ts';
import { plainDnsOf } from '../dns/transport/plain-node.ts';
import { isLoopback } from '../domain/ip-address.ts';
import { capacityOf } from '../http/middleware/body.ts';
import { isEndless } from '../http/routes/job-events.ts';
import type { SliceLimits } from '../jobs/slice-limits.ts';
import { nodeFiles } from '../storage/files/disk.ts';
import { checkpointBy } from '../storage/sqlite/node-sqlite.ts';
import { holdsKeys } from '../storage/sqlite/start-checks.ts';
import type { AddressHasher } from '../suppression/address-hash.ts';
import { nodeHasher } from '../suppression/node-hasher.ts';
import { version } from '../version.ts';
import { defaultWorkbookLimits } from '../xlsx/workbook-limits.ts';
import { sendAlertMail } from './alert-mail.ts';
import { nodeCallbackTransport } from './callback-transport.ts';
import { clientAddressOf, trustedNetworks } from './client-address.ts';
import { compressing } from './compress.ts';
import { dataFilePath, watchDataFile } from './data-file.ts';
import { filesFolder } from './data-places.ts';
import { openDatabase } from './database-file.ts';
import { createDatabaseThread } from './database-thread.ts';
import { createEventThread } from './event-thread.ts';
import { hashKey } from './hash-key-file.ts';
import { startJobRunner } from './job-runner.ts';
import { tokenKeyOf } from './key-material.ts';
import { lineLog } from './log-lines.ts';
import { eventLine, type LogFields } from './log-messages.ts';
import { lowerV8Priority } from './low-priority.ts';
import { memoryLimitsOf } from './memory-limits.ts';
import { nodeOverrideFiles } from './node-override-files.ts';
import { startNodeServer } from './node-server.ts';
import { nodePolicyTransport } from './policy-transport.ts';
import { nodeProbeTransport } from './probe-transport.ts';
import { processMetrics } from './process-metrics.ts';
import { createReportProcess } from './report-process.ts';
import { nodeResolverAdvice } from './resolver-advice.ts';
import type { Runtime } from './runtime.ts';
import { createService } from './service.ts';
import type { SmtpRuntime } from './service-prober.ts';
import { readSettings, type Settings } from './settings.ts';
import type { Tracing } from './tracing.ts';
import { UsageError } from './usage-error.ts';

/**
 * Maximum size of a slice, the part of a list that is verified and stored in one go. Small, so a crash loses
 * little work; but large enough that the database is queried rarely.
 */
const nodeSliceLimits: SliceLimits = {
  rows: 2000,
  domains: 1000,
  bytes: 4 * 1024 * 1024,
  rowsAtOnce: 500,
  workbook: { ...defaultWorkbookLimits, stringBytes: 128 * 1024 * 1024 },
};

/**
 * Maximum bytes of all webhook bodies in memory, and of those from one client network. The largest body that any vendor
 * sends fits into both.
 */
const maxHookBytes = 16 * 1024 * 1024;
const maxHookBytesOfClient = 8 * 1024 * 1024;

const bodyTimeoutMs = 10_000;

/**
 * Milliseconds that a client may take to receive the response to a batch. Until then the response occupies memory that
 * `batchRows` limits.
 */
const sendTimeoutMs = 60_000;

/**
 * Milliseconds that slices of lists have to finish when the service stops. Slices that do not finish are verified again
 * after the next start.
 */
const sliceGraceMs = 500;

/** Milliseconds that requests in progress have to finish when the service stops. */
const graceMs = 10_000;

/**
 * By how many percent the heap may grow between two garbage collections. By default V8 lets it grow to several times
 * the live data; a lower value saves memory.
 */
const heapGrowthPercent = 50;

/** Milliseconds between two checks whether the data pack changed. */
const dataCheckMs = 10_000;

/**
 * Milliseconds between calls of `learning.tend`, which stores new predictions and reloads the model when it is too old, of
 * `hookStates.tend`, `keyUses.tend`, `historyCounting.tend` and `resolverWatch.tend`.
 */
const tendMs = 1000;

/** Starts the service and stops it on SIGTERM or SIGINT. Invalid settings are printed and end the process with status 2. */
export async function serve(environment: Readonly<Record<string, unknown>>): Promise<void> {
  setFlagsFromString(`--heap-growing-percent=${heapGrowthPercent}`);
  lowerV8Priority();
  const outcome = readSettings(environment);
  if (!outcome.ok) refuse(outcome.mistakes);
  const { settings } = outcome;
  const { sqlite, database } = orUsageError(() => openDatabase(settings.databasePath));
  const keyMade = holdsKeys(sqlite);
  if (settings.adminKey === null && !keyMade && !isLoopback(settings.host))
    refuse([
      `HOST is ${settings.host}, and there is no API key: anyone who can reach this address could use the service and read the suppression list.`,
      'Set ADMIN_KEY to a secret that callers send as "Authorization: Bearer …" (generate one with: openssl rand -hex 32),',
      'or create an API key with: presend keys create --name NAME, or set HOST to 127.0.0.1.',
    ]);

  const keyBytes = orUsageError(() => hashKey(settings, sqlite));
  const hasher = nodeHasher(keyBytes);
  const runtime = await nodeRuntime(settings, hasher).catch((error: unknown) => {
    if (error instanceof RangeError) refuse([error.message]);
    throw error;
  });
  const log = lineLog((text) => process.stdout.write(text));
  const logEvent = (line: LogFields): void => log(eventLine(line, Date.now()));
  const overrideFiles = nodeOverrideFiles(settings, logEvent);
  await overrideFiles?.refresh().catch((error: Error) => refuse([error.message]));
  const threads = settings.databasePath === ':memory:' ? null : startThreads(settings, keyBytes, sqlite);
  const dataFile = dataFilePath(settings);
  const dataWatch = dataFile === null ? null : watchDataFile(dataFile, settings.data.publicKeys, logEvent);
  await dataWatch?.refresh();
  const tracing = await tracingOf(settings, logEvent);
  const {
    app,
    jobs,
    learning,
    hookStates,
    keyUses,
    historyCounting,
    resolverWatch,
    tendProber,
    logJobError,
  } = createService({
    ...runtime,
    database: tracing?.database(database) ?? database,
    ...(tracing && { tracing }),
    ...threads?.ports,
    ...(tracing && threads && { backgroundDatabase: tracing.database(threads.backgroundDatabase) }),
    ...(overrideFiles && { overrideFiles: overrideFiles.lists }),
    transport: createHttp2Transport(fetchTransport(fetch)),
    ...plainDnsOf(settings),
    jobs: {
      files: nodeFiles(filesFolder(settings)),
      limits: nodeSliceLimits,
      callbackTransport: nodeCallbackTransport,
      wake: () => runner.wake(),
    },
    resolverAdvice: nodeResolverAdvice(),
    sendAlertMail,
    processMetrics,
    log,
  });

  const runner = startJobRunner(jobs, { lanes: settings.jobs.lanes, onError: logJobError });

  const { host, port, maxConnections } = settings;
  const server = await startNodeServer({
    fetch: compressing(tracing?.wrap(app.fetch) ?? app.fetch),
    host,
    port,
    isEndless,
    maxConnections,
  }).catch((error: NodeJS.ErrnoException) =>
    refuse([
      error.code === 'EADDRINUSE'
        ? `Port ${port} on ${host} is already in use. Set PORT to another port.`
        : `Cannot listen on ${host} port ${port}: ${error.code ?? error.message}.`,
    ]),
  );
  const tending = setInterval(() => {
    resolverWatch.tend();
    tendProber();
    learning.tend();
    hookStates.tend();
    keyUses.tend();
    historyCounting.tend();
  }, tendMs).unref();
  if (dataWatch !== null) setInterval(dataWatch.refresh, dataCheckMs).unref();

  const stop = async (): Promise<void> => {
    clearInterval(tending);
    const worked = runner.stop();
    // Ends the process if stopping takes too long. A second signal of the same kind ends it at once, because
    // `process.once` handles only the first.
    setTimeout(() => process.exit(1), graceMs + 1000).unref();
    const answered = await server.stop(graceMs);
    await Promise.race([worked, delay(sliceGraceMs)]);
    await learning.storeAll();
    await hookStates.storeAll();
    await keyUses.storeAll();
    await tracing?.flush();
    await threads?.close();
    sqlite.close();
    process.exit(answered ? 0 : 1);
  };
  // Handle signals before the greeting is printed: a script that waits for the greeting may stop the service at once.
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const needed = settings.adminKey !== null ? 'ADMIN_KEY' : keyMade ? 'see "presend keys list"' : null;
  process.stdout.write(greeting(settings, server.port, needed));
  // After the greeting, because it loads TLS: that takes 10 ms, in which the service can be asked already.
  resolverWatch.tend();
}

/** Prepares the threads that work on the database file next to the main thread. Each starts when it is needed. */
function startThreads(settings: Settings, keyBytes: Uint8Array, sqlite: DatabaseSync) {
  const path = resolve(settings.databasePath);
  const { suppressionRules, engagementRetentionMs, eventHotMs, espSecrets, reportTimeZone, listProfile } =
    settings;
  const background = createDatabaseThread(path);
  const reports = createReportProcess({ path, settings: { reportTimeZone, listProfile } });
  const events = createEventThread(
    {
      path,
      hashKey: keyBytes,
      settings: { suppressionRules, engagementRetentionMs, eventHotMs, espSecrets, listProfile },
    },
    (isRunning) => {
      if (sqlite.isOpen) checkpointBy(sqlite, isRunning);
    },
  );
  const ports: Pick<
    Runtime,
    'backgroundDatabase' | 'answerReport' | 'findIncidents' | 'findCauses' | 'eventIntake'
  > = {
    backgroundDatabase: background.database,
    answerReport: reports.answer,
    findIncidents: reports.findIncidents,
    findCauses: reports.findCauses,
    eventIntake: events.intake,
  };
  return {
    ports,
    backgroundDatabase: background.database,
    close: () => Promise.all([events.close(), reports.close(), background.close()]),
  };
}

/** Milliseconds between two requests to the collector of traces. */
const traceEveryMs = 5000;

/** Returns the recorder of traces, whose module is loaded only now; null if traces are off. */
async function tracingOf({ traces }: Settings, log: (line: LogFields) => void): Promise<Tracing | null> {
  if (traces === null) return null;
  const { createTracing } = await import('./tracing.ts');
  const tracing = createTracing(traces, (cause) => log({ level: 'warning', event: 'traces_failed', cause }));
  setInterval(tracing.flush, traceEveryMs).unref();
  return tracing;
}

/** How Node reaches mail hosts: by its sockets, or through PROBE_PROXY. */
export async function smtpOfNode({ proof: { proxy } }: Settings): Promise<SmtpRuntime> {
  if (proxy === null) return { connect: (await import('../mailbox/transport/node.ts')).directConnect() };
  return { connect: (await import('../mailbox/transport/socks5.ts')).socksConnect(proxy) };
}

/**
 * Returns the parts of the service that Node provides, except database, files, DNS transport and log.
 * @throws RangeError if TRUSTED_PROXIES contains an invalid network.
 */
export async function nodeRuntime(
  settings: Settings,
  hasher: AddressHasher,
): Promise<Omit<Runtime, 'database' | 'transport' | 'plainDns' | 'jobs' | 'resolverAdvice' | 'log'>> {
  const limits = memoryLimitsOf(getHeapStatistics().heap_size_limit);
  return {
    settings,
    hasher,
    tokenMac: nodeHasher(await tokenKeyOf(settings, hasher)),
    keyless: settings.adminKey === null && isLoopback(settings.host),
    clientAddress: clientAddressBy(settings),
    policyTransport: nodePolicyTransport,
    probeTransport: nodeProbeTransport,
    ...(settings.proof.heloName !== null && { smtp: await smtpOfNode(settings) }),
    shareInFlight: true,
    ...(limits.domains !== null && { maxKept: limits.domains }),
    serverLimits: {
      bodyBytes: capacityOf(limits.bodyBytes),
      hookBytes: capacityOf(maxHookBytes, maxHookBytesOfClient),
      batchRows: capacityOf(limits.batchRows),
      whenSent,
      startTimeout: sharedTimeout(bodyTimeoutMs),
    },
  };
}

/**
 * Calls `release` when the client has received the response. If that takes longer than `sendTimeoutMs`, the connection
 * is closed and `release` is called then.
 */
function whenSent(c: Context<{ Bindings: Partial<HttpBindings> }>, release: () => void): void {
  // A request that a program hands to `app.fetch` has no connection, and may have no environment.
  const outgoing = (c.env as Partial<HttpBindings> | undefined)?.outgoing;
  if (outgoing === undefined || outgoing.closed) {
    release();
    return;
  }
  const timer = setTimeout(() => outgoing.destroy(), sendTimeoutMs).unref();
  outgoing.once('close', () => {
    clearTimeout(timer);
    release();
  });
}

function clientAddressBy({ trustedProxies }: Settings): (c: Context) => string {
  const peerOf = (c: Context): string => getConnInfo(c).remote.address ?? '';
  if (trustedProxies.length === 0) return peerOf;
  const trusted = trustedNetworks(trustedProxies);
  return (c) => clientAddressOf(peerOf(c), c.req.header('x-forwarded-for'), trusted);
}

function greeting(settings: Settings, port: number, needed: string | null): string {
  const { host, databasePath, dohUrls, dnsServers } = settings;
  const resolvers =
    dnsServers.length > 0 ? dnsServers.map(dnsServerText) : dohUrls.map((doh) => new URL(doh).host);
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return [
    `presend ${version} listens on ${url}`,
    `  docs       ${url}/docs`,
    `  resolvers  ${resolvers.join(', ')}`,
    `  database   ${databasePath}`,
    `  keys       ${needed ?? 'not required on loopback'}`,
    '',
  ].join('\n');
}

/** Returns the result of `work`. If it throws a UsageError, prints the message and ends the process with status 2. */
function orUsageError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UsageError) refuse([error.message]);
    throw error;
  }
}

function refuse(reasons: readonly string[]): never {
  process.stderr.write(`presend cannot start.\n${reasons.map((reason) => `  ${reason}\n`).join('')}`);
  process.exit(2);
}
