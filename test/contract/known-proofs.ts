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

/** Pseudo-random numbers from 0 to 1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Mail to few people of three domains: delivered, sent back later, refused and opened. */
function randomMail(seed: number): DeliveryEvent[] {
  const random = randomFrom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const kinds = ['delivered', 'delivered', 'delivered', 'bounce', 'bounce', 'opened'] as const;
  return Array.from({ length: 120 }, (_, index): DeliveryEvent => {
    const kind = pick(kinds);
    const number = Math.floor(random() * 5);
    const isBounce = kind === 'bounce';
    return event({
      ...{ id: `e${seed}.${index}`, kind, byPerson: true, echo: random() < 0.1 },
      recipient: `${pick(['jane', 'xkq7vz2rtb'])}${number}@${pick(['example.org', 'example.net', 'gmail.com'])}`,
      at: noon - Math.floor(random() * 30) * day - index * 60_000,
      // An opened message is another one, so the opening is not a scanner's.
      messageId: kind === 'opened' || random() < 0.2 ? null : `<m${Math.floor(random() * 15)}>`,
      ...(isBounce
        ? { reason: pick(['mailbox_unknown', 'mailbox_unknown', 'mailbox_disabled'] as const) }
        : { class: 'none', reason: 'delivered', status: null, replyCode: null }),
      proof: pick(['proven', 'proven', 'assumed', 'unproven']),
    });
  });
}

/** Derives the rows of `domain_signs` from all events at once. */
async function recountSigns(events: readonly DeliveryEvent[], hasher: AddressHasher) {
  const counted = events.filter(
    ({ recipient, echo, proof }) => !echo && proof !== 'unproven' && !recipient!.endsWith('@gmail.com'),
  );
  const rows = [...Map.groupBy(counted, ({ recipient }) => recipient!)].map(async ([recipient, own]) => {
    const isOpened = own.some(({ kind }) => kind === 'opened');
    const delivered = own.filter(({ kind }) => kind === 'delivered');
    const times = delivered.map(({ at }) => at!);
    const last = own
      .filter(({ kind, reason }) => kind === 'bounce' && reason === 'mailbox_unknown')
      .toSorted((a, b) => a.at! - b.at!)
      .at(-1);
    const isReturned =
      last?.messageId != null && delivered.some(({ messageId }) => messageId === last.messageId);
    return {
      address: (await hasher.hashAll([recipient]))[0]!,
      taken: recipient.startsWith('xkq') && !isOpened && times.length > 0 ? Math.max(...times) : null,
      bounced: last?.at ?? null,
      returned: Number(isReturned),
    };
  });
  return (await Promise.all(rows))
    .filter(({ taken, bounced }) => taken !== null || bounced !== null)
    .toSorted((a, b) => (a.address < b.address ? -1 : 1));
}

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

    const random = (number: number) => `xkq7vz2rtb${number}@example.org`;
    const anybody = 'anybody@example.org';
    /** A bounce as unknown of a message that was delivered before, or of one that was not. */
    const returned = (recipient: string, daysAgo: number) => {
      const messageId = `<${recipient.replace('@', '.at.')}>`;
      return [
        { ...came(recipient, daysAgo + 1), messageId },
        { ...bounced(recipient, daysAgo), messageId },
      ] as const;
    };

    test('a domain that accepted mail for three random-looking names may accept any name', async () => {
      await record(came(random(1), 5), came(random(2), 4), came(random(2), 3));
      expect(await find(anybody)).toEqual([null]);
      await record(came(random(3), 89));
      expect(await find(anybody, jane)).toEqual(['delivered catch_all', 'delivered catch_all']);
    });

    test('so may one that accepted mail and sent it back later, whatever was reported first', async () => {
      const all = [1, 2, 3].flatMap((number) => returned(`name${number}@example.org`, number));
      await record(...all.slice(0, 4));
      expect(await find(anybody)).toEqual([null]);
      await record(all[5]!);
      // The delivery is reported after the bounce: until then, the domain seems to have refused the mailbox.
      expect(await find(anybody)).toEqual([null]);
      await record(all[4]!);
      expect(await find(anybody, 'name1@example.org')).toEqual([
        'delivered catch_all',
        'bounced unknown_user',
      ]);
    });

    test('a domain that refused a mailbox as unknown does not accept every name', async () => {
      await record(...[1, 2, 3].map((number) => came(random(number), 9)));
      expect(await find(anybody)).toEqual(['delivered catch_all']);
      await record(bounced(kim, 89));
      expect(await find(anybody, jane)).toEqual([null, null]);
    });

    test.each([
      ['older than 90 days', { at: noon - 91 * day }],
      ['a bounce for another cause', { reason: 'mailbox_disabled' as const }],
      ['an echo', { echo: true }],
      ['forged', { proof: 'unproven' as const }],
    ])('a refusal that is %s does not count', async (_, differences) => {
      await record(...[1, 2, 3].map((number) => came(random(number), 9)));
      await record(event({ recipient: kim, at: noon - day, ...differences }));
      expect(await find(anybody)).toEqual(['delivered catch_all']);
    });

    test('a name that looks random is real if a person opened the mail', async () => {
      await record(...[1, 2, 3].map((number) => came(random(number), 9)));
      await record(came(random(1), 8, 'opened'));
      expect(await find(anybody)).toEqual([null]);
      await record(came(random(1), 7), came(random(4), 7, 'clicked'), came(random(4), 6));
      expect(await find(anybody)).toEqual([null]);
    });

    test('mail to a well-known provider or a privacy relay says nothing about the domain', async () => {
      for (const domain of ['gmail.com', 'simplelogin.com'])
        await record(...[1, 2, 3].map((number) => came(`xkq7vz2rtb${number}@${domain}`, 9)));
      expect(await find('anybody@gmail.com', 'anybody@simplelogin.com')).toEqual([null, null]);
      expect(await database.all('SELECT 1 FROM domain_signs')).toEqual([]);
    });

    test('a delivery to the address itself, and a host that refused a made-up name, say more', async () => {
      await record(...[1, 2, 3].map((number) => came(random(number), 9)), came(jane, 1));
      expect(await find(jane)).toEqual(['delivered exists']);
      await keep([{ address: kim, finding: 'undetermined', cause: 'ambiguous' }]);
      expect(await find(kim)).toEqual(['delivered catch_all']);
      await keep([{ address: kim }], { finding: 'selective' });
      expect(await find(kim, anybody)).toEqual(['smtp exists', null]);
    });

    test('a host that accepted a made-up name is not believed after its domain refused a mailbox', async () => {
      await keep([{ address: kim }], { finding: 'catch_all', checkedAt: noon - 5 * day });
      await record(bounced(jane, 6));
      expect(await find(kim, anybody)).toEqual(['smtp catch_all', 'smtp catch_all']);
      await record(bounced(jane, 4));
      expect(await find(kim, anybody)).toEqual([null, null]);
    });

    test('own mail does not count where anybody can ask', async () => {
      await record(...[1, 2, 3].map((number) => came(random(number), 9)));
      known = createKnownProofs({
        ...{ ownMail: null, repository: createProbeRepository(database), hasher },
        now: () => noon,
      });
      expect(await find(anybody)).toEqual([null]);
    });

    test('few rows about a domain are kept, the latest refusal among them, and none for long', async () => {
      const many = (prefix: string) =>
        Array.from({ length: 30 }, (_, index) => `${prefix}${index}@example.org`);
      await record(bounced('last@example.org', 1));
      await record(...many('gone').map((address) => bounced(address, 20)));
      await record(...many('xkq7vz2rtb').map((address) => came(address, 2)));
      expect(await database.all('SELECT 1 FROM domain_signs')).toHaveLength(40);
      const [domainHash] = await hasher.hashAll(['example.org']);
      const ownMail = createOwnMailRepository(database);
      const domains = () => ownMail.domains(hasher.keyId, [domainHash!], noon - 90 * day);
      expect(await domains()).toEqual([
        { domainHash, accepted: 20, acceptedAt: noon - 2 * day, refusedAt: noon - day },
      ]);
      await ownMail.deleteDomainsBefore(noon - 1.5 * day);
      expect(await database.all('SELECT 1 FROM domain_signs')).toHaveLength(1);
    });

    test.each([1, 2, 3, 4])(
      'what is kept about domains equals a recount of all events, in any order and repeated (seed %i)',
      async (seed) => {
        const events = randomMail(seed);
        const shuffled = randomFrom(seed + 100);
        const arriving = [...events, ...events.filter(() => shuffled() < 0.3)].toSorted(
          () => shuffled() - 0.5,
        );
        while (arriving.length > 0) await record(...arriving.splice(0, Math.ceil(shuffled() * 20)));
        const rows = await database.all(
          `SELECT address_hash AS address, taken_at AS taken, bounced_at AS bounced, returned FROM domain_signs
           WHERE taken_at IS NOT NULL OR bounced_at IS NOT NULL ORDER BY address_hash`,
        );
        expect(rows).toEqual(await recountSigns(events, hasher));
        expect(rows.length).toBeGreaterThan(5);
      },
    );

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
