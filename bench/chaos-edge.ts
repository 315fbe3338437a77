// `npm run chaos -- edge`: the Worker in workerd under load and with a failing D1, each figure with its limit.
//
// EDGE_SECONDS is the length of the load, 300 if unset. EDGE_ONLY names one part of it.

import { setTimeout as delay } from 'node:timers/promises';
import { type DelayedDoh, type Isolate, startDelayedDoh, startIsolate } from './edge/isolate.ts';

const only = process.env['EDGE_ONLY'];
const loadSeconds = Number(process.env['EDGE_SECONDS'] ?? 300);

interface Row {
  readonly fault: string;
  readonly figure: string;
  readonly limit: string;
  readonly ok: boolean;
}
const rows: Row[] = [];

function report(fault: string, value: number, limit: number, unit: string, most = true): void {
  const ok = most ? value <= limit : value >= limit;
  const row = {
    fault,
    figure: `${Math.round(value * 10) / 10} ${unit}`,
    limit: `${most ? '≤' : '≥'} ${limit} ${unit}`,
    ok,
  };
  rows.push(row);
  console.log(`${ok ? 'held  ' : 'FAILED'} ${fault}: ${row.figure} (${row.limit})`);
}

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
  const memory: { at: number; resident: number; heap: number }[] = [];
  const watch = async () => {
    for (let next = Date.now(); next < until; next += 30_000) {
      await delay(next - Date.now());
      const row = {
        at: Math.round((Date.now() - until) / 1000) + loadSeconds,
        resident: isolate.residentMiB(),
        heap: await isolate.heapMiB(),
      };
      memory.push(row);
      console.log(
        `  ${row.at} s: resident ${row.resident.toFixed(0)} MiB, heap ${row.heap.toFixed(1)} MiB, ${calls} calls`,
      );
    }
  };
  await Promise.all([watch(), ...Array.from({ length: 50 }, work)]);
  console.log(reasons);
  report(`${loadSeconds} s at 50 at once, ${calls} verdicts: unknown of healthy domains`, unknown, 0, '');
  report('… refused or wrong', failed, 0, '');
  const after = memory.filter(({ at }) => at >= 119);
  report('… heap of the isolate at most', Math.max(...memory.map(({ heap }) => heap)), 100, 'MiB');
  if (after.length > 1)
    report('… growth of the heap after the second minute', after.at(-1)!.heap - after[0]!.heap, 5, 'MiB');
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

console.log('\n| fault | figure | limit | |\n| --- | ---: | ---: | --- |');
for (const { fault, figure, limit, ok } of rows)
  console.log(`| ${fault} | ${figure} | ${limit} | ${ok ? 'held' : '**failed**'} |`);
process.exit(rows.every(({ ok }) => ok) ? 0 : 1);
