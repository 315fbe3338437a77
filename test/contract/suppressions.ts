// What the suppression list must do on every Database and with every AddressHasher.

import { beforeEach, describe, expect, test } from 'vitest';
import type { Database, Statement } from '../../src/storage/database.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import type { AddressHasher } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import {
  type MailPurpose,
  type MailQuestion,
  mailPurposes,
  type SuppressionScope,
} from '../../src/suppression/scope.ts';
import type {
  NewSuppression,
  SuppressionEntry,
  SuppressionList,
  SuppressionReason,
} from '../../src/suppression/suppressions.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const hour = 3_600_000;

const doubleOptIn = (at: number, evidence = 'signup form 7') => ({
  kind: 'double_opt_in' as const,
  at,
  evidence,
});

/** `open` gives a database with the migrations applied and nothing in it. */
export function suppressionsBattery(
  name: string,
  open: () => Promise<{ database: Database; hasher: AddressHasher; otherHasher: AddressHasher }>,
): void {
  describe(`SuppressionList on ${name}`, () => {
    let database: Database;
    let hasher: AddressHasher;
    let otherHasher: AddressHasher;
    let list: SuppressionList;
    let time: number;

    beforeEach(async () => {
      ({ database, hasher, otherHasher } = await open());
      time = noon;
      list = listIn('default');
    });

    const listIn = (workspace: string, over = database, under = hasher) =>
      createSuppressionList({
        repository: createSuppressionRepository(over, workspace),
        hasher: under,
        now: () => time,
      });

    const find = async (address: string) => (await list.find([address]))[0];
    const hashOf = async (address: string) => (await hasher.hashAll([address]))[0];
    const jane = 'jane@example.com';

    describe('find', () => {
      test('answers in order, once per address, with null if there is no entry', async () => {
        await list.addMany([
          { address: 'a@example.com', reason: 'bounce', status: '5.1.1', source: 'ses' },
          { address: 'b@example.com', reason: 'unsubscribe' },
        ]);
        const blocked = { effect: 'block', since: noon };
        const a = { ...blocked, scope: 'all', reason: 'bounce', status: '5.1.1', source: 'ses' };
        const b = { ...blocked, scope: 'marketing', reason: 'unsubscribe', status: null, source: null };
        expect(await list.find(['b@example.com', 'c@example.com', 'a@example.com', 'b@example.com'])).toEqual(
          [b, null, a, b],
        );
      });

      test('no addresses give no answers', async () => {
        expect(await list.find([])).toEqual([]);
      });

      test('an address in another case, or needlessly quoted, is the same', async () => {
        await list.add({ address: 'Jane@example.com', reason: 'complaint' });
        expect(await find(jane)).toMatchObject({ reason: 'complaint' });
        expect(await find('"JANE"@example.com')).toMatchObject({ reason: 'complaint' });
        expect(await find('jane@example.org')).toBeNull();
        expect(await find('jane+x@example.com')).toBeNull();
      });

      test('more addresses than one statement takes keep their order', async () => {
        const asked = Array.from({ length: 10_050 }, (_, i) => `p${i}@example.com`);
        const listed = [0, 9_999, 10_000, 10_049];
        await list.addMany(listed.map((i) => ({ address: asked[i]!, reason: 'manual' })));
        const found = await list.find(asked);
        expect(found).toHaveLength(asked.length);
        expect(found.flatMap((entry, i) => (entry ? [i] : []))).toEqual(listed);
      });

      test('an entry applies until it expires', async () => {
        await list.add({ address: jane, reason: 'bounce', status: '4.2.2', expiresAt: noon + hour });
        time = noon + hour - 1;
        expect(await find(jane)).toMatchObject({ status: '4.2.2' });
        time = noon + hour;
        expect(await find(jane)).toBeNull();
        expect(await list.count()).toBe(0);
      });
    });

    describe('add', () => {
      test('returns whether the entry is new', async () => {
        const entry: NewSuppression = { address: jane, reason: 'bounce', status: '5.1.1' };
        expect(await list.add(entry)).toBe('added');
        time += hour;
        expect(await list.add(entry)).toBe('unchanged');
        expect(await list.add({ ...entry, status: '5.1.2' })).toBe('updated');
        expect(await list.count()).toBe(1);
      });

      const weakestFirst: SuppressionReason[] = ['bounce', 'manual', 'unsubscribe', 'complaint'];
      const pairs = weakestFirst.flatMap((weak, i) =>
        weakestFirst.slice(i + 1).map((strong) => [weak, strong]),
      );

      test.each(pairs as [SuppressionReason, SuppressionReason][])(
        '%s is replaced by %s, with its date and source',
        async (weak, strong) => {
          await list.add({ address: jane, scope: 'all', reason: weak, source: 'first' });
          time += hour;
          expect(await list.add({ address: jane, scope: 'all', reason: strong, source: 'second' })).toBe(
            'updated',
          );
          const strengthened = {
            scope: 'all',
            effect: 'block',
            reason: strong,
            status: null,
            source: 'second',
            since: noon + hour,
          };
          expect(await find(jane)).toEqual(strengthened);
          time += hour;
          expect(await list.add({ address: jane, scope: 'all', reason: weak, source: 'third' })).toBe(
            'unchanged',
          );
          expect(await find(jane)).toEqual(strengthened);
        },
      );

      test('keeps the latest status for any reason', async () => {
        await list.add({ address: jane, scope: 'all', reason: 'unsubscribe' });
        expect(await list.add({ address: jane, reason: 'bounce', status: '5.1.1' })).toBe('updated');
        expect(await find(jane)).toMatchObject({ reason: 'unsubscribe', status: '5.1.1' });
        await list.add({ address: jane, reason: 'complaint' });
        expect(await find(jane)).toMatchObject({ reason: 'complaint', status: '5.1.1' });
      });

      test('the earliest date of one reason stays', async () => {
        await list.add({ address: jane, reason: 'bounce' });
        expect(await list.add({ address: jane, reason: 'bounce', since: noon - hour })).toBe('updated');
        expect(await list.add({ address: jane, reason: 'bounce', since: noon + hour })).toBe('unchanged');
        expect(await find(jane)).toMatchObject({ since: noon - hour });
      });

      test('keeps the later expiry; no expiry is the latest', async () => {
        const until = (expiresAt: number | null) => list.add({ address: jane, reason: 'bounce', expiresAt });
        await until(noon + 2 * hour);
        expect(await until(noon + hour)).toBe('unchanged');
        expect(await until(noon + 3 * hour)).toBe('updated');
        expect(await until(null)).toBe('updated');
        expect(await until(noon + 4 * hour)).toBe('unchanged');
        time = noon + 100 * hour;
        expect(await find(jane)).not.toBeNull();
      });

      test('an expired entry does not affect the next one', async () => {
        await list.add({ address: jane, reason: 'manual', status: '5.7.1', expiresAt: noon + hour });
        time = noon + 2 * hour;
        expect(await list.add({ address: jane, reason: 'bounce' })).toBe('added');
        expect(await find(jane)).toEqual({
          scope: 'all',
          effect: 'block',
          reason: 'bounce',
          status: null,
          source: null,
          since: time,
        });
      });

      test('two concurrent additions make one entry', async () => {
        const outcomes = await Promise.all([
          list.add({ address: jane, reason: 'bounce' }),
          list.add({ address: jane, reason: 'bounce' }),
        ]);
        expect(outcomes.toSorted()).toEqual(['added', 'unchanged']);
      });

      test('no address is stored, neither as the entry nor in its source', async () => {
        await list.add({
          address: jane,
          reason: 'manual',
          source: 'told by <jane@example.com>, on the phone',
        });
        expect(await find(jane)).toMatchObject({ source: 'told by <[address]>, on the phone' });
        await list.remove({ address: jane, consent: doubleOptIn(noon + 1, 'mail to jane@example.com') });
        const rows = await database.all('SELECT * FROM suppression_removals');
        expect(rows).toHaveLength(1);
        expect(JSON.stringify(rows)).not.toContain('@');
      });
    });

    describe('addMany', () => {
      test('counts what was added, updated and unchanged, with repetitions among the entries', async () => {
        await list.add({ address: 'old@example.com', reason: 'bounce' });
        await list.add({ address: 'same@example.com', reason: 'bounce' });
        expect(
          await list.addMany([
            { address: 'old@example.com', reason: 'complaint' },
            { address: 'same@example.com', reason: 'bounce' },
            { address: 'new@example.com', reason: 'bounce' },
            { address: 'New@example.com', reason: 'bounce' },
            { address: 'twice@example.com', reason: 'bounce' },
            { address: 'twice@example.com', reason: 'complaint' },
          ]),
        ).toEqual({ added: 2, updated: 2, unchanged: 2 });
        expect(await find('twice@example.com')).toMatchObject({ reason: 'complaint' });
        expect(await list.count()).toBe(4);
      });

      test('adding nothing is not an error', async () => {
        expect(await list.addMany([])).toEqual({ added: 0, updated: 0, unchanged: 0 });
      });

      test('takes more rows than one statement does', async () => {
        const rows = Array.from(
          { length: 4_500 },
          (_, i): NewSuppression => ({ address: `p${i}@example.com`, reason: 'bounce', status: '5.1.1' }),
        );
        expect(await list.addMany(rows)).toEqual({ added: 4_500, updated: 0, unchanged: 0 });
        expect(await list.addMany(rows)).toEqual({ added: 0, updated: 0, unchanged: 4_500 });
        expect(await list.count()).toBe(4_500);
      });

      test('adds nothing if one row is invalid', async () => {
        const wrong = { address: 'b@example.com', reason: 'mood' as SuppressionReason };
        await expect(list.addMany([{ address: jane, reason: 'bounce' }, wrong])).rejects.toThrow();
        expect(await list.count()).toBe(0);
      });
    });

    describe('remove', () => {
      test.each(['bounce', 'unsubscribe', 'manual'] as const)(
        'fresh consent lifts a %s, and the lifting is recorded',
        async (reason) => {
          await list.add({ address: jane, reason, status: '5.1.1', source: 'ses' });
          time = noon + hour;
          const scope = reason === 'unsubscribe' ? 'marketing' : 'all';
          const entry = { scope, reason, status: '5.1.1', source: 'ses', since: noon };
          expect(await list.remove({ address: 'JANE@example.com', consent: doubleOptIn(noon + 1) })).toEqual({
            kind: 'removed',
            entry,
          });
          expect(await find(jane)).toBeNull();
          expect(await database.all('SELECT * FROM suppression_removals')).toEqual([
            {
              id: expect.any(Number),
              workspace: 'default',
              ...entry,
              key_id: hasher.keyId,
              address_hash: await hashOf(jane),
              removed_at: noon + hour,
              consent_kind: 'double_opt_in',
              consent_at: noon + 1,
              evidence: 'signup form 7',
            },
          ]);
        },
      );

      test.each([
        ['a complaint', 'complaint', doubleOptIn(noon + 1), 'complaint'],
        ['consent older than the entry', 'bounce', doubleOptIn(noon - hour), 'consent_not_fresh'],
        ['consent from tomorrow', 'bounce', doubleOptIn(noon + 24 * hour), 'consent_in_future'],
        ['consent without evidence', 'bounce', doubleOptIn(noon + 1, ' '), 'evidence_missing'],
      ] as const)('%s is refused and changes nothing', async (_, reason, consent, why) => {
        await list.add({ address: jane, reason });
        expect(await list.remove({ address: jane, consent })).toEqual({ kind: 'refused', why });
        expect(await find(jane)).toMatchObject({ reason });
        expect(await database.all('SELECT * FROM suppression_removals')).toEqual([]);
      });

      test('an address that is not listed is not removed', async () => {
        expect(await list.remove({ address: jane, consent: doubleOptIn(noon + 1) })).toEqual({
          kind: 'not_listed',
        });
      });

      test('of two concurrent removals one succeeds', async () => {
        await list.add({ address: jane, reason: 'bounce' });
        const request = { address: jane, consent: doubleOptIn(noon + 1) };
        const outcomes = await Promise.all([list.remove(request), list.remove(request)]);
        expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['not_listed', 'removed']);
        expect(await database.all('SELECT * FROM suppression_removals')).toHaveLength(1);
      });

      test('a complaint added between reading and lifting stays', async () => {
        await list.add({ address: jane, reason: 'bounce' });
        const racing = listIn('default', {
          ...database,
          batch: async (statements: readonly Statement[]) => {
            await list.add({ address: jane, reason: 'complaint' });
            return database.batch(statements);
          },
        });
        expect(await racing.remove({ address: jane, consent: doubleOptIn(noon + 1) })).toEqual({
          kind: 'refused',
          why: 'complaint',
        });
        expect(await find(jane)).toMatchObject({ reason: 'complaint' });
      });

      test('the record of removals can be neither changed nor deleted', async () => {
        await list.add({ address: jane, reason: 'bounce' });
        await list.remove({ address: jane, consent: doubleOptIn(noon + 1) });
        await expect(database.run('DELETE FROM suppression_removals')).rejects.toThrow(/append-only/);
        await expect(database.run("UPDATE suppression_removals SET evidence = ''")).rejects.toThrow(
          /append-only/,
        );
      });

      test('an address that was lifted can be listed again', async () => {
        await list.add({ address: jane, reason: 'bounce' });
        await list.remove({ address: jane, consent: doubleOptIn(noon + 1) });
        expect(await list.add({ address: jane, reason: 'bounce' })).toBe('added');
      });
    });

    describe('list', () => {
      const addresses = Array.from({ length: 25 }, (_, i) => `p${i}@example.com`);
      const fill = () => list.addMany(addresses.map((address) => ({ address, reason: 'bounce' })));

      const walk = async (limit: number, between?: () => Promise<unknown>) => {
        const entries: SuppressionEntry[] = [];
        let cursor: string | null | undefined;
        while (cursor !== null) {
          const page = await list.list(cursor === undefined ? { limit } : { cursor, limit });
          if (page.kind === 'bad_cursor') throw new Error(`bad cursor ${cursor}`);
          expect(page.entries.length).toBeLessThanOrEqual(limit);
          entries.push(...page.entries);
          cursor = page.next;
          await between?.();
        }
        return entries;
      };

      test('an entry shows everything but the address', async () => {
        await list.add({
          address: jane,
          reason: 'bounce',
          status: '5.1.1',
          source: 'ses',
          expiresAt: noon + 1,
        });
        expect(await list.list()).toEqual({
          kind: 'page',
          entries: [
            {
              addressHash: await hashOf(jane),
              personHash: null,
              keyId: hasher.keyId,
              scope: 'all',
              reason: 'bounce',
              status: '5.1.1',
              source: 'ses',
              since: noon,
              expiresAt: noon + 1,
            },
          ],
          next: null,
        });
      });

      test('an empty list is one empty page', async () => {
        expect(await list.list()).toEqual({ kind: 'page', entries: [], next: null });
      });

      test.each([1, 7, 25, 1_000])('pages of %i return every entry once', async (limit) => {
        await fill();
        const hashes = (await walk(limit)).map(({ addressHash }) => addressHash);
        expect(hashes).toEqual((await hasher.hashAll(addresses)).toSorted());
      });

      test('entries added or removed during paging leave the others listed once', async () => {
        await fill();
        let added = 0;
        const hashes = (
          await walk(3, async () => {
            if (added < 30) await list.add({ address: `late${added++}@example.com`, reason: 'manual' });
          })
        ).map(({ addressHash }) => addressHash);
        expect(new Set(hashes).size).toBe(hashes.length);
        expect(hashes).toEqual(expect.arrayContaining(await hasher.hashAll(addresses)));
      });

      test('an expired entry is not listed', async () => {
        await list.add({ address: jane, reason: 'bounce', expiresAt: noon + hour });
        time = noon + hour;
        expect(await list.list()).toEqual({ kind: 'page', entries: [], next: null });
      });

      test.each([
        '',
        'x',
        'zzzzzzzz.00',
        `${'0'.repeat(8)}.${'g'.repeat(64)}`,
        `${'0'.repeat(8)}.${'0'.repeat(64)}.%`,
      ])('a text that is not a cursor is refused: %j', async (cursor) => {
        expect(await list.list({ cursor })).toEqual({ kind: 'bad_cursor' });
      });

      test.each([0, -5, 0.5])('a page has at least one entry, also when asked for %d', async (limit) => {
        await fill();
        const page = await list.list({ limit });
        expect(page).toMatchObject({ kind: 'page', entries: [{ reason: 'bounce' }] });
      });
    });

    describe('scopes', () => {
      const scopes = ['all', 'marketing', 'list:news'] as const;
      const questions: readonly MailQuestion[] = [
        { purpose: 'marketing', list: 'news' },
        { purpose: 'transactional', list: 'news' },
        { purpose: 'signup', list: 'news' },
      ];
      // Effects on marketing, transactional and signup mail of the list "news", by scope of the entry.
      const matrix = {
        bounce: ['block block block', 'block inform confirm', 'block inform confirm'],
        complaint: ['block block block', 'block inform block', 'block inform block'],
        unsubscribe: ['block inform confirm', 'block inform confirm', 'block inform confirm'],
        manual: ['block block block', 'block inform confirm', 'block inform confirm'],
      } as const;
      const cases = Object.entries(matrix).flatMap(([reason, rows]) =>
        rows.flatMap((row, index) =>
          questions.map(
            (question, column) =>
              [reason, scopes[index]!, question.purpose, row.split(' ')[column]!, question] as const,
          ),
        ),
      );

      test.each(cases)('%s for %s against %s mail: %s', async (reason, scope, _, effect, question) => {
        await list.add({ address: jane, reason: reason as SuppressionReason, scope });
        expect(await list.find([jane], question)).toEqual([
          { scope, reason, effect, status: null, source: null, since: noon },
        ]);
      });

      test('an entry of one list does not affect another list or mail without a list', async () => {
        await list.add({ address: jane, reason: 'unsubscribe', scope: 'list:news' });
        for (const purpose of mailPurposes)
          for (const of of ['offers', null])
            expect(await list.find([jane], { purpose, list: of })).toEqual([null]);
        expect(await find(jane)).toBeNull();
      });

      test.each([
        ['bounce', 'all'],
        ['complaint', 'all'],
        ['manual', 'all'],
        ['unsubscribe', 'marketing'],
      ] as const)('a %s is about %s mail unless it says otherwise', async (reason, scope) => {
        await list.add({ address: jane, reason });
        expect(await list.entriesOf(jane)).toMatchObject([{ reason, scope }]);
      });

      test('each scope of an address has one entry, strengthened separately', async () => {
        expect(await list.add({ address: jane, reason: 'unsubscribe' })).toBe('added');
        expect(await list.add({ address: jane, reason: 'unsubscribe', scope: 'list:news' })).toBe('added');
        expect(await list.add({ address: jane, reason: 'bounce' })).toBe('added');
        expect(await list.add({ address: jane, reason: 'complaint', scope: 'marketing' })).toBe('updated');
        expect((await list.entriesOf(jane)).map(({ scope, reason }) => `${scope} ${reason}`)).toEqual([
          'all bounce',
          'list:news unsubscribe',
          'marketing complaint',
        ]);
        expect(await list.count()).toBe(3);
        const page = await list.list({ limit: 2 });
        expect(page).toMatchObject({ entries: [{ scope: 'all' }, { scope: 'list:news' }] });
        const next = page.kind === 'page' ? page.next! : '';
        expect(await list.list({ cursor: next })).toMatchObject({
          entries: [{ scope: 'marketing' }],
          next: null,
        });
      });

      test('the entry that stops most decides, then the stronger reason, then the wider scope', async () => {
        await list.add({ address: jane, reason: 'bounce', scope: 'all', status: '5.1.1' });
        await list.add({ address: jane, reason: 'unsubscribe' });
        await list.add({ address: jane, reason: 'unsubscribe', scope: 'list:news' });
        const decides = async (purpose: MailPurpose) =>
          (await list.find([jane], { purpose, list: 'news' }))[0];
        expect(await decides('marketing')).toMatchObject({ reason: 'unsubscribe', scope: 'marketing' });
        expect(await decides('transactional')).toMatchObject({ reason: 'bounce', effect: 'block' });
        expect(await decides('signup')).toMatchObject({ reason: 'bounce', effect: 'block' });
      });

      test('a batch gives each address its decisive entry', async () => {
        await list.addMany([
          { address: 'a@example.com', reason: 'unsubscribe' },
          { address: 'a@example.com', reason: 'bounce' },
          { address: 'b@example.com', reason: 'unsubscribe' },
        ]);
        const asked = ['b@example.com', 'c@example.com', 'a@example.com'];
        const effects = async (purpose: MailPurpose) =>
          (await list.find(asked, { purpose, list: null })).map((entry) => entry?.effect ?? null);
        expect(await effects('marketing')).toEqual(['block', null, 'block']);
        expect(await effects('transactional')).toEqual(['inform', null, 'block']);
        expect(await effects('signup')).toEqual(['confirm', null, 'block']);
      });

      test('consent lifts every scope, or the one it names', async () => {
        await list.add({ address: jane, reason: 'unsubscribe' });
        await list.add({ address: jane, reason: 'unsubscribe', scope: 'list:news' });
        await list.add({ address: jane, reason: 'bounce' });
        const consent = doubleOptIn(noon + 1);
        expect(await list.remove({ address: jane, scope: 'list:news', consent })).toMatchObject({
          kind: 'removed',
          entry: { scope: 'list:news' },
        });
        expect(await list.count()).toBe(2);
        expect(await list.remove({ address: jane, scope: 'list:news', consent })).toEqual({
          kind: 'not_listed',
        });
        expect(await list.remove({ address: jane, consent })).toMatchObject({
          kind: 'removed',
          entry: { reason: 'unsubscribe', scope: 'marketing' },
        });
        expect(await list.count()).toBe(0);
        expect(await database.all('SELECT scope, reason FROM suppression_removals ORDER BY scope')).toEqual([
          { scope: 'all', reason: 'bounce' },
          { scope: 'list:news', reason: 'unsubscribe' },
          { scope: 'marketing', reason: 'unsubscribe' },
        ]);
      });

      test('a complaint also prevents consent from lifting the other scopes', async () => {
        await list.add({ address: jane, reason: 'bounce' });
        await list.add({ address: jane, reason: 'complaint', scope: 'marketing' });
        const consent = doubleOptIn(noon + 1);
        expect(await list.remove({ address: jane, consent })).toEqual({ kind: 'refused', why: 'complaint' });
        expect(await list.count()).toBe(2);
        expect(await list.remove({ address: jane, scope: 'all', consent })).toMatchObject({
          kind: 'removed',
        });
        expect(await list.count()).toBe(1);
      });

      test('a resubscription lifts only an unsubscribe of its scope', async () => {
        await list.add({ address: jane, reason: 'unsubscribe', scope: 'list:news' });
        await list.add({ address: jane, reason: 'unsubscribe' });
        await list.add({ address: jane, reason: 'complaint', scope: 'list:offers' });
        const resubscribe = (scope: SuppressionScope, at: number) =>
          list.resubscribe({ address: jane, scope, source: 'sendgrid', at });
        expect(await resubscribe('list:news', noon - 1)).toBe(false);
        expect(await resubscribe('list:offers', noon)).toBe(false);
        expect(await resubscribe('list:news', noon)).toBe(true);
        expect(await resubscribe('list:news', noon)).toBe(false);
        expect((await list.entriesOf(jane)).map(({ scope }) => scope)).toEqual(['list:offers', 'marketing']);
        expect(
          await database.all('SELECT scope, consent_kind, consent_at, evidence FROM suppression_removals'),
        ).toEqual([
          { scope: 'list:news', consent_kind: 'resubscribe', consent_at: noon, evidence: 'sendgrid' },
        ]);
      });
    });

    describe('a manual entry of a provider', () => {
      const undo = (source: string, reasons: readonly ('unsubscribe' | 'manual')[], at = noon) =>
        list.resubscribe({ address: jane, scope: 'all', source, at, reasons });

      test('is lifted by that provider alone, not before it was made', async () => {
        await list.add({ address: jane, reason: 'manual', source: 'resend' });
        expect(await undo('mandrill', ['manual'])).toBe(false);
        expect(await undo('resend', ['unsubscribe'])).toBe(false);
        expect(await undo('resend', ['manual'], noon - 1)).toBe(false);
        expect(await undo('resend', ['unsubscribe', 'manual'])).toBe(true);
        expect(await find(jane)).toBeNull();
      });

      test('its end lifts no unsubscribe', async () => {
        await list.add({ address: jane, reason: 'unsubscribe', scope: 'all', source: 'resend' });
        expect(await undo('resend', ['manual'])).toBe(false);
        expect(await find(jane)).toMatchObject({ reason: 'unsubscribe' });
      });
    });

    describe('spellings of one mailbox', () => {
      test.each([
        ['j.ane+news@gmail.com', 'JANE@googlemail.com'],
        ['jane@gmail.com', 'ja.ne+x@gmail.com'],
        ['jane+a@outlook.com', 'jane+b@outlook.com'],
        ['jane-shop@yahoo.com', 'jane@yahoo.com'],
        ['anything@jane.fastmail.com', 'jane@fastmail.com'],
      ])('a complaint of %s stops %s', async (complained, other) => {
        await list.add({ address: complained, reason: 'complaint' });
        expect(await find(other)).toMatchObject({ reason: 'complaint' });
        expect(await find(complained)).toMatchObject({ reason: 'complaint' });
        expect(await list.find([other, 'john@gmail.com', complained])).toMatchObject([
          { reason: 'complaint' },
          null,
          { reason: 'complaint' },
        ]);
        expect(await list.count()).toBe(1);
      });

      test.each([
        ['jane+a@example.com', 'jane@example.com'],
        ['j.ane@outlook.com', 'jane@outlook.com'],
        ['jane@gmail.com', 'jane@outlook.com'],
        ['"jane"@gmail.com', 'ja.ne@gmail.com'],
      ])('%s and %s are two', async (one, other) => {
        await list.add({ address: one, reason: 'complaint' });
        expect(await find(other)).toBeNull();
      });

      test('consent from one spelling lifts all spellings', async () => {
        await list.add({ address: 'j.ane@gmail.com', reason: 'bounce' });
        await list.add({ address: 'jane+x@gmail.com', reason: 'bounce' });
        expect(
          await list.remove({ address: 'jane@gmail.com', consent: doubleOptIn(noon + 1) }),
        ).toMatchObject({ kind: 'removed' });
        expect(await list.count()).toBe(0);
      });

      test('an entry of an earlier version matches its own spelling, until it is reported again', async () => {
        const addressHash = (await hashOf('j.ane@gmail.com'))!;
        await list.addHashed([{ addressHash, reason: 'bounce' }]);
        expect(await find('j.ane@gmail.com')).toMatchObject({ reason: 'bounce' });
        expect(await find('jane@gmail.com')).toBeNull();
        expect(await list.add({ address: 'j.ane@gmail.com', reason: 'bounce' })).toBe('updated');
        expect(await find('jane@gmail.com')).toMatchObject({ reason: 'bounce' });
        expect(await list.add({ address: 'j.ane@gmail.com', reason: 'bounce' })).toBe('unchanged');
      });
    });

    describe('incidents', () => {
      const day = { from: noon - hour, to: noon + hour };
      const bounced = async (
        address: string,
        at: number,
        {
          provider = 'gmail',
          mailHost = 'google.com',
          campaign = 'spring',
          source = 'form',
          status = '5.1.1',
        } = {},
      ) => {
        await list.add({ address, reason: 'bounce', status, since: at });
        await database.run(
          `INSERT INTO delivery_events (id, at, received_at, teller, kind, class, reason, status, echo, key_id,
             address_hash, mailbox_provider, mail_host, campaign, source)
           VALUES (?, ?, 0, 'ses', 'bounce', 'hard', 'mailbox_unknown', ?, 0, ?, ?, ?, ?, ?, ?)`,
          [
            `event of ${address}`,
            at,
            status,
            hasher.keyId,
            (await hashOf(address))!,
            provider,
            mailHost,
            campaign,
            source,
          ],
        );
      };

      test('counts and lifts the bounces of its period, with a record of each', async () => {
        await bounced('a@gmail.com', noon - hour);
        await bounced('b@gmail.com', noon);
        await bounced('before@gmail.com', noon - hour - 1);
        await bounced('after@gmail.com', noon + hour);
        await list.add({ address: 'c@gmail.com', reason: 'complaint' });
        await list.add({ address: 'm@gmail.com', reason: 'manual' });
        await list.add({ address: 'ended@gmail.com', reason: 'bounce', expiresAt: noon });
        expect(await list.countIncident(day)).toBe(2);
        expect(await list.count()).toBe(6);
        expect(await list.liftIncident(day)).toBe(2);
        expect(await list.countIncident(day)).toBe(0);
        expect(await find('b@gmail.com')).toBeNull();
        expect(await list.count()).toBe(4);
        const records = await database.all<{ evidence: string }>(
          'SELECT reason, consent_kind, evidence FROM suppression_removals',
        );
        expect(records).toHaveLength(2);
        expect(records[0]).toEqual({
          reason: 'bounce',
          consent_kind: 'incident',
          evidence: JSON.stringify({
            from: new Date(day.from).toISOString(),
            to: new Date(day.to).toISOString(),
          }),
        });
      });

      test.each([
        [{ provider: 'gmail' }, ['a', 'b']],
        [{ provider: 'outlook' }, ['c']],
        [{ mailHost: 'google.com' }, ['a', 'b']],
        [{ mailHost: 'outlook.com' }, ['c']],
        [{ mailHost: 'google.com', campaign: 'summer' }, ['b']],
        [{ campaign: 'summer' }, ['b']],
        [{ source: 'shop' }, ['c']],
        [{ status: '5.2.1' }, ['b']],
        [{ provider: 'gmail', status: '5.1.1' }, ['a']],
        [{ provider: 'gmail', campaign: 'spring', source: 'form', status: '5.1.1' }, ['a']],
        [{ provider: 'yahoo' }, []],
      ] as const)('%j lifts %j', async (properties, lifted) => {
        await bounced('a@one.example', noon);
        await bounced('b@one.example', noon, { campaign: 'summer', status: '5.2.1' });
        await bounced('c@one.example', noon, {
          provider: 'outlook',
          mailHost: 'outlook.com',
          source: 'shop',
        });
        expect(await list.countIncident({ ...day, ...properties })).toBe(lifted.length);
        expect(await list.liftIncident({ ...day, ...properties })).toBe(lifted.length);
        for (const name of ['a', 'b', 'c'] as const) {
          const isLifted = (lifted as readonly string[]).includes(name);
          expect(await find(`${name}@one.example`), name).toEqual(isLifted ? null : expect.anything());
        }
      });

      test('the record of a removal names the mail host', async () => {
        await bounced('a@one.example', noon);
        await list.liftIncident({ ...day, mailHost: 'google.com' });
        const [record] = await database.all<{ evidence: string }>(
          'SELECT evidence FROM suppression_removals',
        );
        expect(JSON.parse(record!.evidence)).toMatchObject({ mail_host: 'google.com' });
      });

      test('more entries than one transaction takes', async () => {
        await list.addMany(
          Array.from({ length: 2_050 }, (_, i) => ({
            address: `p${i}@gmail.com`,
            reason: 'bounce' as const,
          })),
        );
        expect(await list.liftIncident(day)).toBe(2_050);
        expect(await list.count()).toBe(0);
      });
    });

    describe('another workspace', () => {
      test('shares nothing with this one', async () => {
        const other = listIn('agency');
        await list.add({ address: 'jane@gmail.com', reason: 'bounce' });
        expect(await other.find(['jane@gmail.com'])).toEqual([null]);
        expect(await other.find(['ja.ne@gmail.com', jane])).toEqual([null, null]);
        expect(await other.count()).toBe(0);
        expect(await other.list()).toEqual({ kind: 'page', entries: [], next: null });
        expect(await other.add({ address: 'jane@gmail.com', reason: 'complaint' })).toBe('added');
        expect(await find('jane@gmail.com')).toMatchObject({ reason: 'bounce' });
        expect(await other.liftIncident({ from: 0, to: noon + hour })).toBe(0);
        expect(
          await list.remove({ address: 'jane@gmail.com', consent: doubleOptIn(noon + 1) }),
        ).toMatchObject({ kind: 'removed' });
        expect(await other.count()).toBe(1);
        await listIn('agency', database, otherHasher).add({ address: jane, reason: 'bounce' });
        expect(await list.otherKeyIds()).toEqual([]);
        expect(await other.otherKeyIds()).toEqual([otherHasher.keyId]);
      });
    });

    describe('another key', () => {
      test('matches no entry, is reported, and its entries are listed', async () => {
        expect(await list.otherKeyIds()).toEqual([]);
        await list.add({ address: jane, reason: 'bounce' });
        expect(await list.otherKeyIds()).toEqual([]);
        const other = listIn('default', database, otherHasher);
        expect(await other.find([jane])).toEqual([null]);
        expect(await other.otherKeyIds()).toEqual([hasher.keyId]);
        expect(await other.add({ address: jane, reason: 'bounce' })).toBe('added');
        expect(await other.otherKeyIds()).toEqual([hasher.keyId]);
        expect(await list.otherKeyIds()).toEqual([otherHasher.keyId]);
        expect(await list.count()).toBe(2);
        const page = await list.list();
        expect(page.kind === 'page' && page.entries.map(({ keyId }) => keyId)).toEqual(
          [hasher.keyId, otherHasher.keyId].toSorted(),
        );
      });
    });
  });
}
