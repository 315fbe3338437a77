// What a suppression entry means depends on the mail in question.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({ zone });
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
  const reset = await post('/v1/validate', { email: mailbox('left'), purpose: 'transactional' });
  expect(reset.action).toBe('accept');
  const signup = await post('/v1/validate', { email: mailbox('left'), purpose: 'signup' });
  expect(signup).toMatchObject({
    action: 'confirm',
    message: expect.stringContaining('confirm that they want mail'),
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
