// Plays the examples of the OpenAPI document against the service, and gives what it answers and which webhooks it sends. The
// clock stands still, and random ids are replaced, so that two runs give the same.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemTimers } from '../../src/clock.ts';
import type { RecordedAnswers, RecordedBodies } from '../../src/http/api-examples.ts';
import { openApiDocument } from '../../src/http/openapi.ts';
import {
  type ApiDocument,
  type ExampleRequest,
  exampleRequest,
  operationsOf,
  type PlacedOperation,
} from '../../src/http/pages/documented.ts';
import { resources } from '../../src/http/resources.ts';
import type { Zone } from '../dns/zone.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { proberSettings, proberZone, standInSmtp } from './smtp-stand-in.ts';
import { zone } from './zone.ts';

export interface ExampleRun {
  readonly answers: RecordedAnswers;
  /** Problem details by their types, without `urn:presend:problem:`. */
  readonly problems: RecordedBodies;
  readonly webhooks: RecordedBodies;
  /** The headers of each webhook, by its type. */
  readonly webhookHeaders: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export const exampleAdminKey = 'an-admin-key-for-tests';
export const exampleSecret = `whsec_${btoa('a secret of the tests, thirty-two')}`;
const hookSecret = 'a-shared-secret-of-a-vendor';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const noon = Date.UTC(2026, 10, 20, 12);

const operations = operationsOf(openApiDocument(resources, '0') as ApiDocument);

/** A receiver of webhooks, with what it was sent. */
async function startReceiver() {
  const received: { headers: Record<string, unknown>; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    received.push({ headers: request.headers, body });
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => server.close();
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, received, stop };
}

export async function playExamples(): Promise<ExampleRun> {
  const clock = { now: noon - dayMs };
  const dns: Record<string, Zone[string]> = { ...zone, ...proberZone };
  const receiver = await startReceiver();
  const service = await startNodeService({
    zone: dns,
    timers: { ...systemTimers, now: () => clock.now },
    smtp: standInSmtp(),
    settings: {
      ADMIN_KEY: exampleAdminKey,
      ...proberSettings,
      CALLBACK_SECRET: exampleSecret,
      CALLBACK_TARGETS: 'loopback',
      SUPPRESSION_WEBHOOK_URL: receiver.url,
      DRIFT_CALLBACK_URL: receiver.url,
      ALERT_URLS: receiver.url,
      ALERT_GROUP_SECONDS: '0',
      PREFLIGHT_DOMAINS: 'brisk-otter.com selector=s1',
      PREFLIGHT_CALLBACK_URL: receiver.url,
      GATE_CALLBACK_URL: receiver.url,
      ESP_POSTMARK_SHARED_SECRETS: hookSecret,
      LIMITS: 'publishable_key=1/60',
    },
  });
  try {
    const run = createRun(service);
    await playAll(run, { clock, dns, receiver });
    await playProblems(run);
    await until(() =>
      wantedWebhooks.every((type) => receiver.received.some(({ body }) => body.includes(type))),
    );
    const webhooks: Record<string, unknown> = {};
    const webhookHeaders: Record<string, Record<string, unknown>> = {};
    for (const { headers, body } of receiver.received) {
      const message = JSON.parse(body) as { type: string };
      webhooks[message.type] ??= run.masked(message);
      webhookHeaders[message.type] ??= { ...headers, body };
    }
    return { answers: run.answers, problems: run.problems, webhooks, webhookHeaders };
  } finally {
    await service.stop();
    receiver.stop();
  }
}

const wantedWebhooks = [
  'job.completed',
  'job.failed',
  'verdict.changed',
  'list.reverified',
  'suppression.added',
  'suppression.lifted',
  'drift.found',
  'alert.raised',
  'sender_dns.changed',
  'gate.changed',
].map((type) => `"${type}"`);

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it did not happen within 20 seconds');
}

interface Change {
  /** Instead of the example's `{id}`. */
  readonly id?: string;
  /** Fields instead of those of the example's JSON body. */
  readonly fields?: object;
  readonly body?: ExampleRequest['body'];
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string | null;
}

type Run = ReturnType<typeof createRun>;

function createRun(service: NodeService) {
  const answers: Record<string, Record<string, Record<string, unknown>>> = {};
  const problems: Record<string, unknown> = {};
  const masked = createMask();

  async function send(operation: PlacedOperation, change: Change = {}): Promise<Response> {
    const example = exampleRequest(operation);
    const {
      method,
      target,
      headers: own,
    } = example ?? {
      method: operation.method,
      target: operation.path.replace(/\{\w+\}/, 'postmark'),
      headers: {},
    };
    const path = change.id === undefined ? target : target.replace(/(job|key)_\w+/, change.id);
    const { key = exampleAdminKey } = change;
    const headers = new Headers({ ...own, ...change.headers });
    if (key !== null) headers.set('authorization', `Bearer ${key}`);
    const init: RequestInit = { method, headers };
    const body = change.body ?? example?.body ?? null;
    if (body?.kind === 'json') {
      headers.set('content-type', 'application/json');
      init.body = JSON.stringify({ ...(body.value as object), ...change.fields });
    } else if (body?.kind === 'text') {
      if (!headers.has('content-type')) headers.set('content-type', body.mediaType);
      init.body = body.text;
    } else if (body?.kind === 'form') {
      const form = new FormData();
      for (const [name, { fileName, mediaType, text }] of Object.entries(body.files))
        form.append(name, new Blob([text], { type: mediaType }), fileName);
      init.body = form;
    }
    const url = new URL(service.url + path);
    if (change.query !== undefined) url.search = change.query;
    return fetch(url, init);
  }

  function recordAnswer(id: string, status: number, type: string, value: unknown): void {
    const ofOperation = answers[id] ?? {};
    const ofStatus = ofOperation[status] ?? {};
    answers[id] = { ...ofOperation, [status]: { [type]: shortened(masked(value)), ...ofStatus } };
  }

  const operationNamed = (id: string) => operations.find(({ operationId }) => operationId === id)!;

  return {
    service,
    answers,
    problems,
    masked,
    /** Sends the example of an operation and records the answer, which must be a success. */
    async play<T = unknown>(id: string, change: Change = {}): Promise<T> {
      const response = await send(operationNamed(id), change);
      const text = await response.text();
      if (!response.ok) throw new Error(`${id}: ${response.status} ${text}`);
      const type = (response.headers.get('content-type') ?? '').split(';')[0]!;
      const value: unknown = type === 'application/json' ? JSON.parse(text) : text;
      if (text !== '' && type !== 'text/html') recordAnswer(id, response.status, type, value);
      return value as T;
    },
    /** Sends a request that is refused, and records the problem. */
    async refused(id: string, change: Change): Promise<void> {
      const response = await send(operationNamed(id), change);
      const problem = (await response.json()) as { type: string };
      if (response.ok) throw new Error(`${id} was not refused: ${JSON.stringify(problem).slice(0, 200)}`);
      const type = problem.type.slice('urn:presend:problem:'.length);
      problems[type] ??= masked(problem);
    },
    send: (id: string, change: Change = {}) => send(operationNamed(id), change),
  };
}

interface Circumstances {
  readonly clock: { now: number };
  readonly dns: Record<string, Zone[string]>;
  readonly receiver: Awaited<ReturnType<typeof startReceiver>>;
}

async function playAll({ play, send, service }: Run, { clock, dns, receiver }: Circumstances) {
  const { url: callbackUrl, received } = receiver;
  // An entry from the day before, which can be lifted today.
  await send('suppress', { fields: { email: 'john@example.com', reason: 'bounce', source: 'postmark' } });
  await until(() => received.length > 0);
  const callback = `callback_url=${encodeURIComponent(callbackUrl)}`;
  const another = { headers: { 'idempotency-key': 'another' } };
  const keptList = csv('email\njane@brisk-otter.com\n');
  await jobOf(send, { ...another, query: `${callback}&keep=true`, body: keptList });
  clock.now = noon;

  for (const id of ['healthz', 'readyz', 'metrics', 'validate', 'validateBatch', 'annotate']) await play(id);

  const made = await play<{ id: string; key: string }>('makeKey');
  await play('listKeys');
  await play('listAudit');
  const page = { key: made.key, headers: { origin: 'https://shop.example' } };
  const email = 'jane@gmail.com';
  const { token } = (await (await send('validate', { ...page, fields: { email } })).json()) as {
    token: string;
  };
  await play('confirmToken', { fields: { token } });
  await play('rotateKey', { id: made.id });
  await play('revokeKey', { id: made.id });

  await playJobs({ play, send }, callback);
  await play('backtest');
  for (const id of ['preflight', 'preflightMessage', 'checkPreflights', 'listPreflights', 'probe'])
    await play(id);
  // At another host than `probe`, because a host is not asked twice in a moment.
  await send('validate', { fields: { email: 'dead.mailbox@gmail.com', callback_url: callbackUrl } });
  await until(() => received.some(({ body }) => body.includes('"verdict.changed"')));

  for (const id of ['suppress', 'checkSuppressions', 'liftSuppression', 'liftIncident']) await play(id);
  for (const id of ['importSuppressions', 'listSuppressions', 'exportSuppressions']) await play(id);
  await play('exportSuppressions', { query: 'format=ndjson' });

  for (const id of ['reportBounce', 'bounceTokens', 'espHookProbe', 'testEspHook', 'testCrmHook'])
    await play(id);
  const event = {
    RecordType: 'Bounce',
    ID: 42,
    Type: 'HardBounce',
    Email: 'jim@example.com',
    BouncedAt: '2026-11-20T12:00:00Z',
  };
  await play('receiveEspWebhook', {
    body: { kind: 'json', value: event },
    headers: { 'x-webhook-token': hookSecret },
    key: null,
  });
  await play('listHooks');
  await play('listEvents', { query: '' });
  await play('findEvents');
  for (const id of ['putOwnDomain', 'listOwnDomains', 'removeOwnDomain', 'erase']) await play(id);

  await bounceMany({ send, service }, clock);
  clock.now += 2 * hourMs;
  await service.tend();
  await service.maintain();
  for (const id of ['reportBounces', 'reportEngagement', 'reportCalibration', 'listIncidents', 'listAlerts'])
    await play(id);
  await play('testAlerts');
  await play('reportBounces', { query: 'by=provider&format=csv' });

  await play('askGate');
  await bounceCampaign(send);

  // The kept list is due, and its domain takes no mail any more.
  dns['brisk-otter.com'] = { MX: [[0, '.']] };
  clock.now += 100 * dayMs;
  await service.maintain();
}

const csv = (text: string): ExampleRequest['body'] => ({ kind: 'text', mediaType: 'text/csv', text });

const isEnded = (send: Run['send'], id: string) =>
  until(async () => {
    const { state } = (await (await send('job', { id })).json()) as { state: string };
    return state === 'completed' || state === 'failed';
  });

/** Creates a job and returns its id when it has ended. */
async function jobOf(send: Run['send'], change: Change): Promise<string> {
  const { id } = (await (await send('createJob', change)).json()) as { id: string };
  await isEnded(send, id);
  return id;
}

async function playJobs({ play, send }: Pick<Run, 'play' | 'send'>, callback: string): Promise<void> {
  const { id } = await play<{ id: string }>('createJob');
  await isEnded(send, id);
  await play('createJob');
  for (const reading of ['job', 'jobEvents', 'jobResult', 'jobRejects', 'jobReport'])
    await play(reading, { id });
  for (const format of ['csv', 'ndjson']) await play('jobResult', { id, query: `format=${format}` });
  await play('listJobs');

  await send('createJob', { query: callback, headers: { 'idempotency-key': 'completed' } });
  await send('createJob', {
    query: callback,
    headers: { 'idempotency-key': 'failed' },
    body: csv('name\nJane\n'),
  });

  // A list whose domains do not answer is still verified when it is paused.
  const slow = Array.from({ length: 50 }, (_, index) => `a${index}@silent-zone.org`).join('\n');
  const response = await send('createJob', {
    query: '',
    headers: { 'idempotency-key': 'slow' },
    body: csv(`email\n${slow}\n`),
  });
  const running = ((await response.json()) as { id: string }).id;
  await until(
    async () => ((await (await send('job', { id: running })).json()) as { rows: unknown }).rows === 50,
  );
  for (const step of ['pauseJob', 'resumeJob', 'cancelJob', 'deleteJob']) await play(step, { id: running });
}

/** Lets addresses of one source bounce much more often than was predicted. */
async function bounceMany({ send, service }: Pick<Run, 'send' | 'service'>, clock: { now: number }) {
  const emails = Array.from({ length: 80 }, (_, index) => `fair${index}@brisk-otter.com`);
  await send('validateBatch', {
    body: { kind: 'json', value: { items: emails.map((email) => ({ email, source: 'fair' })) } },
  });
  await service.tend();
  clock.now += hourMs;
  const at = new Date(clock.now).toISOString();
  // A bounce counts as an outcome only if deliveries of the same reporter are known.
  for (const [index, email] of emails.entries()) {
    const event =
      index < 60
        ? { RecordType: 'Delivery', Recipient: email, DeliveredAt: at }
        : { RecordType: 'Bounce', Type: 'HardBounce', Email: email, BouncedAt: at };
    await send('receiveEspWebhook', {
      body: { kind: 'json', value: { ...event, MessageID: `m${index}` } },
      headers: { 'x-webhook-token': hookSecret },
    });
  }
}

/** Lets every message of a campaign bounce, so that its decision changes. */
async function bounceCampaign(send: Run['send']): Promise<void> {
  const campaign = { campaign: 'autumn' };
  await send('askGate', { fields: { ...campaign, from_domain: null } });
  for (let index = 0; index < 30; index++)
    await send('reportBounce', { fields: { ...campaign, email: `autumn${index}@brisk-otter.com` } });
}

async function playProblems({ refused, send }: Run): Promise<void> {
  await refused('listKeys', { key: null });
  const narrow = await send('makeKey', {
    body: { kind: 'json', value: { kind: 'secret', name: 'narrow', scopes: ['jobs'] } },
  });
  const made = await send('makeKey');
  const { key } = (await narrow.json()) as { key: string };
  const page = ((await made.json()) as { key: string }).key;
  await refused('listKeys', { key });
  await refused('validate', { key: page });
  const headers = { origin: 'https://shop.example' };
  await send('validate', { key: page, headers });
  await refused('validate', { key: page, headers });

  await refused('validate', { body: { kind: 'text', mediaType: 'application/json', text: '{"email": ' } });
  await refused('validate', { body: { kind: 'text', mediaType: 'text/plain', text: 'jane@example.com' } });
  await refused('validate', { body: { kind: 'json', value: { address: 'jane@example.com' } } });
  await refused('validate', { fields: { email: 'x'.repeat(20_000) } });
  await refused('job', {});
  await refused('revokeKey', {});

  const failed = await jobOf(send, { headers: { 'idempotency-key': 'no list' }, body: csv('name\nJane\n') });
  await refused('cancelJob', { id: failed });
  await refused('jobResult', { id: failed });
  await refused('jobReport', { id: failed });
  await refused('createJob', { headers: { 'idempotency-key': 'empty' }, body: csv('') });
  await send('createJob');
  await refused('createJob', { body: csv('email\nother@example.com\n') });
  await refused('backtest', { body: { kind: 'form', files: {} } });
  const list = { fileName: 'contacts.csv', mediaType: 'text/csv', text: 'email\njane@example.com\n' };
  await refused('backtest', { query: 'campaign=spring' });
  await refused('backtest', { query: 'campaign=winter', body: { kind: 'form', files: { list } } });
  const noList = { ...list, text: 'name\nJane\n' };
  await refused('backtest', { body: { kind: 'form', files: { list: noList, bounces: list } } });
  await refused('backtest', {
    body: { kind: 'text', mediaType: 'multipart/form-data; boundary=x', text: 'no form' },
  });
  await send('suppress', { fields: { email: 'jack@example.com', reason: 'complaint' } });
  const consent = { kind: 'double_opt_in', at: '2027-02-01', evidence: 'confirmation 4711' };
  await refused('liftSuppression', { fields: { email: 'jack@example.com', consent } });
  await send('suppress', { fields: { email: 'jill@example.com', reason: 'unsubscribe' } });
  await refused('liftSuppression', { fields: { email: 'jill@example.com' } });
  await refused('liftSuppression', {
    fields: { email: 'jill@example.com', consent: { ...consent, at: '2031-02-01' } },
  });
  await refused('receiveEspWebhook', { body: { kind: 'json', value: {} } });
  const vouched = { 'x-webhook-token': hookSecret };
  await refused('receiveEspWebhook', {
    body: { kind: 'text', mediaType: 'text/plain', text: '-' },
    headers: vouched,
  });
  await refused('crmHook', { body: { kind: 'json', value: {} } });
}

/** Lists are shortened to two items and texts to some lines, because they are examples. */
function shortened(value: unknown): unknown {
  if (typeof value === 'string') {
    const lines = value.split('\n');
    return lines.length > 16 ? `${lines.slice(0, 12).join('\n')}\n…` : value;
  }
  if (Array.isArray(value)) return (value.length > 3 ? value.slice(0, 2) : value).map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shortened(inner)]));
}

/** What is random in answers, and a text of the same form, in which the last characters are counted. */
const randoms: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, '3f0c1a52-6a2b-4a37-9d0b-3d1d4f1f2c00'],
  [/job_[\w-]{22}/g, 'job_kC5iGm0Jq8Yw2Zx7Vb3N00'],
  [/key_[0-9A-Za-z]{10}/g, 'key_b1gM9q0K00'],
  [/[ps]k_[0-9A-Za-z]{5}(?![0-9A-Za-z])/g, 'pk_Yt3vQ'],
  [/[ps]k_[0-9A-Za-z]{38}/g, 'pk_Yt3vQ0bq2sXc9LmE4nRk7WdZ1aUj5HfGTp8o00'],
  [/http:\/\/127\.0\.0\.1:\d+\//g, 'https://hooks.example/'],
  [/127\.0\.0\.1:\d+/g, 'dns.example'],
];

/** Replaces random texts in a JSON value, always the same one by the same one. */
function createMask() {
  const known = new Map<string, string>();
  const counts = new Map<string, number>();
  const replacement = (found: string, model: string): string => {
    const before = known.get(found);
    if (before !== undefined) return before;
    const count = counts.get(model) ?? 0;
    counts.set(model, count + 1);
    const masked = model.endsWith('00') ? model.slice(0, -2) + String(count).padStart(2, '0') : model;
    known.set(found, masked);
    return masked;
  };
  const inText = (text: string): string =>
    randoms.reduce(
      (masked, [pattern, model]) => masked.replaceAll(pattern, (found) => replacement(found, model)),
      text,
    );
  const mask = (value: unknown): unknown => {
    if (typeof value === 'string') return inText(value);
    if (Array.isArray(value)) return value.map(mask);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mask(inner)]));
  };
  return mask;
}
