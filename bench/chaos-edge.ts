// `npm run chaos -- edge`: runs the Worker in workerd under load and with a failing D1. Prints each figure with its
// limit.
//
// It takes about 25 minutes, or 5 with `--short`. EDGE_ONLY runs only one part: cold, load, six or outage. EDGE_SECONDS is
// the length of the load in seconds; 300 by default, 30 with `--short`.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createChaosTable } from './chaos-table.ts';
import type { D1Fault } from './edge/entry.ts';
import { type DelayedDoh, type Isolate, startDelayedDoh, startIsolate } from './edge/isolate.ts';

const only = process.env['EDGE_ONLY'];
const { values: options } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean', default: false } },
});
const secret = 'a secret of Postmark';
/** Seconds for which D1 fails in each way. */
const outageSeconds = options.short
  ? { errors: 20, hangs: 20, lock: 20 }
  : { errors: 600, hangs: 60, lock: 60 };
const loadSeconds = Number(process.env['EDGE_SECONDS'] ?? (options.short ? 30 : 300));

const { report, end } = createChaosTable();

const servers = (count: number, ms: number): Promise<DelayedDoh[]> =>
  Promise.all(Array.from({ length: count }, () => startDelayedDoh(ms)));

async function withIsolate(
  name: string,
  vars: Readonly<Record<string, string>>,
  work: (isolate: Isolate) => Promise<void>,
): Promise<void> {
  if (only !== undefined && only !== name) return;
  const isolate = await startIsolate(vars);
  try {
    await work(isolate);
    const warnings = isolate.log.filter((line) => /different request|hung|will never/i.test(line));
    report('… warnings of workerd about promises of another request', warnings.length, 0, 'lines');
    if (warnings.length > 0) console.log(warnings.slice(0, 3).join('\n'));
  } catch (error) {
    console.log(isolate.log.slice(-20).join('\n'));
    throw error;
  } finally {
    await isolate.stop();
  }
}

const post = (url: string, path: string, body: object | string, headers = {}) =>
  fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

type Verdict = { readonly result: string; readonly reason: string };

async function validate(url: string, domain: string): Promise<Verdict> {
  const response = await post(url, '/v1/validate', { email: `jane@${domain}` });
  if (response.ok) return (await response.json()) as Verdict;
  return { result: `status ${response.status}`, reason: (await response.text()).slice(0, 100) };
}

async function validateBatch(url: string, domains: readonly string[]): Promise<readonly Verdict[]> {
  const body = { emails: domains.map((domain) => `jane@${domain}`) };
  return ((await (await post(url, '/v1/validate/batch', body)).json()) as { results: Verdict[] }).results;
}

let used = 0;
const domains = (kind: 'cold' | 'silent', count: number): string[] =>
  Array.from({ length: count }, () => `${kind}${used++}.brisk-otters.net`);

function countOther(verdicts: readonly Verdict[], result: string): number {
  const other = verdicts.filter((verdict) => verdict.result !== result);
  const kinds = Map.groupBy(other, (verdict) => `${verdict.result} ${verdict.reason}`);
  if (other.length > 0)
    console.log([...kinds].map(([kind, { length }]) => `  ${length} × ${kind}`).join('\n'));
  return other.length;
}

const urls = (dohs: readonly DelayedDoh[]) => ({ DOH_URLS: dohs.map(({ url }) => url).join(',') });

await withIsolate('cold', urls(await servers(3, 0)), async ({ url }) => {
  for (let round = 0; round < 4; round++)
    await Promise.all(domains('silent', 125).map((domain) => validate(url, domain)));
  const after = await validateBatch(url, domains('cold', 100));
  report(
    'after 500 look-ups that timed out: wrong of 100 cold domains',
    countOther(after, 'deliverable'),
    0,
    '',
  );
  for (let round = 1; round <= 5; round++) {
    const cold = domains('cold', 200);
    const batches = [0, 40, 80, 120].map((from) => validateBatch(url, cold.slice(from, from + 40)));
    const verdicts = await Promise.all([
      ...batches,
      ...cold.slice(160).map((domain) => validate(url, domain)),
    ]);
    report(
      `200 cold domains at once, round ${round}: wrong`,
      countOther(verdicts.flat(), 'deliverable'),
      2,
      '',
    );
    const single = await Promise.all(domains('cold', 200).map((domain) => validate(url, domain)));
    report(`… as 200 single requests: wrong`, countOther(single, 'deliverable'), 2, '');
  }
});

/**
 * Requests verdicts about domains that are not in the cache, 50 at once: one of 20 has name servers that do not answer.
 * Returns the counts when `until` (epoch milliseconds) has come.
 */
function startLoad(url: string, until: number) {
  const counts = { calls: 0, unknown: 0, failed: 0, others: new Map<string, number>() };
  const caller = async () => {
    while (Date.now() < until) {
      const kind = counts.calls++ % 20 === 0 ? 'silent' : 'cold';
      const { result, reason } = await validate(url, domains(kind, 1)[0]!).catch((error: Error) => ({
        result: 'no answer',
        reason: String(error.cause ?? error),
      }));
      if (kind === 'silent' || result === 'deliverable') continue;
      if (result === 'unknown') counts.unknown++;
      else counts.failed++;
      const name = `${result} ${reason}`;
      counts.others.set(name, (counts.others.get(name) ?? 0) + 1);
    }
  };
  return { counts, ended: Promise.all(Array.from({ length: 50 }, caller)) };
}

/**
 * Memory must no longer grow after two minutes, and after as many verdicts as the caches of an isolate have entries (`maxKept`
 * in src/platform/worker.ts). A busy machine needs more than two minutes for them.
 */
const warm = { seconds: 120, calls: 15_000 };

await withIsolate('load', urls(await servers(3, 5)), async (isolate) => {
  const began = Date.now();
  const { counts, ended } = startLoad(isolate.url, began + loadSeconds * 1000);
  const memory: { readonly at: number; readonly calls: number; readonly resident: number }[] = [];
  const everySeconds = Math.min(60, loadSeconds / 2);
  let [callsBefore, cpuBefore] = [0, isolate.cpuSeconds()];
  for (let at = everySeconds; at <= loadSeconds; at += everySeconds) {
    await delay(began + at * 1000 - Date.now());
    const [resident, calls, cpu] = [isolate.residentMiB(), counts.calls, isolate.cpuSeconds()];
    memory.push({ at, calls, resident });
    const rate = (calls - callsBefore) / everySeconds;
    const cpuMs = (1000 * (cpu - cpuBefore)) / Math.max(1, calls - callsBefore);
    console.log(
      `  ${at} s: ${resident.toFixed(0)} MiB, ${calls} calls, ${rate.toFixed(0)} a second, ${cpuMs.toFixed(1)} ms of processor time each`,
    );
    if (calls === callsBefore) console.log(isolate.log.slice(-20).join('\n'));
    [callsBefore, cpuBefore] = [calls, cpu];
  }
  await ended;
  const { calls, unknown, failed, others } = counts;
  if (others.size > 0) console.log(others);
  report(`${loadSeconds} s at 50 at once, ${calls} verdicts: unknown of healthy domains`, unknown, 0, '');
  report('… refused, wrong or without an answer', failed, 0, '');
  const base = memory.find((one) => one.at >= warm.seconds && one.calls >= warm.calls);
  if (base === undefined || base === memory.at(-1))
    return console.log(`  too few verdicts to compare memory: it needs ${warm.calls} and another minute`);
  report(
    `… memory of the Worker, D1 and R2 at the end, against ${base.at} s`,
    memory.at(-1)!.resident / base.resident,
    1.1,
    '×',
  );
});

await withIsolate('six', { ...urls(await servers(3, 30)), SIX_CONNECTIONS: 'true' }, async ({ url }) => {
  await validateBatch(url, domains('cold', 6));
  const began = performance.now();
  const verdicts = await validateBatch(url, domains('cold', 500));
  const took = performance.now() - began;
  report(
    'six connections a request, 500 cold domains at 30 ms: wrong',
    countOther(verdicts, 'deliverable'),
    0,
    '',
  );
  report('… time against 500 / 6 questions of 30 ms', took / ((500 / 6) * 30), 1.3, '×');
  const ready = (await (await fetch(`${url}/readyz`)).json()) as { checks: { name: string; ok: boolean }[] };
  report('… resolvers resting', ready.checks.filter(({ ok }) => !ok).length, 0, '');
});

/**
 * D1 fails while webhooks arrive and a job runs. Two of the failures are simulated by the Worker (see `D1Fault`). The
 * third is real: a lock on the file of the local D1.
 */
await withIsolate(
  'outage',
  { ...urls(await servers(3, 30)), ESP_POSTMARK_SHARED_SECRETS: secret },
  async ({ url, folder }) => {
    const rows = 1200;
    const upload = async (): Promise<string> => {
      const body = `email\n${domains('cold', rows)
        .map((domain) => `jane@${domain}\n`)
        .join('')}`;
      return (
        (await (await post(url, '/v1/jobs', body, { 'content-type': 'text/csv' })).json()) as { id: string }
      ).id;
    };
    const completed = async (id: string): Promise<number> => {
      for (const began = performance.now(); ; await delay(500)) {
        const response = await fetch(`${url}/v1/jobs/${id}`);
        const { state } = (await response.json()) as { state: string };
        if (state === 'completed' || performance.now() - began > 300_000)
          return (performance.now() - began) / 1000;
      }
    };
    const normally = await completed(await upload());

    const lock = async (seconds: number) => {
      const d1 = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
        /d1.*\.sqlite$/.test(name),
      );
      const held = d1.map((name) => new DatabaseSync(join(folder, name)));
      for (const database of held) database.exec('BEGIN IMMEDIATE');
      await delay(seconds * 1000);
      for (const database of held) {
        database.exec('ROLLBACK');
        database.close();
      }
    };
    const switched = (fault: D1Fault) => async (seconds: number) => {
      await fetch(`${url}/fault?d1=${fault}`);
      await delay(seconds * 1000);
      await fetch(`${url}/fault?d1=none`);
    };
    /** Runs the Cron Trigger once a minute, as Cloudflare does. Returns the function that stops it. */
    const startCron = () => {
      const timer = setInterval(() => void fetch(`${url}/cron`).catch(() => {}), 60_000);
      return () => clearInterval(timer);
    };
    for (const [name, seconds, fail] of [
      ['refuses calls', outageSeconds.errors, switched('errors')],
      ['does not answer', outageSeconds.hangs, switched('hangs')],
      ['is locked', outageSeconds.lock, lock],
    ] as const) {
      const stopCron = startCron();
      const id = await upload();
      await delay(1000);
      const webhooks = startWebhooks(url, name);
      await fail(seconds);
      const took = await completed(id);
      const { sent, refusals, others, lost } = await webhooks.end();
      stopCron();
      report(
        `D1 ${name} for ${seconds} s, ${refusals} refusals of ${sent} webhooks: other than 503`,
        others.size,
        0,
        'kinds',
      );
      if (others.size > 0) console.log(others);
      report('… webhooks lost', lost, 0, '');
      report(
        `… the job, ${normally.toFixed(0)} s without a fault, ended after the fault`,
        took - normally,
        60,
        's later',
      );
    }
  },
);

/**
 * Sends webhooks of Postmark, one a second, each again until it is accepted. `end` stops sending new ones, and waits up to
 * two minutes until all are accepted. `others` counts the refusals that are not 503 with Retry-After.
 */
function startWebhooks(url: string, name: string) {
  const waiting = new Set<number>();
  const others = new Map<string, number>();
  let [sent, refusals] = [0, 0];
  let endsAt = Number.POSITIVE_INFINITY;
  const send = async (number: number) => {
    const body = {
      RecordType: 'Bounce',
      Type: 'HardBounce',
      Email: `gone${number}@brisk-otters.net`,
      MessageID: `${name} ${number}`,
    };
    const response = await post(url, '/v1/hooks/esp/postmark', body, {
      authorization: `Basic ${btoa(`any:${secret}`)}`,
    });
    await response.text();
    if (response.ok) return waiting.delete(number);
    refusals++;
    const kind = `${response.status} ${response.headers.get('retry-after')}`;
    return kind === '503 5' || others.set(kind, (others.get(kind) ?? 0) + 1);
  };
  const sender = (async () => {
    while (endsAt === Number.POSITIVE_INFINITY || (waiting.size > 0 && Date.now() < endsAt)) {
      const isEnding = endsAt < Number.POSITIVE_INFINITY;
      if (!isEnding) waiting.add(sent++);
      await Promise.all([...[...waiting].slice(0, isEnding ? 20 : 5).map(send), isEnding || delay(1000)]);
    }
  })();
  return {
    async end() {
      endsAt = Date.now() + 120_000;
      await sender;
      return { sent, refusals, others, lost: waiting.size };
    },
  };
}

end();
