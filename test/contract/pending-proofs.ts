// What verdicts with a pending proof promise, on whatever database: kept once, asked in the background, told once, and never readable
// in the database.

import { beforeEach, describe, expect, test } from 'vitest';
import type { ProbeFinding } from '../../src/mailbox/probe-finding.ts';
import type { Prober } from '../../src/mailbox/prober.ts';
import {
  createPendingProofs,
  longestPendingMs,
  maxPendingProofs,
  type PendingProofs,
  type PendingProofsPorts,
  type PendingRequest,
} from '../../src/pending/pending-proofs.ts';
import { verdictChangedBody } from '../../src/pending/verdict-message.ts';
import type { Database } from '../../src/storage/database.ts';
import { createErasureRepository } from '../../src/storage/sqlite/erasure-repository.ts';
import { createPendingRepository } from '../../src/storage/sqlite/pending-repository.ts';
import { type AddressHasher, suppressionKey } from '../../src/suppression/address-hash.ts';
import { type ValidationRequest, validatorOver } from '../../src/validator/validate.ts';
import type { DeliveryAttempt } from '../../src/webhooks/delivery.ts';

const second = 1000;
const minute = 60 * second;
const noon = Date.UTC(2026, 10, 20, 12);
const url = 'https://shop.example.com/hook';

const finding = (
  kind: ProbeFinding['proof']['kind'],
  differences: Partial<ProbeFinding> & { cause?: string } = {},
): ProbeFinding => {
  const { cause, ...rest } = differences;
  const proof = (cause === undefined ? { kind } : { kind, cause }) as ProbeFinding['proof'];
  return { proof, checkedAt: noon, retryAt: null, ...rest };
};

/** `start` gives a database with the schema and nothing in it. */
export function pendingProofsBattery(
  name: string,
  start: () => Promise<{ database: Database; hasher: AddressHasher; otherHasher: AddressHasher }>,
): void {
  describe(`Pending proofs on ${name}`, () => {
    let parts: Awaited<ReturnType<typeof start>>;
    let database: Database;
    let now: number;
    let asked: string[];
    let delivered: { id: string; url: string; body: string }[];
    let lost: number;
    let givenUp: string[];
    let findings: (address: string) => ProbeFinding;
    let attempt: () => DeliveryAttempt;
    let isDnsDown: boolean;
    let ids: number;

    beforeEach(async () => {
      parts = await start();
      ({ database } = parts);
      now = noon;
      asked = [];
      delivered = [];
      lost = 0;
      givenUp = [];
      findings = () => finding('exists');
      attempt = () => ({ kind: 'delivered' });
      isDnsDown = false;
      ids = 0;
    });

    const prober: Prober = {
      async probe(mailboxes, terms) {
        asked.push(...mailboxes.map(({ address }) => address));
        const found = new Map(mailboxes.map(({ address }) => [address, findings(address)]));
        for (const [address, one] of found) terms.onFinding?.(address, one);
        return found;
      },
    };
    const validator = () =>
      validatorOver({
        mailHosts: {
          lookup: (domain) => ({
            mailHost: isDnsDown
              ? { kind: 'undetermined', cause: 'timeout' }
              : domain.startsWith('null')
                ? { kind: 'null_mx' }
                : {
                    kind: 'mx',
                    exchanges: [
                      {
                        preference: 10,
                        host: domain === 'yahoo.com' ? 'mta5.am0.yahoodns.net' : `mx.${domain}`,
                      },
                    ],
                  },
            expires: 0,
          }),
        },
        suppressions: null,
        now: () => now,
        timeoutMs: 5000,
        batchTimeoutMs: 60_000,
      });
    const proofsOf = (differences: Partial<PendingProofsPorts> = {}): PendingProofs =>
      createPendingProofs({
        repository: createPendingRepository(database),
        hasher: parts.hasher,
        prober,
        validator: validator(),
        now: () => now,
        newId: () => `ver_${++ids}`,
        turnMs: minute,
        messageOf: (_, proven) => verdictChangedBody(proven),
        deliver: async (target, message) => {
          if (target.kind !== 'callback') throw new Error(target.kind);
          delivered.push({ ...message, url: target.url });
          return attempt();
        },
        retryWaitsMs: [5 * second, minute],
        wake: () => {},
        onGivenUp: ({ cause }) => givenUp.push(cause),
        onUnreadable: (rows) => {
          lost += rows;
        },
        onError: (error) => {
          throw error;
        },
        ...differences,
      });
    const request = async (one: string | ValidationRequest, to = url): Promise<PendingRequest> => {
      const asked = typeof one === 'string' ? { email: one } : one;
      return {
        request: asked,
        verdict: await validator().validate(asked),
        target: { kind: 'callback', url: to },
      };
    };
    const add = async (proofs: PendingProofs, ...emails: string[]) =>
      proofs.add('key', await Promise.all(emails.map((email) => request(email))));
    const rows = () => database.all<Record<string, unknown>>('SELECT * FROM pending_proofs');
    /** Works until nothing is due. */
    const work = async (proofs: PendingProofs) => {
      now += 2 * second;
      while ((await proofs.ask()) || (await proofs.tell()));
    };
    const told = () => delivered.map(({ body }) => JSON.parse(body));

    test('the mail host is asked, the receiver gets the new verdict, and nothing is left', async () => {
      findings = () => finding('unknown_user');
      const proofs = proofsOf();
      expect(await add(proofs, 'Jane@brisk-otter.com')).toEqual([true]);
      expect(await proofs.hasDue(now)).toBe(true);
      await work(proofs);
      expect(asked).toEqual(['Jane@brisk-otter.com']);
      expect(told()).toEqual([
        {
          type: 'verdict.changed',
          timestamp: expect.stringMatching(/^2026-11-20T12:00:/),
          data: {
            changed: true,
            previous: { result: 'deliverable', reason: 'no_known_obstacle', action: 'accept' },
            verdict: expect.objectContaining({
              email: 'Jane@brisk-otter.com',
              reason: 'mailbox_unknown',
              mailbox: {
                ...{ proof: 'unknown_user', cause: null, basis: 'smtp' },
                checked_at: '2026-11-20T12:00:00.000Z',
              },
            }),
          },
        },
      ]);
      expect(delivered[0]).toMatchObject({ url, id: 'ver_1' });
      expect(await rows()).toEqual([]);
      expect(await proofs.hasDue(now + longestPendingMs)).toBe(false);
    });

    test('a proof that brought nothing is told too, as unchanged', async () => {
      findings = () => finding('refused_us', { cause: 'blocked_reputation', checkedAt: null });
      const proofs = proofsOf();
      await add(proofs, 'jane@brisk-otter.com');
      await work(proofs);
      expect(told()[0].data).toMatchObject({
        changed: false,
        verdict: {
          reason: 'no_known_obstacle',
          mailbox: { proof: 'refused_us', cause: 'blocked_reputation' },
        },
      });
    });

    test('nothing is pending where a question would bring nothing', async () => {
      const proofs = proofsOf();
      const emails = ['jane@yahoo.com', 'jane@null-mx.com', 'not an address', 'null-mx@presend.test'];
      expect(await add(proofs, ...emails, 'jane@mailinator.com')).toEqual([
        false,
        false,
        false,
        false,
        false,
      ]);
      const known = await validator().validate(
        { email: 'jane@brisk-otter.com' },
        {
          proofs: new Map([
            ['jane@brisk-otter.com', { proof: { kind: 'exists' }, basis: 'smtp', checkedAt: noon }],
          ]),
        },
      );
      const one = await request('jane@brisk-otter.com');
      expect(await proofs.add('key', [{ ...one, verdict: known }])).toEqual([false]);
      expect(await rows()).toEqual([]);
    });

    test('a host that greylists is asked again when it says, and the receiver is told once', async () => {
      const waits = [5, 15, 60];
      findings = () => {
        const wait = waits[asked.length - 1];
        return wait === undefined
          ? finding('exists', { checkedAt: now })
          : finding('undetermined', { cause: 'greylisted', retryAt: now + wait * minute });
      };
      const proofs = proofsOf();
      await add(proofs, 'jane@brisk-otter.com');
      for (const wait of waits) {
        await work(proofs);
        expect(delivered).toEqual([]);
        now += wait * minute - 5 * second;
        await work(proofs);
        expect(await proofs.hasDue(now + 10 * second)).toBe(true);
        now += 5 * second;
      }
      await work(proofs);
      expect(asked).toHaveLength(4);
      expect(told()).toMatchObject([{ data: { verdict: { mailbox: { proof: 'exists' } } } }]);
    });

    test('after a day the receiver is told that nothing is known', async () => {
      findings = () =>
        finding('undetermined', { cause: 'resting', checkedAt: null, retryAt: now + 5 * 60 * minute });
      const proofs = proofsOf();
      await add(proofs, 'jane@brisk-otter.com');
      for (let hour = 0; hour < 24; hour++, now += 60 * minute) await work(proofs);
      expect(asked.length).toBe(5);
      expect(told()).toMatchObject([
        { data: { changed: false, verdict: { mailbox: { cause: 'resting' } } } },
      ]);
    });

    test('a resting host without a time is asked again later: it was not asked', async () => {
      findings = () => finding('undetermined', { cause: 'resting', checkedAt: null });
      const proofs = proofsOf();
      await add(proofs, 'jane@brisk-otter.com');
      await work(proofs);
      expect(delivered).toEqual([]);
      findings = () => finding('exists');
      now += minute;
      await work(proofs);
      expect(delivered).toHaveLength(1);
    });

    test('while DNS fails, no `unknown` is told', async () => {
      const proofs = proofsOf();
      await add(proofs, 'jane@brisk-otter.com');
      isDnsDown = true;
      await work(proofs);
      expect(delivered).toEqual([]);
      isDnsDown = false;
      now += minute;
      await work(proofs);
      expect(told()).toMatchObject([{ data: { verdict: { result: 'deliverable' } } }]);
    });

    test('a repeated request is kept once; another spelling, receiver or caller is another request', async () => {
      const proofs = proofsOf();
      expect(await add(proofs, 'jane@brisk-otter.com', 'jane@brisk-otter.com')).toEqual([true, true]);
      expect(await add(proofsOf(), 'jane@brisk-otter.com')).toEqual([true]);
      expect(await rows()).toHaveLength(1);
      await add(proofs, 'JANE@brisk-otter.com');
      await proofs.add('key', [await request('jane@brisk-otter.com', `${url}/2`)]);
      await proofs.add('other', [await request('jane@brisk-otter.com')]);
      await work(proofs);
      expect(told().map(({ data }) => data.verdict.email)).toEqual([
        ...['jane@brisk-otter.com', 'JANE@brisk-otter.com', 'jane@brisk-otter.com', 'jane@brisk-otter.com'],
      ]);
      expect(new Set(delivered.map(({ id }) => id)).size).toBe(4);
    });

    test('a receiver that fails is tried again with the same id and body, then given up', async () => {
      attempt = () => ({ kind: 'failed', cause: 'status 500', isFinal: false });
      const proofs = proofsOf();
      await add(proofs, 'jane@brisk-otter.com');
      await work(proofs);
      findings = () => finding('unknown_user');
      for (const wait of [5 * second, minute]) {
        expect(await rows()).toHaveLength(1);
        now += wait;
        await work(proofs);
      }
      expect(delivered).toHaveLength(3);
      expect(new Set(delivered.map((one) => JSON.stringify(one))).size).toBe(1);
      expect(givenUp).toEqual(['status 500']);
      expect(await rows()).toEqual([]);
    });

    test('what a dead process held is done by the next one, once', async () => {
      const dying = proofsOf({ prober: { probe: () => new Promise(() => {}) } });
      await add(dying, 'jane@brisk-otter.com');
      void dying.ask();
      const proofs = proofsOf();
      // The question is leased once the first process holds it.
      await expect.poll(async () => (await rows())[0]!['lease']).toBe(1);
      await work(proofs);
      expect(asked).toEqual([]);
      await proofs.endLeases();
      await proofs.ask();
      expect(asked).toEqual(['jane@brisk-otter.com']);
      const telling = proofsOf({ deliver: () => new Promise(() => {}) });
      void telling.tell();
      await expect.poll(async () => (await rows())[0]!['lease']).toBe(3);
      await proofs.endLeases();
      await work(proofs);
      expect(delivered).toHaveLength(1);
      expect(await rows()).toEqual([]);
    });

    test('a process whose lease has ended changes nothing', async () => {
      const repository = createPendingRepository(database);
      const proofs = proofsOf();
      await add(proofs, 'jane@brisk-otter.com');
      const [late] = await repository.claimQuestions(noon, noon + minute, 10);
      expect(await repository.claimQuestions(noon + minute - 1, noon + 2 * minute, 10)).toEqual([]);
      const [next] = await repository.claimQuestions(noon + minute, noon + 2 * minute, 10);
      await repository.proven(late!, 'wrong', now);
      await repository.remove(late!);
      await repository.postponeQuestion(late!, 0);
      expect(await rows()).toMatchObject([{ state: 'asking', lease: next!.lease, next_at: noon }]);
    });

    test('the database reveals neither the address nor the receiver', async () => {
      const proofs = proofsOf();
      await add(proofs, 'jane@brisk-otter.com');
      expect(JSON.stringify(await rows())).not.toMatch(/jane|otter|shop/i);
      await proofs.ask();
      expect(JSON.stringify(await rows())).not.toMatch(/jane|otter|shop/i);
      expect((await rows())[0]!['state']).toBe('telling');
    });

    test('an erased person is neither asked about nor told of', async () => {
      const proofs = proofsOf({
        prober: {
          async probe(mailboxes, terms) {
            await erase('kim@brisk-otter.com');
            return prober.probe(mailboxes, terms);
          },
        },
      });
      const erase = async (address: string) => {
        const [addressHash] = await parts.hasher.hashAll([suppressionKey(address)]);
        const { keyId } = parts.hasher;
        await createErasureRepository(database).erase({
          keyId,
          addressHash: addressHash!,
          keepSuppression: true,
          now,
        });
      };
      await add(proofs, 'jane@brisk-otter.com', 'kim@brisk-otter.com', 'lee@brisk-otter.com');
      await erase('JANE@brisk-otter.com');
      await work(proofs);
      expect(asked.toSorted()).toEqual(['kim@brisk-otter.com', 'lee@brisk-otter.com']);
      expect(told().map(({ data }) => data.verdict.email)).toEqual(['lee@brisk-otter.com']);
      expect(await rows()).toEqual([]);
    });

    test('after a change of ADDRESS_HASH_KEY nothing can be read: it is deleted and counted', async () => {
      await add(proofsOf(), 'jane@brisk-otter.com', 'kim@brisk-otter.com');
      const proofs = proofsOf({ hasher: parts.otherHasher });
      await work(proofs);
      expect({ lost, asked, delivered, rows: await rows() }).toEqual({
        ...{ lost: 2, asked: [], delivered: [], rows: [] },
      });
    });

    test('without a prober, what is pending is told without a proof', async () => {
      await add(proofsOf(), 'jane@brisk-otter.com');
      await work(proofsOf({ prober: null }));
      expect(told()).toMatchObject([
        { data: { verdict: { mailbox: { proof: 'not_checked', cause: 'off' } } } },
      ]);
    });

    test('a caller has at most 10,000 pending', async () => {
      const repository = createPendingRepository(database);
      const some = (from: number, count: number) =>
        Array.from({ length: count }, (_, index) => ({
          ...{ id: `v${from + index}`, request: `r${from + index}`, addressHash: 'h', sealed: '' },
        }));
      const by = { caller: 'key', keyId: 'k', most: maxPendingProofs, now };
      await repository.add(some(0, maxPendingProofs - 2), by);
      const kept = await repository.add(some(maxPendingProofs - 3, 10), by);
      expect([...kept].toSorted()).toEqual([3, 2, 1].map((left) => `r${maxPendingProofs - left}`));
      expect(await repository.add(some(maxPendingProofs, 1), by)).toEqual(new Set());
      const other = await repository.add(
        some(maxPendingProofs, 1).map((row) => ({ ...row, request: 'other' })),
        { ...by, caller: 'other' },
      );
      expect(other.size).toBe(1);
    });

    test('what could not be told is deleted after all attempts', async () => {
      const proofs = proofsOf();
      await add(proofs, 'jane@brisk-otter.com');
      now += 2 * longestPendingMs;
      await proofs.deleteOld();
      expect(await rows()).toHaveLength(1);
      now += 2 * minute;
      await proofs.deleteOld();
      expect(await rows()).toEqual([]);
    });
  });
}
