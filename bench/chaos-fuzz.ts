// Hostile input for the library and for HTTP: texts and JSON, put together at random from pieces that parsers handle
// badly.
//
// Each input depends only on the seed and on its number, so a run with the same seed tries the same inputs. An input
// that fails is printed as one line of JSON.

import { classifyReply } from '../src/bounce/classify.ts';
import { readReport } from '../src/bounce/report.ts';
import { espAdapters } from '../src/esp/esp-registry.ts';
import { readWebhook } from '../src/esp/receive-webhook.ts';
import { createValidator, parseDomainList, parseMailbox, samePerson, toResponse } from '../src/index.ts';
import { openList } from '../src/lists/read-list.ts';
import { parseForm } from '../src/webhooks/form.ts';

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

/** A random number generator with a seed (mulberry32), so a run can be repeated. */
function random(seed: number, number: number): () => number {
  let state = (seed ^ Math.imul(number, 0x9e3779b1)) | 0;
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

export interface Fuzzed {
  readonly calls: number;
  readonly failures: number;
}

/** Maximum number of failures that one run prints. */
const printed = 10;

function fail(failures: number, input: object, outcome: unknown): number {
  if (failures < printed)
    console.error(`fuzz: ${JSON.stringify(input)} ${String((outcome as Error)?.stack ?? outcome)}`);
  return failures + 1;
}

const times = [null, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 8.64e15, 1e308];

const encoder = new TextEncoder();

/** Throws if a value contains a number that is NaN or infinite. The library must never return one. */
function assertFinite(value: unknown, path = 'verdict'): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${path} is ${value}`);
  if (typeof value === 'object' && value !== null)
    for (const [key, each] of Object.entries(value)) assertFinite(each, `${path}.${key}`);
}

/**
 * Calls functions of the library for `ms` milliseconds. A call fails if it throws, or if a verdict has a number that is
 * not finite.
 */
export async function fuzzLibrary(ms: number, seed: number): Promise<Fuzzed> {
  const validator = createValidator({
    transport: () => Promise.reject(new Error('no network')),
    timeoutMs: 5,
  });
  const functions: Readonly<Record<string, (input: string, next: () => number) => unknown>> = {
    parseMailbox(input) {
      const parsed = parseMailbox(input);
      if (parsed.ok) samePerson(parsed.mailbox);
    },
    parseDomainList: (input) => parseDomainList(input),
    classifyReply: (input) => classifyReply(input),
    readReport: (input) => readReport(encoder.encode(input)),
    parseForm: (input) => parseForm(encoder.encode(input)),
    async validateBatch(input, next) {
      const request = { lastVerifiedAt: pick(next, times), source: text(next) };
      const { verdicts } = await validator.validateBatch([
        { ...request, email: `${input}@presend.test` },
        { ...request, email: input.replaceAll('.', '') },
        {
          ...request,
          email: `jane@${pick(next, ['gmail.com', 'gmial.com', 'localhost', 'brisk-otter.com'])}`,
        },
      ]);
      for (const verdict of verdicts) assertFinite(toResponse(verdict, 0));
    },
    async readWebhook(input, next) {
      const body = next() < 0.5 ? JSON.stringify(value(next)) : input;
      for (const adapter of espAdapters)
        await readWebhook(adapter, { headers: new Headers(), body: encoder.encode(body), now: 0 });
    },
    async openList(input, next) {
      async function* chunks() {
        yield encoder.encode(`email\n${input}`);
        yield encoder.encode(text(next));
      }
      const opened = await openList(chunks());
      if (opened.ok) for await (const _ of opened.parts);
    },
  };
  const names = Object.keys(functions);
  const until = Date.now() + ms;
  let calls = 0;
  let failures = 0;
  for (; Date.now() < until; calls++) {
    const next = random(seed, calls);
    const name = names[calls % names.length]!;
    const input = text(next);
    try {
      await functions[name]!(input, next);
    } catch (error) {
      failures = fail(failures, { seed, number: calls, function: name, input }, error);
    }
  }
  return { calls, failures };
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

/**
 * Sends requests for `ms` milliseconds. A request fails if it gets no answer or a status of 500 or more; 503 from a
 * webhook route is not a failure.
 */
export async function fuzzHttp(url: string, ms: number, seed: number): Promise<Fuzzed> {
  const until = Date.now() + ms;
  let calls = 0;
  let failures = 0;
  const one = async () => {
    const number = calls++;
    const { method, path, headers, body } = requestOf(random(seed, number));
    const init = method === 'GET' ? { method } : { method, headers, body };
    const status = await fetch(url + path, init).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 0,
    );
    // 503 is documented for webhooks that are not configured.
    if (status !== 0 && (status < 500 || (status === 503 && path.startsWith('/v1/hooks/')))) return;
    failures = fail(failures, { seed, number, method, path, headers, body }, status);
  };
  const lane = async () => {
    while (Date.now() < until) await one();
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return { calls, failures };
}

/** Makes a random request. None of the routes creates an API key, so the service never begins to require one. */
function requestOf(next: () => number) {
  const [method, route] = pick(next, routes).split(' ') as [string, string];
  const search = next() < 0.3 ? `?${pick(next, query)}=${encodeURIComponent(text(next).toWellFormed())}` : '';
  const object = Object.fromEntries(
    Array.from({ length: 1 + Math.floor(next() * 3) }, () => [pick(next, fields), value(next)]),
  );
  const body = next() < 0.7 ? JSON.stringify(object) : text(next);
  const headers = { 'content-type': next() < 0.7 ? 'application/json' : pick(next, types) };
  return { method, path: route + search, headers, body };
}
