// The service on Cloudflare Workers. It needs the bindings DB (D1), FILES (R2) and WORK (a queue). Settings and secrets
// come from environment variables.

import { eachTimeout } from '../clock.ts';
import { defaultLimits, type LimitName } from '../http/middleware/limits.ts';
import type { Jobs } from '../jobs/job-service.ts';
import type { SliceLimits } from '../jobs/slice-limits.ts';
import type { ProbeTransport } from '../mailbox/remote-prober.ts';
import { maxPolicyBytes, type PolicyTransport, policyOfStatus } from '../preflight/mta-sts.ts';
import { type R2Like, r2Files } from '../storage/files/r2.ts';
import { type D1Like, d1Database } from '../storage/sqlite/d1.ts';
import { storageFault } from '../storage/storage-fault.ts';
import { webCryptoHasher } from '../suppression/web-crypto-hasher.ts';
import type { WebhookTransport } from '../webhooks/delivery.ts';
import { defaultWorkbookLimits } from '../xlsx/workbook-limits.ts';
import { tokenKeyOf } from './key-material.ts';
import { eventLine } from './log-messages.ts';
import type { PlatformLimit } from './platform-limit.ts';
import { createService } from './service.ts';
import { readSettings } from './settings.ts';
import { createTracing, type Tracing } from './tracing.ts';
import { type MailBinding, workerAlertMail } from './worker-alert-mail.ts';

interface Environment extends Readonly<Record<string, unknown>> {
  readonly DB: D1Like;
  readonly FILES: R2Like;
  /** Sends e-mail. Absent if wrangler.toml does not bind it. */
  readonly EMAIL?: MailBinding;
  readonly WORK: { send(message: object, options?: { delaySeconds: number }): Promise<unknown> };
}

/** The part of the platform's ExecutionContext that this code uses. */
interface Context {
  waitUntil(work: Promise<unknown>): void;
}

type Service = ReturnType<typeof createService> & { readonly tracing: Tracing | null };

/**
 * The service of this isolate, created by its first request. The variable holds the service and not a promise of it,
 * because on Workers one request must not await a promise of another.
 */
let service: Service | undefined;

export default {
  async fetch(request: Request, environment: Environment, context: Context): Promise<Response> {
    const outcome = await theService(environment);
    if ('mistakes' in outcome) return notConfigured(outcome.mistakes);
    const { app, learning, hookStates, keyUses, tracing } = outcome.service;
    const handle = (asked: Request): Response | Promise<Response> => app.fetch(asked, environment);
    const response = await (tracing?.wrap(handle) ?? handle)(request);
    context.waitUntil(
      Promise.all([learning.tend(), hookStates.tend(), keyUses.tend()]).finally(() => tracing?.flush()),
    );
    return response;
  },

  /**
   * Handles messages of the queue. A message has no content: it means that there may be work. Each message does one
   * piece of work. If there was any, it sends a message for the next piece.
   */
  async queue(batch: { readonly messages: readonly unknown[] }, environment: Environment): Promise<void> {
    const outcome = await theService(environment);
    if ('mistakes' in outcome) throw new Error(`not configured: ${outcome.mistakes.join(' ')}`);
    const { learning, tracing } = outcome.service;
    try {
      for (const _ of batch.messages) await workOnce(outcome.service, environment);
      await learning.tend();
    } finally {
      await tracing?.flush();
    }
  },

  async scheduled(_event: unknown, environment: Environment): Promise<void> {
    const outcome = await theService(environment);
    if ('mistakes' in outcome) return;
    const { jobs, historyCounting, learning, tracing } = outcome.service;
    try {
      await jobs.maintain();
      await historyCounting.tend();
      await learning.maintain();
    } finally {
      await tracing?.flush();
    }
  },
};

async function theService(environment: Environment): ReturnType<typeof makeService> {
  if (service !== undefined) return { service };
  const made = await makeService(environment);
  if ('service' in made) service = made.service;
  return made;
}

/** Seconds until the next message is delivered, if storage failed or if the remaining work cannot start yet. */
const lookAgainSeconds = 10;

async function workOnce({ jobs, logJobError }: Service, { WORK }: Environment): Promise<void> {
  try {
    if (await jobs.doOne()) await WORK.send({});
    // Some work cannot start now: failed work waits for its retry, and work in progress may still fail.
    else if ((await jobs.workload()).open) await WORK.send({}, { delaySeconds: lookAgainSeconds });
  } catch (error) {
    if (storageFault(error) === null) throw error;
    logJobError(error);
    // Look again soon. Without a new message, the work would wait for the Cron Trigger.
    await WORK.send({}, { delaySeconds: lookAgainSeconds });
  }
}

/** Sends one message for each worker that is free, if there is work. `lanes` is the maximum number of workers. */
async function wake({ WORK }: Environment, jobs: Jobs, lanes: number): Promise<void> {
  const { leased, open } = await jobs.workload();
  if (!open) return;
  await Promise.all(Array.from({ length: Math.max(0, lanes - leased) }, () => WORK.send({})));
}

/**
 * Sends one webhook by POST. Unlike on Node, the addresses that the caller checked are not used: the Workers runtime
 * looks up names itself, and it cannot reach private addresses.
 */
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
    return { kind: 'status', status: response.status, retryAfter: response.headers.get('retry-after') };
  } catch (error) {
    return {
      kind: 'failed',
      cause: error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'network',
    };
  }
};

/** Asks another presend about mailboxes. The runtime looks up the name itself, as for webhooks. */
const probeTransport: ProbeTransport = async ({ url, headers, body, timeoutMs, maxBytes }) => {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    let text = '';
    for await (const part of (response.body ?? new Blob([]).stream()).pipeThrough(new TextDecoderStream())) {
      text += part;
      if (text.length > maxBytes) return { kind: 'failed', cause: 'answer too long' };
    }
    const { status } = response;
    return { kind: 'answer', status, retryAfter: response.headers.get('retry-after'), text };
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    return { kind: 'failed', cause: isLate ? 'timeout' : 'network' };
  }
};

/**
 * Fetches an MTA-STS policy. As for webhooks, the runtime looks up the name itself, and it cannot reach private addresses.
 */
const policyTransport: PolicyTransport = async ({ url, signal }) => {
  try {
    const response = await fetch(url, { redirect: 'manual', signal });
    if (response.status !== 200) {
      await response.body?.cancel();
      // Cloudflare answers with 52x if it cannot connect to the host or verify its certificate; the host itself said nothing.
      return isOfCloudflare(response.status)
        ? { kind: 'no_answer', cause: 'network' }
        : policyOfStatus(response.status);
    }
    let text = '';
    for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (text.length > maxPolicyBytes) return { kind: 'failed', why: 'the policy is longer than 64 KiB' };
    }
    return { kind: 'text', text };
  } catch {
    return { kind: 'no_answer', cause: signal.aborted ? 'timeout' : 'network' };
  }
};

/** https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/ */
const isOfCloudflare = (status: number): boolean => status >= 520 && status <= 530;

/**
 * Maximum size of a slice, the part of a list that one message verifies. A domain takes about three subrequests, or six
 * if slow DNS lookups are also sent to a second resolver. A paid plan allows 10,000 subrequests per message, but runs
 * only six at a time. With 300 domains a slice takes only seconds.
 */
const sliceLimits: SliceLimits = {
  rows: 2000,
  domains: 300,
  bytes: 2 * 1024 * 1024,
  rowsAtOnce: 100,
  workbook: {
    ...defaultWorkbookLimits,
    unpackedBytes: 256 * 1024 * 1024,
    stringBytes: 24 * 1024 * 1024,
  },
};

/**
 * Maximum number of entries in each cache of domains and DNS answers. The caches together take about 20 MB of the
 * isolate's 128 MB.
 */
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
  // A Worker is open to the whole internet, so it needs ADMIN_KEY. Only `npm run dev:worker`, which listens on
  // loopback, sets KEYLESS.
  if (settings.adminKey === null && environment['KEYLESS'] !== 'loopback')
    mistakes.push('ADMIN_KEY is not set. Set it with: wrangler secret put ADMIN_KEY');
  // Plain DNS does not work on Workers, so refuse to serve. Asking public resolvers instead would reveal domains that
  // the operator keeps private.
  if (settings.dnsServers.length > 0)
    mistakes.push(
      'DNS_SERVERS works on Node.js only. Workers use DNS over HTTPS: remove it and set DOH_URLS.',
    );
  if (settings.proof.heloName !== null || settings.proof.proxy !== null)
    mistakes.push(
      'SMTP_HELO_NAME and PROBE_PROXY work on Node.js only, because Workers cannot reach port 25. Remove them, and set PROBE_URL to a presend on Node.js.',
    );
  if (settings.alerts.mail !== null && settings.alerts.mail.smtpUrl !== null)
    mistakes.push(
      'ALERT_SMTP_URL works on Node.js only. Remove it, and bind EMAIL in wrangler.toml: the platform sends the e-mails.',
    );
  if (settings.addressHashKey === null || mistakes.length > 0) return { mistakes };
  const hasher = await webCryptoHasher(settings.addressHashKey);
  const log = (line: string): void => console.log(line);
  const tracing =
    settings.traces === null
      ? null
      : createTracing(settings.traces, (cause) =>
          log(eventLine({ level: 'warning', event: 'traces_failed', cause }, Date.now())),
        );
  const database = d1Database(environment.DB);
  const created = createService({
    settings,
    database: tracing?.database(database) ?? database,
    ...(tracing && { tracing }),
    hasher,
    tokenMac: await webCryptoHasher(await tokenKeyOf(settings, hasher)),
    keyless: settings.adminKey === null,
    // Cloudflare overwrites this header on every request, so callers cannot forge it.
    clientAddress: (c) => c.req.header('cf-connecting-ip') ?? '',
    platformLimits: platformLimits(environment),
    policyTransport,
    probeTransport,
    shareInFlight: false,
    // No limits on bytes and rows in memory: they are counters that several requests share, and a request that the
    // platform aborts might never release its part. Cloudflare itself limits connections and memory.
    serverLimits: { bodyBytes: null, hookBytes: null, batchRows: null, startTimeout: eachTimeout(10_000) },
    maxKept,
    jobs: {
      files: r2Files(environment.FILES),
      limits: sliceLimits,
      callbackTransport,
      // A failure to send the messages is only logged: the change that the caller asked for is stored, and the Cron
      // Trigger finds the work.
      wake: () => wake(environment, created.jobs, settings.jobs.lanes).catch(created.logJobError),
    },
    ...(environment.EMAIL && { sendAlertMail: workerAlertMail(environment.EMAIL) }),
    log,
  });
  return { service: { ...created, tracing } };
}

/** Returns the rate-limit bindings that wrangler.toml defines, by the name of the limit. */
function platformLimits(environment: Environment): Partial<Record<LimitName, PlatformLimit>> {
  const names = Object.keys(defaultLimits) as LimitName[];
  const bound = names.filter((name) => environment[bindingOf(name)] !== undefined);
  return Object.fromEntries(bound.map((name) => [name, environment[bindingOf(name)] as PlatformLimit]));
}

/** Returns the name of the binding for a limit: LIMIT_PUBLISHABLE_IP for `publishable_ip`. */
const bindingOf = (name: LimitName): string => `LIMIT_${name.toUpperCase()}`;

/**
 * Answers a request while the settings are invalid. The mistakes are logged for the operator; the response does not
 * name them.
 */
function notConfigured(mistakes: readonly string[]): Response {
  for (const mistake of mistakes)
    console.error(eventLine({ level: 'error', event: 'not_configured', mistake }, Date.now()));
  return Response.json(
    {
      type: 'urn:presend:problem:not-configured',
      title: 'Service not configured',
      detail: 'A setting is missing or invalid. The log of the service names it.',
      status: 503,
    },
    { status: 503, headers: { 'content-type': 'application/problem+json' } },
  );
}
