// The webhooks about the suppression list: each change is told once, signed, whatever dies meanwhile.

import { beforeEach, describe, expect, test } from 'vitest';
import { deliverChanges, type SuppressionOutbox } from '../../src/events/change-webhook.ts';
import type { Database } from '../../src/storage/database.ts';
import { createErasureRepository } from '../../src/storage/sqlite/erasure-repository.ts';
import { createSuppressionOutbox } from '../../src/storage/sqlite/suppression-outbox.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import { type AddressHasher, suppressionKey } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import type { SuppressionList } from '../../src/suppression/suppressions.ts';
import type { WebhookTransport } from '../../src/webhooks/delivery.ts';
import { webhookHeaders } from '../../src/webhooks/sign.ts';
import { death, diesAt } from './dying-database.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const minute = 60_000;
const secret = new TextEncoder().encode('a secret of twenty-four bytes or more');
const waits = [minute, 2 * minute];

interface Received {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `start` gives a database with the schema and nothing in it. */
export function changeWebhookBattery(
  name: string,
  start: () => Promise<{ database: Database; hasher: AddressHasher }>,
): void {
  describe(`Webhooks about the suppression list on ${name}`, () => {
    let now: number;
    let database: Database;
    let hasher: AddressHasher;
    let received: Received[];
    let givenUp: object[];
    let answer: () => Awaited<ReturnType<WebhookTransport>>;

    beforeEach(async () => {
      now = noon;
      ({ database, hasher } = await start());
      received = [];
      givenUp = [];
      answer = () => ({ kind: 'status', status: 204 });
      await createSuppressionOutbox(database).keep(true);
    });

    const listOver = (over: Database): SuppressionList =>
      createSuppressionList({ repository: createSuppressionRepository(over), hasher, now: () => now });

    let messages = 0;
    const deliver = (outbox: SuppressionOutbox = createSuppressionOutbox(database)) =>
      deliverChanges({
        outbox,
        url: 'https://hooks.example.org/presend',
        secret,
        names: { addressesOf: async () => ['192.0.2.1'], isPublic: () => true, isBareAddress: () => false },
        targets: 'public',
        transport: async ({ headers, body }) => {
          received.push({ id: headers['webhook-id']!, headers, body });
          return answer();
        },
        now: () => now,
        newId: () => `sup_${++messages}`,
        retryWaitsMs: waits,
        onGivenUp: (message) => givenUp.push(message),
      });
    const deliverAll = async (): Promise<void> => {
      while (await deliver());
    };
    /** What a receiver that knows the ids of messages has been told. */
    const told = () => {
      const byId = new Map(received.map(({ id, body }) => [id, body]));
      return [...byId.values()].flatMap((body) => {
        const { type, data } = JSON.parse(body);
        return data.entries.map((entry: { address_hash: string }) => ({ type, ...entry }));
      });
    };
    const hashOf = async (address: string) => (await hasher.hashAll([suppressionKey(address)]))[0]!;

    test('an added and a lifted entry are sent with their hash, signed', async () => {
      const list = listOver(database);
      await list.add({ address: 'jane@example.org', reason: 'bounce', status: '5.1.1', source: 'postmark' });
      await deliverAll();
      now += minute;
      const consent = { kind: 'double_opt_in', at: now, evidence: 'confirmation 7' } as const;
      await list.remove({ address: 'jane@example.org', consent });
      await deliverAll();
      const entry = {
        address_hash: await hashOf('jane@example.org'),
        key_id: hasher.keyId,
        scope: 'all',
        reason: 'bounce',
        status: '5.1.1',
        source: 'postmark',
      };
      expect(told()).toEqual([
        { type: 'suppression.added', ...entry, at: new Date(noon).toISOString() },
        { type: 'suppression.lifted', ...entry, at: new Date(now).toISOString() },
      ]);
      const [{ id, body, headers }] = received as [Received];
      expect(headers).toMatchObject(await webhookHeaders(secret, { id, at: noon, body }));
      expect(received.map((one) => one.body).join()).not.toContain('@');
      expect(await database.all('SELECT id FROM suppression_changes')).toEqual([]);
      expect(await database.all('SELECT id FROM suppression_messages')).toEqual([]);
    });

    test('an added entry carries the contact of the vendor, unless that is an address', async () => {
      const list = listOver(database);
      await list.addMany([
        { address: 'a@example.org', reason: 'unsubscribe', source: 'hubspot', contact: '4711' },
        { address: 'b@example.org', reason: 'unsubscribe', source: 'hubspot', contact: 'b@example.org' },
        { address: 'c@example.org', reason: 'unsubscribe', source: 'hubspot' },
      ]);
      await deliverAll();
      const contacts = new Map(told().map((entry) => [entry.address_hash, entry.contact_id]));
      for (const [name, contact] of [
        ['a', '4711'],
        ['b', undefined],
        ['c', undefined],
      ] as const)
        expect(contacts.get(await hashOf(`${name}@example.org`)), name).toBe(contact);
      expect(told().filter((entry) => 'contact_id' in entry)).toHaveLength(1);
    });

    test('a lifted entry carries the contact of the vendor, whatever lifts it', async () => {
      const list = listOver(database);
      const at = (name: string) => `${name}@example.org`;
      await list.addMany([
        { address: at('opt-in'), reason: 'unsubscribe', scope: 'list:news', source: 'hubspot', contact: '1' },
        { address: at('opt-in'), reason: 'bounce', source: 'klaviyo', contact: '2' },
        { address: at('resubscribed'), reason: 'unsubscribe', source: 'hubspot', contact: '3' },
        { address: at('incident'), reason: 'bounce', source: 'hubspot', contact: '4', since: noon },
        { address: at('nobody'), reason: 'bounce', source: 'hubspot', since: noon },
      ]);
      const consent = { kind: 'double_opt_in', at: now, evidence: 'confirmation 7' } as const;
      await list.remove({ address: at('opt-in'), consent });
      await list.resubscribe({
        ...{ address: at('resubscribed'), source: 'hubspot', at: now },
        ...{ scope: 'marketing', reasons: ['unsubscribe'] },
      });
      await list.liftIncident({ from: noon, to: noon + minute });
      await deliverAll();
      const lifted = told().filter(({ type }) => type === 'suppression.lifted');
      expect(lifted).toHaveLength(5);
      for (const [name, source, contact] of [
        ['opt-in', 'hubspot', '1'],
        ['opt-in', 'klaviyo', '2'],
        ['resubscribed', 'hubspot', '3'],
        ['incident', 'hubspot', '4'],
        ['nobody', 'hubspot', undefined],
      ] as const) {
        const hash = await hashOf(at(name));
        const entry = lifted.find((one) => one.address_hash === hash && one.source === source);
        expect(entry!.contact_id, name).toBe(contact);
      }
    });

    test('a repeated bounce that changes nothing is not sent', async () => {
      const list = listOver(database);
      for (const status of ['5.1.1', '5.1.1', '5.2.1'])
        await list.add({ address: 'jane@example.org', reason: 'bounce', status });
      await deliverAll();
      expect(told()).toHaveLength(1);
    });

    test('changes of one kind are sent together, in order', async () => {
      const list = listOver(database);
      await list.addMany(
        Array.from({ length: 501 }, (_, index) => ({
          address: `u${index}@example.org`,
          reason: 'manual' as const,
        })),
      );
      const consent = { kind: 'double_opt_in', at: now, evidence: 'confirmation 7' } as const;
      await list.remove({ address: 'u0@example.org', consent });
      await deliverAll();
      expect(received.map(({ body }) => JSON.parse(body).data.entries.length)).toEqual([500, 1, 1]);
      expect(received.map(({ body }) => JSON.parse(body).type)).toEqual([
        'suppression.added',
        'suppression.added',
        'suppression.lifted',
      ]);
      expect(new Set(told().map(({ address_hash }) => address_hash)).size).toBe(501);
    });

    test('a failed message is retried with the same id and body, then given up', async () => {
      await listOver(database).add({ address: 'jane@example.org', reason: 'manual' });
      answer = () => ({ kind: 'status', status: 500 });
      await deliverAll();
      expect(received).toHaveLength(1);
      // What comes meanwhile is a message of its own.
      await listOver(database).add({ address: 'john@example.org', reason: 'manual' });
      now += minute;
      await deliverAll();
      expect(received.map(({ id }) => id).toSorted()).toEqual(
        [received[0]!.id, received[0]!.id, received.at(-1)!.id].toSorted(),
      );
      expect(new Set(received.map(({ body }) => body)).size).toBe(2);
      answer = () => ({ kind: 'failed', cause: 'timeout' });
      now += 10 * minute;
      await deliverAll();
      expect(givenUp).toMatchObject([{ changes: 1, cause: 'timeout' }]);
      now += 10 * minute;
      await deliverAll();
      expect(givenUp).toHaveLength(2);
      expect(await deliver()).toBe(false);
    });

    test('a receiver that answers 410 Gone gets no more attempts', async () => {
      await listOver(database).add({ address: 'jane@example.org', reason: 'manual' });
      answer = () => ({ kind: 'status', status: 410 });
      await deliverAll();
      now += 60 * minute;
      await deliverAll();
      expect(received).toHaveLength(1);
      expect(givenUp).toMatchObject([{ cause: 'status 410' }]);
    });

    test('without the setting nothing is kept', async () => {
      await createSuppressionOutbox(database).keep(false);
      await listOver(database).add({ address: 'jane@example.org', reason: 'manual' });
      expect(await deliver()).toBe(false);
      await createSuppressionOutbox(database).keep(true);
      expect(await deliver()).toBe(false);
    });

    test('changes of an erased address are not sent', async () => {
      await listOver(database).add({ address: 'jane@example.org', reason: 'manual' });
      answer = () => ({ kind: 'status', status: 500 });
      await deliverAll();
      const addressHash = await hashOf('jane@example.org');
      await createErasureRepository(database).erase({
        keyId: hasher.keyId,
        addressHash,
        keepSuppression: false,
        now,
      });
      now += minute;
      await deliverAll();
      expect(received).toHaveLength(1);
      expect(await database.all('SELECT id FROM suppression_messages')).toEqual([]);
    });

    test('each change arrives once over 20 kills, at every step in turn', async () => {
      const addresses = Array.from({ length: 40 }, (_, index) => `u${index}@example.org`);
      const waiting = [...addresses];
      for (let kill = 0; kill < 20; kill++) {
        // The process dies at its nth statement: before it, or after it took effect but before its answer came back.
        const dying = diesAt(database, 1 + (kill % 6), kill % 2 === 0 ? 'before' : 'after');
        try {
          const list = listOver(dying);
          for (const address of waiting.slice(0, 4)) {
            await list.add({ address, reason: 'bounce' });
            waiting.shift();
            await deliver(createSuppressionOutbox(dying));
          }
        } catch (error) {
          expect(error).toBe(death);
        }
        // The lease of the dead process ends.
        now += 3 * minute;
      }
      for (const address of waiting) await listOver(database).add({ address, reason: 'bounce' });
      now += 3 * minute;
      await deliverAll();
      const hashes = await Promise.all(addresses.map(hashOf));
      expect(
        told()
          .map(({ address_hash }) => address_hash)
          .toSorted(),
      ).toEqual(hashes.toSorted());
      // Some messages came twice, with the same id and body: that is what the id is for.
      expect(received.length).toBeGreaterThanOrEqual(new Set(received.map(({ id }) => id)).size);
      expect(givenUp).toEqual([]);
    });
  });
}
