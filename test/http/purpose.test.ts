// What a suppression entry means depends on the mail in question.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { webhookHeaders, webhookSecret } from '../../src/webhooks/sign.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

const hookKey = `whsec_${btoa('a secret of twenty-four bytes or more')}`;

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({ zone, settings: { ESP_STANDARD_WEBHOOKS_SIGNING_KEYS: hookKey } });
  const entries = [
    { email: 'left@brisk-otter.com', reason: 'unsubscribe' },
    { email: 'gone@brisk-otter.com', reason: 'bounce', status: '5.1.1' },
    { email: 'angry@brisk-otter.com', reason: 'complaint' },
    { email: 'nonews@brisk-otter.com', reason: 'unsubscribe', scope: 'list:news' },
  ];
  for (const entry of entries) await post('/v1/suppressions', entry);
});
afterAll(() => service.stop());

// biome-ignore lint/suspicious/noExplicitAny: the assertions say what it should be.
const post = async (path: string, body: object): Promise<any> =>
  (
    await fetch(service.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  ).json();

let webhooks = 0;
// biome-ignore lint/suspicious/noExplicitAny: the assertions say what it should be.
async function webhook(event: object): Promise<any> {
  const message = { id: `msg_${++webhooks}`, at: Date.now(), body: JSON.stringify(event) };
  const headers = await webhookHeaders(webhookSecret(hookKey)!, message);
  const url = `${service.url}/v1/hooks/esp/standard_webhooks`;
  return (await fetch(url, { method: 'POST', headers, body: message.body })).json();
}

const mailbox = (name: string) => `${name}@brisk-otter.com`;

describe.each([
  ['left', {}, 'undeliverable', 'reject'],
  ['left', { purpose: 'marketing' }, 'undeliverable', 'reject'],
  ['left', { purpose: 'transactional' }, 'deliverable', 'accept'],
  ['left', { purpose: 'signup' }, 'risky', 'confirm'],
  ['gone', { purpose: 'transactional' }, 'undeliverable', 'reject'],
  ['gone', { purpose: 'signup' }, 'undeliverable', 'reject'],
  ['angry', { purpose: 'transactional' }, 'undeliverable', 'reject'],
  ['nonews', {}, 'deliverable', 'accept'],
  ['nonews', { list: 'news' }, 'undeliverable', 'reject'],
  ['nonews', { list: 'offers' }, 'deliverable', 'accept'],
] as const)('%s, asked with %j', (name, question, result, action) => {
  test(`one address is ${result}, ${action}`, async () => {
    const verdict = await post('/v1/validate', { email: mailbox(name), ...question });
    expect(verdict).toMatchObject({ result, action });
    expect(verdict.reason).toBe(result === 'deliverable' ? 'no_known_obstacle' : 'suppressed');
  });

  test('so are a batch and its items', async () => {
    for (const addresses of [{ emails: [mailbox(name)] }, { items: [{ email: mailbox(name) }] }]) {
      const { results } = await post('/v1/validate/batch', { ...addresses, ...question });
      expect(results).toMatchObject([{ result, action }]);
    }
  });
});

test('a person who unsubscribed from news gets the reset mail and can sign up again', async () => {
  const email = mailbox('returning');
  // The provider reports the unsubscribe from one list and from all marketing.
  for (const list of ['news', null]) {
    const data = { recipient: email, list };
    const answer = await webhook({ type: 'email.unsubscribed', timestamp: new Date().toISOString(), data });
    expect(answer).toMatchObject({ events: 1, suppressed: 1 });
  }
  const asked = (question: object) => post('/v1/validate', { email, ...question });
  expect(await asked({ list: 'news' })).toMatchObject({ action: 'reject', reason: 'suppressed' });
  expect(await asked({})).toMatchObject({ action: 'reject' });
  for (const list of ['news', undefined])
    expect(await asked({ purpose: 'transactional', list })).toMatchObject({
      result: 'deliverable',
      action: 'accept',
      signals: ['suppressed'],
      suppression: { effect: 'inform', reason: 'unsubscribe' },
    });
  // The form: confirm, then the link in the message proves consent.
  expect(await asked({ purpose: 'signup', list: 'news' })).toMatchObject({
    result: 'risky',
    action: 'confirm',
    message: expect.stringContaining('confirm that they want mail'),
  });
  const consent = { kind: 'double_opt_in', at: new Date().toISOString(), evidence: 'confirmation 4711' };
  expect(await post('/v1/suppressions/remove', { email, consent })).toEqual({ email, removed: true });
  for (const question of [{}, { list: 'news' }, { purpose: 'signup', list: 'news' }])
    expect(await asked(question)).toMatchObject({ result: 'deliverable', action: 'accept' });
});

test('a complaint or a bounce is not undone by signing up again', async () => {
  const consent = { kind: 'double_opt_in', at: new Date().toISOString(), evidence: 'confirmation 4712' };
  expect(await post('/v1/suppressions/remove', { email: mailbox('angry'), consent })).toMatchObject({
    status: 409,
  });
  for (const name of ['angry', 'gone'])
    expect(await post('/v1/validate', { email: mailbox(name), purpose: 'signup' })).toMatchObject({
      action: 'reject',
    });
});

test.each([
  ['left', {}, { scope: 'marketing', reason: 'unsubscribe', effect: 'block', status: null }],
  ['left', { purpose: 'transactional' }, { scope: 'marketing', reason: 'unsubscribe', effect: 'inform' }],
  ['left', { purpose: 'signup' }, { reason: 'unsubscribe', effect: 'confirm' }],
  [
    'gone',
    { purpose: 'transactional' },
    { scope: 'all', reason: 'bounce', effect: 'block', status: '5.1.1' },
  ],
  ['nonews', { list: 'news' }, { scope: 'list:news', reason: 'unsubscribe', effect: 'block' }],
] as const)('the verdict on %s, asked with %j, shows the entry', async (name, question, entry) => {
  const verdict = await post('/v1/validate', { email: mailbox(name), ...question });
  expect(verdict.suppression).toMatchObject(entry);
  expect(Date.parse(verdict.suppression.since)).toBeGreaterThan(0);
  const { results } = await post('/v1/validate/batch', { emails: [mailbox(name)], ...question });
  expect(results[0].suppression).toEqual(verdict.suppression);
});

test.each([
  ['nonews', {}],
  ['nobody', { purpose: 'transactional' }],
] as const)('without an entry for the mail of %s, asked with %j, there is none', async (name, question) => {
  expect(await post('/v1/validate', { email: mailbox(name), ...question })).not.toHaveProperty('suppression');
});

test('an unknown purpose is refused by name', async () => {
  const problem = await post('/v1/validate', { email: mailbox('left'), purpose: 'spam' });
  expect(problem).toMatchObject({ status: 422 });
  expect(JSON.stringify(problem)).toContain('purpose');
});

test.each([
  ['', ['reject', 'accept']],
  ['?purpose=transactional', ['accept', 'accept']],
  ['?list=news', ['reject', 'reject']],
  ['?purpose=signup&list=news', ['confirm', 'confirm']],
] as const)('a list uploaded with "%s" is judged for that mail', async (query, actions) => {
  const body = `email\n${mailbox('left')}\n${mailbox('nonews')}\n`;
  const headers = { 'content-type': 'text/csv' };
  const made = await fetch(`${service.url}/v1/jobs${query}`, { method: 'POST', headers, body });
  const { id } = (await made.json()) as { id: string };
  const job = `${service.url}/v1/jobs/${id}`;
  const state = async () => ((await (await fetch(job)).json()) as { state: string }).state;
  await expect.poll(state, { timeout: 25_000 }).toBe('completed');
  const rows = (await (await fetch(`${job}/result`)).text()).trim().split('\n').slice(1);
  expect(rows.map((row) => /\b(accept|confirm|reject|retry)\b/.exec(row)?.[0])).toEqual(actions);
});

test.each(['?purpose=spam', '?list=a@b.example'])('a list uploaded with "%s" is refused', async (query) => {
  const headers = { 'content-type': 'text/csv' };
  const body = 'email\njane@brisk-otter.com\n';
  const response = await fetch(`${service.url}/v1/jobs${query}`, { method: 'POST', headers, body });
  expect(response.status).toBe(422);
});
