// What the repository of probes must do on every engine.

import { beforeEach, describe, expect, test } from 'vitest';
import type { ProbeRepository, SessionRecord, SessionRequest } from '../../src/mailbox/probe-repository.ts';
import type { Database } from '../../src/storage/database.ts';
import { createErasureRepository } from '../../src/storage/sqlite/erasure-repository.ts';
import { createProbeRepository } from '../../src/storage/sqlite/probe-repository.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const noon = Date.UTC(2026, 10, 20, 12);
const keyId = '01234567';

/** `start` gives a database with the schema and nothing in it. */
export function probesBattery(name: string, start: () => Promise<Database>): void {
  describe(`Probes on ${name}`, () => {
    let database: Database;
    let repository: ProbeRepository;

    beforeEach(async () => {
      database = await start();
      repository = createProbeRepository(database);
    });

    const request = (differences: Partial<SessionRequest> = {}): SessionRequest => ({
      hostHash: 'h1',
      session: 's1',
      now: noon,
      leaseMs: 5 * minute,
      wanted: 10,
      least: 3,
      perHour: 25,
      perDay: 40,
      ...differences,
    });
    const record = (differences: Partial<SessionRecord> = {}): SessionRecord => ({
      hostHash: 'h1',
      session: 's1',
      now: noon,
      asked: 10,
      answered: 10,
      unknown: 0,
      refused: null,
      nextAt: noon,
      proofs: [],
      domains: [],
      ...differences,
    });
    const begin = (differences?: Partial<SessionRequest>) => repository.begin(keyId, request(differences));
    const end = (differences?: Partial<SessionRecord>) => repository.end(keyId, record(differences));
    const proof = (addressHash: string, expiresAt: number) =>
      ({
        addressHash,
        finding: 'accepted',
        cause: null,
        attempts: 0,
        position: null,
        checkedAt: noon,
        retryAt: null,
        expiresAt,
      }) as const;

    test('the sessions of a process that no longer runs end, and those of others go on', async () => {
      await begin({ session: 'old 1' });
      await begin({ session: 'other 2', hostHash: 'h2' });
      expect(await begin({ session: 'new 3', now: noon + 1000 })).toMatchObject({ kind: 'later' });
      const told = { hostHash: 'h1', session: 'old 1', asked: 4 };
      await repository.keep(keyId, { proofs: [], domains: [] }, told);
      await repository.keep(keyId, { proofs: [], domains: [] }, { ...told, session: 'older', asked: 9 });
      await repository.endSessions('old ');
      // Of the 25 an hour, 4 were sent, and one more may have been under way.
      expect(await begin({ session: 'new 4', wanted: 30, now: noon + 1000 })).toMatchObject({
        kind: 'granted',
        granted: 20,
      });
      expect(await begin({ session: 'new 5', hostHash: 'h2', now: noon + 1000 })).toMatchObject({
        kind: 'later',
      });
    });

    test('what is kept before the end of a session counts at once', async () => {
      await begin();
      const found = { ...proof('a1', noon + day), finding: 'unknown_user' as const };
      const domain = { domainHash: 'd1', finding: 'selective' as const, madeUpName: null };
      await repository.keep(keyId, {
        proofs: [found],
        domains: [{ ...domain, checkedAt: noon, retryAt: null, expiresAt: noon + day }],
      });
      expect(await repository.proofs(keyId, ['a1'], noon)).toEqual([found]);
      expect(await repository.domains(keyId, ['d1'], noon)).toHaveLength(1);
      expect(await begin({ session: 's2', now: noon + 1000 })).toMatchObject({ kind: 'later' });
    });

    test('a question that is about to be sent, a refusal that is not confirmed, and the answer replace each other', async () => {
      for (const row of [
        { ...proof('a1', noon + day), finding: 'asked' as const },
        { ...proof('a1', noon + hour), finding: 'maybe_unknown' as const, position: 4 },
        { ...proof('a1', noon + day), finding: 'unknown_user' as const },
      ]) {
        await repository.keep(keyId, { proofs: [row], domains: [] });
        expect(await repository.proofs(keyId, ['a1'], noon)).toEqual([row]);
      }
    });

    test('one session at a time with a host, whatever process asks', async () => {
      expect(await begin()).toEqual({ kind: 'granted', granted: 10, refusals: 0 });
      expect(await begin({ session: 's2' })).toMatchObject({ kind: 'later', cause: null });
      expect(await begin({ session: 's3', hostHash: 'h2' })).toMatchObject({ kind: 'granted' });
      await end();
      expect(await begin({ session: 's2' })).toMatchObject({ kind: 'granted' });
    });

    test('of many that ask at once, one gets the session', async () => {
      const grants = await Promise.all(
        Array.from({ length: 8 }, (_, index) => begin({ session: `s${index}` })),
      );
      expect(grants.filter(({ kind }) => kind === 'granted')).toHaveLength(1);
    });

    test('a session of a killed process is over after its time, and what it was granted counts', async () => {
      await begin();
      const early = await begin({ session: 's2', now: noon + 5 * minute - 1 });
      expect(early.kind).toBe('later');
      expect(await begin({ session: 's2', now: noon + 5 * minute })).toMatchObject({ granted: 10 });
      // The dead process comes back: its word about the host no longer counts, its results do.
      await end({ asked: 0, proofs: [proof('a', noon + day)] });
      expect(await begin({ session: 's3', now: noon + 6 * minute })).toMatchObject({ kind: 'later' });
      expect(await repository.proofs(keyId, ['a'], noon)).toHaveLength(1);
    });

    test('the budget of an hour and of a day is shared, and commands that were not sent do not count', async () => {
      await begin();
      await end({ asked: 4 });
      for (const [session, granted] of [
        ['s2', 10],
        ['s3', 10],
      ] as const) {
        expect(await begin({ session })).toMatchObject({ granted });
        await end({ session });
      }
      // 24 of 25 are used, and the last one is not worth a session.
      expect(await begin({ session: 's4' })).toEqual({
        kind: 'later',
        notBefore: noon + hour,
        cause: null,
      });
      expect(await begin({ session: 's4', now: noon + hour })).toMatchObject({ granted: 10 });
      await end({ session: 's4', now: noon + hour });
      expect(await begin({ session: 's5', now: noon + hour })).toMatchObject({ granted: 6 });
      await end({ session: 's5', now: noon + hour, asked: 6 });
      expect(await begin({ session: 's6', now: noon + 2 * hour })).toMatchObject({
        kind: 'later',
        notBefore: noon + 12 * hour,
      });
      expect(await begin({ session: 's6', now: noon + 12 * hour })).toMatchObject({ granted: 10 });
    });

    test('commands of a session that lasts into the next hour count there, though another asked meanwhile', async () => {
      const late = noon + hour - 1000;
      const next = noon + hour + 1000;
      await begin({ session: 's1', now: late });
      expect(await begin({ session: 's2', now: next })).toMatchObject({ kind: 'later' });
      await end({ session: 's1', now: next, asked: 10 });
      expect(await begin({ session: 's2', now: next })).toMatchObject({ granted: 10 });
      await end({ session: 's2', now: next, asked: 10 });
      // 20 of the 25 of this hour are used.
      expect(await begin({ session: 's3', now: next })).toMatchObject({ granted: 5 });
    });

    test('the next session waits for its time', async () => {
      await begin();
      await end({ nextAt: noon + 10_000 });
      expect(await begin({ session: 's2', now: noon + 9000 })).toEqual({
        kind: 'later',
        notBefore: noon + 10_000,
        cause: null,
      });
      expect(await begin({ session: 's2', now: noon + 10_000 })).toMatchObject({ kind: 'granted' });
    });

    test('a host that refused us rests, and its refusals in a row are counted', async () => {
      for (let times = 0; times < 3; times++) {
        const now = noon + times * hour;
        expect(await begin({ now, perHour: 100, perDay: 100 })).toMatchObject({ refusals: times });
        const refused = { cause: 'reverse_dns', restUntil: now + 30 * minute };
        await end({ now, asked: 0, refused });
        expect(await begin({ now: now + 29 * minute })).toEqual({
          kind: 'later',
          notBefore: now + 30 * minute,
          cause: 'reverse_dns',
        });
      }
      const now = noon + 5 * hour;
      await begin({ now });
      await end({ now });
      expect(await begin({ now })).toMatchObject({ refusals: 0 });
    });

    test('more than 60% of at least 20 unknown: the host rests for the day', async () => {
      const ask = async (asked: number, unknown: number, now = noon) => {
        const grant = await begin({ now, wanted: asked, perHour: 100, perDay: 100 });
        await end({ now, asked, answered: asked, unknown });
        return grant.kind;
      };
      expect(await ask(10, 9)).toBe('granted');
      expect(await ask(9, 8)).toBe('granted');
      expect(await ask(3, 0)).toBe('granted');
      expect(await begin()).toEqual({ kind: 'later', notBefore: noon + 12 * hour, cause: 'mostly_unknown' });
      expect(await ask(10, 0, noon + 12 * hour)).toBe('granted');
      expect(await ask(10, 10, noon + 12 * hour)).toBe('granted');
      expect(await ask(10, 10, noon + 12 * hour)).toBe('granted');
      expect(await begin({ now: noon + 13 * hour, perHour: 100 })).toMatchObject({ cause: 'mostly_unknown' });
    });

    test('control questions are not recipients: they count in the budget only', async () => {
      const now = noon;
      for (const session of ['s1', 's2', 's3']) {
        await begin({ session, now, wanted: 10, perHour: 100, perDay: 100 });
        await end({ session, now, asked: 10, answered: 6, unknown: 6 });
      }
      expect(await begin({ session: 's4', perDay: 32 })).toMatchObject({ kind: 'later', cause: null });
      expect(await begin({ session: 's4', perHour: 100, perDay: 100 })).toMatchObject({ kind: 'granted' });
      await end({ session: 's4', asked: 10, answered: 2, unknown: 2 });
      expect(await begin({ session: 's5' })).toMatchObject({ cause: 'mostly_unknown' });
    });

    test('exactly 60% is not too much', async () => {
      await begin({ wanted: 20 });
      await end({ asked: 20, answered: 20, unknown: 12 });
      expect(await begin({ session: 's2' })).toMatchObject({ kind: 'granted' });
    });

    test('results of another prober are kept without a session', async () => {
      const domain = { finding: 'selective', madeUpName: null, checkedAt: noon, retryAt: null } as const;
      await repository.keep(keyId, {
        proofs: [proof('a', noon + day)],
        domains: [{ ...domain, domainHash: 'd', expiresAt: noon + day }],
      });
      expect(await repository.proofs(keyId, ['a'], noon)).toEqual([proof('a', noon + day)]);
      expect(await repository.domains(keyId, ['d'], noon)).toMatchObject([{ finding: 'selective' }]);
      expect(await begin()).toMatchObject({ kind: 'granted' });
    });

    test('results are kept until they expire, and new ones replace old ones', async () => {
      await begin();
      await end({
        proofs: [proof('a', noon + day), proof('b', noon + 2 * day)],
        domains: [
          {
            domainHash: 'd',
            finding: 'waiting',
            madeUpName: 'lotokira12',
            checkedAt: noon,
            retryAt: noon + minute,
            expiresAt: noon + day,
          },
        ],
      });
      const hashes = ['a', 'b', 'c'];
      expect(
        (await repository.proofs(keyId, hashes, noon)).map(({ addressHash }) => addressHash).sort(),
      ).toEqual(['a', 'b']);
      expect(await repository.domains(keyId, ['d', 'e'], noon)).toEqual([
        {
          domainHash: 'd',
          finding: 'waiting',
          madeUpName: 'lotokira12',
          checkedAt: noon,
          retryAt: noon + minute,
          expiresAt: noon + day,
        },
      ]);
      await end({
        proofs: [
          {
            ...proof('a', noon + 9 * day),
            finding: 'undetermined',
            cause: 'greylisted',
            attempts: 2,
            retryAt: noon + hour,
          },
        ],
      });
      expect(await repository.proofs(keyId, ['a'], noon + 5 * day)).toEqual([
        {
          addressHash: 'a',
          finding: 'undetermined',
          cause: 'greylisted',
          position: null,
          attempts: 2,
          checkedAt: noon,
          retryAt: noon + hour,
          expiresAt: noon + 9 * day,
        },
      ]);
      expect(await repository.proofs(keyId, ['b'], noon + 2 * day)).toEqual([]);
      expect(await repository.proofs('another', hashes, noon)).toEqual([]);
      expect(await createProbeRepository(database, 'other').proofs(keyId, hashes, noon)).toEqual([]);
    });

    test('what is kept about an address is erased with the address', async () => {
      await begin();
      await end({ proofs: [proof('a', noon + day), proof('b', noon + day)] });
      await createErasureRepository(database).erase({
        keyId,
        addressHash: 'a',
        keepSuppression: true,
        now: noon,
      });
      expect(await repository.proofs(keyId, ['a', 'b'], noon)).toMatchObject([{ addressHash: 'b' }]);
    });

    test('what expired is deleted, and nothing of another workspace', async () => {
      const other = createProbeRepository(database, 'other');
      for (const one of [repository, other]) {
        await one.begin(keyId, request());
        await one.end(keyId, record({ proofs: [proof('a', noon + day), proof('b', noon + 9 * day)] }));
      }
      await repository.deleteExpired(noon + 3 * day);
      const rows = (table: string) =>
        database.all(`SELECT workspace FROM ${table} ORDER BY workspace`) as Promise<unknown[]>;
      expect(await rows('mailbox_proofs')).toHaveLength(3);
      expect(await rows('probed_hosts')).toEqual([{ workspace: 'other' }]);
    });
  });
}
