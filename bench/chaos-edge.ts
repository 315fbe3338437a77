// `npm run chaos -- edge`: runs the Worker in workerd under load and with a failing D1. Prints each figure with its
// limit.
//
// EDGE_SECONDS is the length of the load in seconds; 300 by default. EDGE_ONLY runs only one part: cold, load, six or
// outage.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { createChaosTable } from './chaos-table.ts';
import type { D1Fault } from './edge/entry.ts';
import { type DelayedDoh, type Isolate, startDelayedDoh, startIsolate } from './edge/isolate.ts';

const only = process.env['EDGE_ONLY'];
const secret = 'a secret of Postmark';
const outageSeconds = 40;
const loadSeconds = Number(process.env['EDGE_SECONDS'] ?? 300);

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

await withIsolate('load', urls(await servers(3, 5)), async (isolate) => {
  const { url } = isolate;
  const until = Date.now() + loadSeconds * 1000;
  let [calls, unknown, failed] = [0, 0, 0];
  const reasons = new Map<string, number>();
  const work = async () => {
    while (Date.now() < until) {
      const kind = calls++ % 20 === 0 ? 'silent' : 'cold';
      const verdict = await validate(url, domains(kind, 1)[0]!).catch(() => ({
        result: 'no answer',
        reason: '',
      }));
      if (kind === 'silent') continue;
      if (verdict.result === 'unknown') unknown++;
      else if (verdict.result !== 'deliverable') failed++;
      if (verdict.result !== 'deliverable')
        reasons.set(
          `${verdict.result} ${verdict.reason}`,
          (reasons.get(`${verdict.result} ${verdict.reason}`) ?? 0) + 1,
        );
    }
  };
  const memory: { at: number; resident: number }[] = [];
  const watch = async () => {
    for (let next = Date.now(); next < until; next += 15_000) {
      await delay(next - Date.now());
      const at = Math.round((Date.now() - until) / 1000) + loadSeconds;
      const resident = isolate.residentMiB();
      memory.push({ at, resident });
      console.log(
        `  ${at} s: Worker and D1 ${resident.toFixed(0)} MiB, proxy ${isolate.proxyMiB().toFixed(0)} MiB, ${calls} calls`,
      );
    }
  };
  await Promise.all([watch(), ...Array.from({ length: 50 }, work)]);
  console.log(reasons);
  report(`${loadSeconds} s at 50 at once, ${calls} verdicts: unknown of healthy domains`, unknown, 0, '');
  report('… refused or wrong', failed, 0, '');
  const after = memory.filter(({ at }) => at >= 119);
  if (after.length > 1)
    report(
      '… memory of the Worker and D1 at the end, against the end of the second minute',
      after.at(-1)!.resident / after[0]!.resident,
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
    for (const [name, fail] of [
      ['refuses calls', switched('errors')],
      ['does not answer', switched('hangs')],
      ['is locked', lock],
    ] as const) {
      const id = await upload();
      await delay(1000);
      let isOver = false;
      const [kept, others] = [new Set<number>(), new Map<string, number>()];
      let refusals = 0;
      let sent = 0;
      const bounce = async (number: number) => {
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
        if (response.ok) return kept.delete(number);
        refusals++;
        const kind = `${response.status} ${response.headers.get('retry-after')}`;
        if (kind !== '503 5') others.set(kind, (others.get(kind) ?? 0) + 1);
        return false;
      };
      const sender = (async () => {
        for (let second = 0; !isOver || kept.size > 0; second++) {
          if (!isOver) kept.add(sent++);
          await Promise.all([...kept].slice(0, 5).map(bounce));
          await delay(500);
          if (second > 600) break;
        }
      })();
      await fail(outageSeconds);
      isOver = true;
      const took = await completed(id);
      await sender;
      report(
        `D1 ${name} for ${outageSeconds} s, ${refusals} of ${sent} webhooks refused: other than 503`,
        others.size,
        0,
        'kinds',
      );
      if (others.size > 0) console.log(others);
      report('… webhooks lost', kept.size, 0, '');
      report(
        `… the job, ${normally.toFixed(0)} s without a fault, ended after the fault`,
        took - normally,
        60,
        's later',
      );
    }
  },
);

end();
