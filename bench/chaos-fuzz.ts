// Hostile input for the library and for HTTP: texts that are cut, repeated and mixed with what parsers fear.

import { classifyReply } from '../src/bounce/classify.ts';
import { readReport } from '../src/bounce/report.ts';
import { createValidator } from '../src/index.ts';

const pieces = [
  'jane',
  '@',
  '.',
  '..',
  '"',
  '\\',
  '(',
  ')',
  '[',
  ']',
  '<',
  '>',
  ',',
  ';',
  ':',
  ' ',
  '\t',
  '\r\n',
  '\0',
  '\u202e',
  '\ud800',
  'gmail.com',
  'gmial.com',
  'xn--',
  'xn--k9m',
  'münchen.de',
  '例え.jp',
  '😀',
  'presend.test',
  '[IPv6:::1]',
  '[127.0.0.1]',
  'a'.repeat(64),
  'b'.repeat(255),
  '550',
  '5.1.1',
  '4.7.0',
  'Final-Recipient: rfc822;',
  'Content-Type: multipart/report;',
  'boundary=x',
  '\r\n\r\n--x',
  '{"',
  '":',
  'null',
  '1e999',
  '-0',
  '\\u0000',
  '%00',
  '%ff',
  '__proto__',
  'constructor',
];

/** A small generator with a seed (mulberry32), so that a run can be repeated. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pick = <T>(next: () => number, from: readonly T[]): T => from[Math.floor(next() * from.length)]!;

const text = (next: () => number): string =>
  Array.from({ length: Math.floor(next() * 12) }, () => pick(next, pieces)).join('');

const value = (next: () => number, depth = 0): unknown => {
  const kind = next();
  if (kind < 0.6 || depth > 3) return text(next);
  if (kind < 0.7) return pick(next, [null, true, 0, -1, 1e308, 2 ** 53]);
  if (kind < 0.85) return Array.from({ length: Math.floor(next() * 4) }, () => value(next, depth + 1));
  return Object.fromEntries(
    Array.from({ length: Math.floor(next() * 4) }, () => [text(next), value(next, depth + 1)]),
  );
};

export async function fuzzLibrary(ms: number, seed = Date.now()): Promise<{ calls: number; throws: number }> {
  const next = random(seed);
  const validator = createValidator({
    transport: () => Promise.reject(new Error('no network')),
    timeoutMs: 5,
  });
  const until = Date.now() + ms;
  let calls = 0;
  let throws = 0;
  while (Date.now() < until) {
    const input = text(next);
    for (const call of [
      () => classifyReply(input),
      () => readReport(new TextEncoder().encode(input)),
      () =>
        validator.validateBatch([{ email: `${input}@presend.test` }, { email: input.replaceAll('.', '') }]),
    ]) {
      calls += 1;
      try {
        await call();
      } catch (error) {
        throws += 1;
        console.error(JSON.stringify(input), error);
      }
    }
  }
  return { calls, throws };
}

const routes = [
  'POST /v1/validate',
  'POST /v1/validate/batch',
  'POST /v1/annotate',
  'POST /v1/tokens/confirm',
  'POST /v1/suppressions',
  'GET /v1/suppressions',
  'POST /v1/suppressions/check',
  'POST /v1/suppressions/remove',
  'POST /v1/suppressions/import',
  'GET /v1/suppressions/export',
  'POST /v1/erasures',
  'POST /v1/bounces',
  'POST /v1/bounces/tokens',
  'GET /v1/reports/bounces',
  'GET /v1/reports/calibration',
  'GET /v1/jobs',
  'GET /v1/jobs/x',
  'GET /v1/jobs/x/result',
  'GET /v1/domains',
  'POST /v1/domains',
  'POST /v1/domains/remove',
  'POST /v1/hooks/esp/postmark',
  'POST /v1/hooks/esp/mailgun',
  'GET /reports',
  'GET /',
  'GET /docs',
  'POST /v1/hooks/crm/hubspot',
  'PUT /v1/validate',
  'GET /nothing',
];
const fields = [
  'email',
  'emails',
  'items',
  'records',
  'reason',
  'source',
  'reply',
  'token',
  'domain',
  'word',
  'consent',
  'field',
];
const types = [
  'application/json',
  'text/csv',
  'application/x-ndjson',
  'message/rfc822',
  'application/x-www-form-urlencoded',
  'x',
];
const query = ['from', 'to', 'by', 'format', 'cursor', 'limit', 'source', 'reason', 'campaign'];

/** No request changes whether a key is needed. */
export async function fuzzHttp(
  url: string,
  ms: number,
  seed = Date.now(),
): Promise<{ calls: number; errors: number }> {
  const next = random(seed);
  const until = Date.now() + ms;
  let calls = 0;
  let errors = 0;
  const one = async () => {
    const [method, path] = pick(next, routes).split(' ') as [string, string];
    const search =
      next() < 0.3 ? `?${pick(next, query)}=${encodeURIComponent(text(next).toWellFormed())}` : '';
    const object = Object.fromEntries(
      Array.from({ length: 1 + Math.floor(next() * 3) }, () => [pick(next, fields), value(next)]),
    );
    const body = next() < 0.7 ? JSON.stringify(object) : text(next);
    const headers = { 'content-type': next() < 0.7 ? 'application/json' : pick(next, types) };
    calls += 1;
    const init = method === 'GET' ? { method } : { method, headers, body };
    const status = await fetch(url + path + search, init).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 0,
    );
    // 503 is documented for webhooks that are not configured.
    if (status !== 0 && (status < 500 || (status === 503 && path.startsWith('/v1/hooks/')))) return;
    errors += 1;
    console.error(status, method, path + search, body);
  };
  const lane = async () => {
    while (Date.now() < until) await one();
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return { calls, errors };
}
