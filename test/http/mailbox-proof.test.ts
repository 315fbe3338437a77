// With MAILBOX_PROOF=smtp, verdicts of the service use the answers that `presend probe` kept; without it, they do not.

import { expect, onTestFinished, test } from 'vitest';
import { createFeedback } from '../../src/events/record.ts';
import type { StoredProof } from '../../src/mailbox/probe-repository.ts';
import type { Database } from '../../src/storage/database.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createProbeRepository } from '../../src/storage/sqlite/probe-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import { addressHashKey, suppressionKey } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { adminKey } from '../contract/auth.ts';
import { event } from '../contract/feedback.ts';
import { startNodeService } from './node-service.ts';

const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));
const zone = {
  'brisk-otter.com': { MX: [[10, 'mx.brisk-otter.com'] as [number, string]] },
  'mx.brisk-otter.com': { A: ['198.51.100.7'] },
};

async function keep(database: Database, findings: Readonly<Record<string, StoredProof['finding']>>) {
  const now = Date.now();
  const times = {
    cause: null,
    position: null,
    attempts: 0,
    checkedAt: now,
    retryAt: null,
    expiresAt: now + 86_400_000,
  };
  const names = Object.keys(findings);
  const hashes = await hasher.hashAll(names.map((name) => suppressionKey(`${name}@brisk-otter.com`)));
  await createProbeRepository(database).end(hasher.keyId, {
    ...{
      hostHash: 'h',
      session: 's',
      now,
      asked: 0,
      answered: 0,
      unknown: 0,
      refused: null,
      nextAt: 0,
      domains: [],
    },
    proofs: names.map((name, index) => ({ ...times, addressHash: hashes[index]!, finding: findings[name]! })),
  });
}

test.each([
  [{ MAILBOX_PROOF: 'smtp' }, ['mailbox_unknown', 'mailbox_full', 'catch_all', 'no_known_obstacle']],
  [{}, Array(4).fill('no_known_obstacle')],
])('%o', async (settings, expected) => {
  const service = await startNodeService({ zone, settings });
  onTestFinished(() => service.stop());
  await keep(service.database, { dead: 'unknown_user', full: 'full', any: 'catch_all' });
  const reasons = ['dead', 'full', 'any', 'jane'].map(async (name) => {
    const response = await fetch(`${service.url}/v1/validate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: `${name}@brisk-otter.com` }),
    });
    return ((await response.json()) as { reason: string }).reason;
  });
  expect(await Promise.all(reasons)).toEqual(expected);
});

test('the answer has the proof, its basis and its date; a form is told neither', async () => {
  const service = await startNodeService({ zone, settings: { MAILBOX_PROOF: 'smtp', ADMIN_KEY: adminKey } });
  onTestFinished(() => service.stop());
  await keep(service.database, { dead: 'unknown_user' });
  const send = async (path: string, key: string, body: object, origin?: string) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const response = await fetch(service.url + path, {
      method: 'POST',
      headers: { ...headers, ...(origin && { origin }) },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Record<string, unknown>;
  };
  const answer = await send('/v1/validate', adminKey, { email: 'dead@brisk-otter.com' });
  expect(answer).toMatchObject({
    reason: 'mailbox_unknown',
    mailbox: { proof: 'unknown_user', cause: null, basis: 'smtp', checked_at: expect.stringMatching(/Z$/) },
  });
  const unknown = await send('/v1/validate', adminKey, { email: 'kim@brisk-otter.com' });
  expect(unknown).not.toHaveProperty('mailbox');

  const jane = { email: 'jane@brisk-otter.com' };
  const suppressionList = createSuppressionList({
    repository: createSuppressionRepository(service.database),
    hasher,
    now: Date.now,
  });
  await createFeedback({
    ...{ repository: createEventRepository(service.database), hasher, suppressionList },
    ...{ now: Date.now, together: true },
  }).record([
    event({
      ...{ recipient: jane.email, kind: 'delivered', at: Date.now() - 1000 },
      ...{ class: 'none', reason: 'delivered', status: null, replyCode: null },
    }),
  ]);
  expect(await send('/v1/validate', adminKey, jane)).toMatchObject({
    mailbox: { proof: 'exists', basis: 'delivered' },
  });
  const { key } = await send('/v1/keys', adminKey, {
    name: 'form',
    kind: 'publishable',
    origins: ['https://shop.example'],
  });
  for (const email of [jane.email, 'dead@brisk-otter.com'])
    expect(await send('/v1/validate', String(key), { email }, 'https://shop.example')).not.toHaveProperty(
      'mailbox',
    );
});

test('the upkeep of the service deletes answers that have expired', async () => {
  const service = await startNodeService({ zone });
  onTestFinished(() => service.stop());
  await keep(service.database, { jane: 'accepted' });
  await service.database.run('UPDATE mailbox_proofs SET expires_at = 1', []);
  await keep(service.database, { kim: 'accepted' });
  await service.maintain();
  expect(await service.database.all('SELECT finding FROM mailbox_proofs', [])).toEqual([
    { finding: 'accepted' },
  ]);
});

test('MAILBOX_PROOF must be off or smtp', async () => {
  await expect(startNodeService({ zone, settings: { MAILBOX_PROOF: 'yes' } })).rejects.toThrow();
});
