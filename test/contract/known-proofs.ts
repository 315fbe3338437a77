// What is known about mailboxes without asking anybody, on whatever database.

import { beforeEach, describe, expect, test } from 'vitest';
import { parseMailbox } from '../../src/address/parse.ts';
import type { DeliveryEvent } from '../../src/events/delivery-event.ts';
import { createFeedback } from '../../src/events/record.ts';
import { createKnownProofs, type KnownProofs } from '../../src/mailbox/known-proofs.ts';
import type { StoredDomain, StoredProof } from '../../src/mailbox/probe-repository.ts';
import type { Database } from '../../src/storage/database.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createOwnMailRepository } from '../../src/storage/sqlite/own-mail-repository.ts';
import { createProbeRepository } from '../../src/storage/sqlite/probe-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import { type AddressHasher, suppressionKey } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import { event } from './feedback.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const day = 86_400_000;
const jane = 'jane@example.org';
const kim = 'kim@example.org';

/** `start` gives a database with the schema and nothing in it. */
export function knownProofsBattery(
  name: string,
  start: () => Promise<{ database: Database; hasher: AddressHasher }>,
): void {
  describe(`Known proofs on ${name}`, () => {
    let database: Database;
    let hasher: AddressHasher;
    let known: KnownProofs;

    beforeEach(async () => {
      ({ database, hasher } = await start());
      known = createKnownProofs({
        ownMail: createOwnMailRepository(database),
        repository: createProbeRepository(database),
        hasher,
        now: () => noon,
      });
    });

    const record = (...events: readonly DeliveryEvent[]) =>
      createFeedback({
        hasher,
        repository: createEventRepository(database),
        suppressionList: createSuppressionList({
          repository: createSuppressionRepository(database),
          hasher,
          now: () => noon,
        }),
        now: () => noon,
        together: true,
      }).record(events);
    const came = (recipient: string, daysAgo: number, kind: DeliveryEvent['kind'] = 'delivered') =>
      event({
        ...{ recipient, kind, at: noon - daysAgo * day, byPerson: true },
        ...{ class: 'none', reason: 'delivered', status: null, replyCode: null },
      });
    const bounced = (recipient: string, daysAgo: number) => event({ recipient, at: noon - daysAgo * day });
    const keep = async (
      proofs: readonly (Partial<StoredProof> & { address: string })[],
      domain?: Partial<StoredDomain>,
    ) => {
      const times = { checkedAt: noon - 2 * day, retryAt: null, expiresAt: noon + day };
      const rows = proofs.map(async ({ address, ...proof }) => ({
        ...{ finding: 'accepted' as const, cause: null, position: null, attempts: 0 },
        ...times,
        addressHash: (await hasher.hashAll([suppressionKey(address)]))[0]!,
        ...proof,
      }));
      const [domainHash] = await hasher.hashAll(['example.org']);
      const domains = domain
        ? [{ domainHash: domainHash!, finding: 'selective' as const, madeUpName: null, ...times, ...domain }]
        : [];
      await createProbeRepository(database).end(hasher.keyId, {
        ...{ hostHash: 'h', session: 's', now: noon, asked: 0, answered: 0 },
        ...{ unknown: 0, refused: null, nextAt: 0 },
        ...{ proofs: await Promise.all(rows), domains },
      });
    };
    const find = async (...addresses: readonly string[]) => {
      const mailboxes = addresses.map((address) => {
        const parsed = parseMailbox(address);
        if (!parsed.ok) throw new Error(address);
        return parsed.mailbox;
      });
      return (await known.find(mailboxes)).map((found) => found && `${found.basis} ${found.proof.kind}`);
    };

    test('nothing is known at first', async () => {
      expect(await find(jane, kim)).toEqual([null, null]);
      expect(await find()).toEqual([]);
    });

    test('a delivery or an opened message of the last 90 days proves a mailbox', async () => {
      await record(came(jane, 89), came(kim, 91));
      expect(await find(jane, kim, 'Jane@example.org')).toEqual([
        'delivered exists',
        null,
        'delivered exists',
      ]);
      await record(came(kim, 3, 'clicked'));
      expect(await find(kim)).toEqual(['engaged exists']);
    });

    test('a bounce since says that there is no mailbox, and a later delivery that there is', async () => {
      await record(came(jane, 30), bounced(jane, 20));
      expect(await find(jane)).toEqual(['bounced unknown_user']);
      await record(came(jane, 10));
      expect(await find(jane)).toEqual(['delivered exists']);
    });

    test('a bounce says what it is about: the mailbox, or only the domain', async () => {
      const withReason = (recipient: string, reason: DeliveryEvent['reason'], echo = false) =>
        event({ recipient, at: noon - 20 * day, reason, echo });
      await record(
        came(kim, 30),
        withReason(jane, 'mailbox_disabled'),
        withReason(kim, 'domain_unknown'),
        withReason('lee@example.org', 'mailbox_unknown', true),
        event({ recipient: 'max@example.org', at: noon - 91 * day }),
      );
      expect(await find(jane, kim, 'lee@example.org', 'max@example.org')).toEqual([
        'bounced disabled',
        null,
        null,
        null,
      ]);
    });

    test('a forged bounce says nothing', async () => {
      await record(came(jane, 30), event({ recipient: jane, at: noon - day, proof: 'unproven' }));
      expect(await find(jane)).toEqual(['delivered exists']);
    });

    test('a bounce that the operator lifted does not count', async () => {
      await record(bounced(jane, 20));
      const list = createSuppressionList({
        repository: createSuppressionRepository(database),
        hasher,
        now: () => noon - 10 * day,
      });
      const consent = { kind: 'double_opt_in' as const, at: noon - 10 * day, evidence: 'log 7' };
      await list.remove({ address: jane, consent });
      expect(await find(jane)).toEqual([null]);
    });

    test('the answer of a mail host that is kept, with what is known of its domain', async () => {
      await keep([{ address: jane }, { address: kim, finding: 'unknown_user' }]);
      expect(await find(jane, kim)).toEqual([null, 'smtp unknown_user']);
      await keep([], { finding: 'selective' });
      expect(await find(jane, kim)).toEqual(['smtp exists', 'smtp unknown_user']);
      await keep([], { finding: 'catch_all' });
      expect(await find(jane, kim, 'anybody@example.org')).toEqual([
        'smtp catch_all',
        'smtp unknown_user',
        'smtp catch_all',
      ]);
    });

    test('what expired does not count', async () => {
      await keep([{ address: jane, finding: 'unknown_user', expiresAt: noon }], {
        finding: 'catch_all',
        expiresAt: noon,
      });
      expect(await find(jane)).toEqual([null]);
    });

    test('own mail is stronger, unless a host has refused the mailbox since', async () => {
      await keep([{ address: jane, finding: 'unknown_user' }], { finding: 'catch_all' });
      await record(came(jane, 30), came(kim, 30));
      expect(await find(jane, kim)).toEqual(['smtp unknown_user', 'delivered exists']);
      await record(came(jane, 1));
      expect(await find(jane)).toEqual(['delivered exists']);
    });

    test('another workspace knows nothing', async () => {
      await record(came(jane, 1));
      const other = createKnownProofs({
        ownMail: createOwnMailRepository(database, 'other'),
        repository: createProbeRepository(database, 'other'),
        hasher,
        now: () => noon,
      });
      expect(await other.find([{ address: jane, domain: 'example.org' }])).toEqual([null]);
    });
  });
}
