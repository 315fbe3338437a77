// The service on Cloudflare Workers. Bindings: DB (D1), FILES (R2) and WORK (a queue). Settings and secrets are
// environment variables.

import { eachTimeout } from '../clock.ts';
import { defaultLimits, type LimitName } from '../http/middleware/limits.ts';
import type { Jobs } from '../jobs/job-service.ts';
import type { SliceLimits } from '../jobs/read-file.ts';
import { type R2Like, r2Files } from '../storage/files/r2.ts';
import { type D1Like, d1Database } from '../storage/sqlite/d1.ts';
import { storageFault } from '../storage/storage-fault.ts';
import { webCryptoHasher } from '../suppression/web-crypto-hasher.ts';
import type { WebhookTransport } from '../webhooks/delivery.ts';
import { tokenKeyOf } from './key-material.ts';
import type { PlatformLimit } from './platform-limit.ts';
import { createService } from './service.ts';
import { readSettings } from './settings.ts';

interface Environment extends Readonly<Record<string, unknown>> {
  readonly DB: D1Like;
  readonly FILES: R2Like;
  readonly WORK: { send(message: object, options?: { delaySeconds: number }): Promise<unknown> };
}

/** The part of the platform's ExecutionContext that is used. */
interface Context {
  waitUntil(work: Promise<unknown>): void;
}

type Service = ReturnType<typeof createService>;

/** Created at an isolate's first request. Cached as a value, because requests must not share promises on Workers. */
let service: Service | undefined;

export default {
  async fetch(request: Request, environment: Environment, context: Context): Promise<Response> {
    const outcome = await theService(environment);
    if ('mistakes' in outcome) return notConfigured(outcome.mistakes);
    const { app, learning } = outcome.service;
    const response = await app.fetch(request, environment);
    context.waitUntil(learning.tend());
    return response;
  },

  /** A message means that there may be work: do one piece, then send a message for the next. */
  async queue(batch: { readonly messages: readonly unknown[] }, environment: Environment): Promise<void> {
    const outcome = await theService(environment);
    if ('mistakes' in outcome) throw new Error('not configured');
    for (const _ of batch.messages) await workOnce(outcome.service, environment);
    await outcome.service.learning.tend();
  },

  async scheduled(_event: unknown, environment: Environment): Promise<void> {
    const outcome = await theService(environment);
    if ('mistakes' in outcome) return;
    await outcome.service.jobs.maintain();
    await outcome.service.learning.maintain();
  },
};

async function theService(environment: Environment): ReturnType<typeof makeService> {
  if (service !== undefined) return { service };
  const made = await makeService(environment);
  if ('service' in made) service = made.service;
  return made;
}

/** The delay of the next message if storage failed, or if there is work that cannot start yet. */
const lookAgainSeconds = 10;

async function workOnce({ jobs, logJobError }: Service, { WORK }: Environment): Promise<void> {
  try {
    if (await jobs.doOne()) await WORK.send({});
    // Failed work is retried after some seconds, and work in progress may still fail.
    else if ((await jobs.workload()).open) await WORK.send({}, { delaySeconds: lookAgainSeconds });
  } catch (error) {
    if (storageFault(error) === null) throw error;
    logJobError(error);
    // Without a new message the work would wait for the Cron Trigger.
    await WORK.send({}, { delaySeconds: lookAgainSeconds });
  }
}

/** Sends one message for each free worker, if there is work. */
async function wake({ WORK }: Environment, jobs: Jobs, lanes: number): Promise<void> {
  const { leased, open } = await jobs.workload();
  if (!open) return;
  await Promise.all(Array.from({ length: Math.max(0, lanes - leased) }, () => WORK.send({})));
}

/** workerd resolves names itself and cannot reach private addresses. */
const callbackTransport: WebhookTransport = async ({ url, headers, body }) => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000),
    });
    await response.body?.cancel();
    return { kind: 'status', status: response.status };
  } catch (error) {
    return {
      kind: 'failed',
      cause: error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'network',
    };
  }
};

/**
 * A domain takes about three subrequests, or six with hedging. A paid plan allows 10,000 subrequests per message, but
 * runs only six at a time, so `domains` is small enough for a slice to take seconds.
 */
const sliceLimits: SliceLimits = {
  rows: 2000,
  domains: 300,
  bytes: 2 * 1024 * 1024,
  rowsAtOnce: 100,
};

/** Entries per cache of domains and DNS answers: about 20 MB of the isolate's 128 MB. */
const maxKept = 15_000;

async function makeService(
  environment: Environment,
): Promise<{ service: Service } | { mistakes: readonly string[] }> {
  const outcome = readSettings(environment);
  if (!outcome.ok) return outcome;
  const { settings } = outcome;
  const mistakes: string[] = [];
  if (settings.addressHashKey === null)
    mistakes.push('ADDRESS_HASH_KEY is not set. Set it with: wrangler secret put ADDRESS_HASH_KEY');
  // A Worker is open to the whole internet; only `npm run dev:worker`, which listens on loopback, sets KEYLESS.
  if (settings.adminKey === null && environment['KEYLESS'] !== 'loopback')
    mistakes.push('ADMIN_KEY is not set. Set it with: wrangler secret put ADMIN_KEY');
  // Falling back to public resolvers would leak domains that the operator keeps private.
  if (settings.dnsServers.length > 0)
    mistakes.push(
      'DNS_SERVERS works on Node.js only. Workers use DNS over HTTPS: remove it and set DOH_URLS.',
    );
  if (settings.addressHashKey === null || mistakes.length > 0) return { mistakes };
  const hasher = await webCryptoHasher(settings.addressHashKey);
  const created = createService({
    settings,
    database: d1Database(environment.DB),
    hasher,
    tokenMac: await webCryptoHasher(await tokenKeyOf(settings, hasher)),
    keyless: settings.adminKey === null,
    // Cloudflare overwrites this header, so callers cannot forge it.
    clientAddress: (c) => c.req.header('cf-connecting-ip') ?? '',
    platformLimits: platformLimits(environment),
    shareInFlight: false,
    // No shared counters: an aborted request might never release its share. Cloudflare limits connections and memory.
    serverLimits: { bodyBytes: null, hookBytes: null, batchRows: null, startTimeout: eachTimeout(10_000) },
    maxKept,
    jobs: {
      files: r2Files(environment.FILES),
      limits: sliceLimits,
      callbackTransport,
      // The caller's work is done; without a message the Cron Trigger finds it.
      wake: () => wake(environment, created.jobs, settings.jobs.lanes).catch(created.logJobError),
    },
    log: (line) => console.log(line),
  });
  return { service: created };
}

/** The rate-limit bindings in wrangler.toml, by the limit that each is named after. */
function platformLimits(environment: Environment): Partial<Record<LimitName, PlatformLimit>> {
  const names = Object.keys(defaultLimits) as LimitName[];
  const bound = names.filter((name) => environment[bindingOf(name)] !== undefined);
  return Object.fromEntries(bound.map((name) => [name, environment[bindingOf(name)] as PlatformLimit]));
}

/** `publishable_ip` is limited by LIMIT_PUBLISHABLE_IP. */
const bindingOf = (name: LimitName): string => `LIMIT_${name.toUpperCase()}`;

/** Logs the mistakes for the operator. The response does not name them. */
function notConfigured(mistakes: readonly string[]): Response {
  for (const mistake of mistakes)
    console.error(JSON.stringify({ level: 'error', event: 'not_configured', mistake }));
  return Response.json(
    { type: 'urn:presend:problem:not-configured', title: 'The service is not configured yet', status: 503 },
    { status: 503, headers: { 'content-type': 'application/problem+json' } },
  );
}
