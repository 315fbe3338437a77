// Which returned messages are trusted, and what those that are not may change: nothing.

import { beforeEach, describe, expect, test } from 'vitest';
import { readReport } from '../../src/bounce/report.ts';
import { createBounceTokens } from '../../src/events/bounce-tokens.ts';
import { type BounceTrust, createBounceJudge } from '../../src/events/bounce-trust.ts';
import type { DeliveryEvent } from '../../src/events/delivery-event.ts';
import { createFeedback, type Feedback } from '../../src/events/record.ts';
import { eventOfSent, eventsOfReport } from '../../src/events/returned.ts';
import { createReports } from '../../src/reports/report.ts';
import type { Database } from '../../src/storage/database.ts';
import { createEventCounter } from '../../src/storage/sqlite/event-counter.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import type { AddressHasher } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import type { SuppressionList } from '../../src/suppression/suppressions.ts';
import { multipartReport } from '../bounce/message.ts';
import { event } from './feedback.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const day = 86_400_000;
const jane = 'jane@example.org';
const john = 'john@example.org';

const status = (recipient: string, action = 'failed') =>
  `\nFinal-Recipient: rfc822; ${recipient}\nAction: ${action}\nStatus: ${action === 'failed' ? '5.1.1' : '2.0.0'}\n`;

const dsn = (
  recipients: readonly string[],
  { messageId = 'campaign-7@example.com', action = 'failed' } = {},
) =>
  multipartReport(
    'delivery-status',
    'It could not be delivered.',
    `Reporting-MTA: dns; mx.example.com\n${recipients.map((one) => status(one, action)).join('')}`,
    `Message-ID: <${messageId}>`,
  );

/** `start` gives a database with the schema and nothing in it. */
export function bounceTrustBattery(
  name: string,
  start: () => Promise<{ database: Database; hasher: AddressHasher }>,
): void {
  describe(`Trust in returned messages on ${name}`, () => {
    let now: number;
    let database: Database;
    let hasher: AddressHasher;
    let list: SuppressionList;
    let feedback: Feedback;

    beforeEach(async () => {
      now = noon;
      ({ database, hasher } = await start());
      const clock = () => now;
      list = createSuppressionList({
        repository: createSuppressionRepository(database),
        hasher,
        now: clock,
      });
      feedback = createFeedback({
        repository: createEventRepository(database),
        hasher,
        suppressionList: list,
        now: clock,
        together: true,
      });
    });

    async function report(
      text: string,
      trust: BounceTrust,
      options: { tokensRequired?: boolean; senderDomains?: readonly string[] } = {},
    ) {
      const raw = new TextEncoder().encode(text);
      const read = await readReport(raw);
      const judge = createBounceJudge({
        tokens: createBounceTokens(hasher),
        tokensRequired: options.tokensRequired ?? false,
        senderDomains: options.senderDomains ?? [],
        hasher,
        repository: createEventRepository(database),
        now: () => now,
      });
      const events = await eventsOfReport(raw, read, { campaign: null, source: null }, now);
      const judged = await judge.judge({ raw, report: read, events }, trust);
      const recorded = await feedback.record(judged.events);
      return {
        doubt: judged.doubt,
        proofs: judged.events.map(({ proof }) => proof),
        suppresses: recorded.map(({ suppresses }) => suppresses),
        isNew: recorded.map(({ isNew }) => isNew),
      };
    }

    const mailed = (differences: Partial<DeliveryEvent> = {}) =>
      feedback.record([event({ kind: 'sent', class: 'none', at: noon, messageId: null, ...differences })]);
    const tokenOf = async (address: string) => (await createBounceTokens(hasher).tokensFor([address]))[0]!;
    const entries = async () => Promise.all([jane, john].map((address) => list.entriesOf(address)));

    test.each([
      ['proven', 'unproven', false],
      ['delivered', 'unproven', false],
      ['all', 'assumed', true],
    ] as const)('without anything on record, %s takes a bounce as %s', async (trust, proof, suppresses) => {
      expect(await report(dsn([jane]), trust)).toMatchObject({
        doubt: suppresses ? null : 'unproven',
        proofs: [proof],
        suppresses: [suppresses],
      });
      expect((await list.entriesOf(jane)).length).toBe(suppresses ? 1 : 0);
    });

    test.each(['sent', 'delivered', 'deferred'] as const)(
      'mail to the address that was %s makes its bounce plausible for 30 days',
      async (kind) => {
        await mailed({ kind, class: kind === 'deferred' ? 'soft' : 'none' });
        now = noon + 30 * day;
        expect(await report(dsn([jane]), 'proven')).toMatchObject({ proofs: ['unproven'] });
        expect(await report(dsn([jane, john], { messageId: '2@x' }), 'delivered')).toMatchObject({
          doubt: null,
          proofs: ['assumed', 'unproven'],
          suppresses: [true, false],
        });
        now += 1;
        expect(await report(dsn([jane], { messageId: '3@x' }), 'delivered')).toMatchObject({
          doubt: 'unproven',
        });
      },
    );

    test.each(['opened', 'bounce', 'queued', 'unsubscribed'] as const)(
      'an event of the kind %s does not',
      async (kind) => {
        await mailed({ kind });
        expect(await report(dsn([jane]), 'delivered')).toMatchObject({ proofs: ['unproven'] });
      },
    );

    test.each([
      ['<campaign-7@example.com>', 'queued'],
      ['campaign-7@example.com', 'bounce'],
      // The id that Amazon SES and Postmark report.
      ['campaign-7', 'delivered'],
    ] as const)('the Message-ID that an event recorded as %s proves a bounce', async (messageId, kind) => {
      await mailed({ messageId, kind });
      expect(await report(dsn([jane, john]), 'proven')).toMatchObject({
        proofs: ['proven', 'unproven'],
        suppresses: [true, false],
      });
      expect(await report(dsn([jane], { messageId: 'campaign-8@example.com' }), 'proven')).toMatchObject({
        proofs: ['unproven'],
      });
    });

    test('a recorded Message-ID proves a bounce of its own recipient only', async () => {
      await feedback.record([
        eventOfSent({ email: 'Jane@EXAMPLE.org', messageId: 'campaign-7@example.com' }, now),
      ]);
      now += 300 * day;
      expect(await report(dsn([jane, john]), 'proven')).toMatchObject({ proofs: ['proven', 'unproven'] });
      expect(await entries()).toMatchObject([[{ reason: 'bounce', status: '5.1.1' }], []]);
    });

    test('the recipient’s token proves a bounce, in the return path or split over two lines', async () => {
      const token = await tokenOf(jane);
      const toTagged = dsn([jane]).replace('To: news@', `To: news+${token}@`);
      const broken = dsn([jane]).replace('Hello', `X-Id: ${token.slice(0, 9)}=\r\n${token.slice(9)}`);
      for (const text of [toTagged, broken])
        expect(await report(text, 'proven')).toMatchObject({ doubt: null, proofs: ['proven'] });
      const others = dsn([john]).replace('To: news@', `To: news+${token}@`);
      expect(await report(others, 'delivered')).toMatchObject({ doubt: 'unproven' });
    });

    test('if tokens are required, nothing else proves a bounce', async () => {
      await mailed({ messageId: 'campaign-7@example.com' });
      const required = { tokensRequired: true };
      expect(await report(dsn([jane]), 'all', required)).toMatchObject({
        doubt: 'token_missing',
        proofs: ['unproven'],
      });
      const tagged = dsn([jane]).replace('To: news@', `To: news+${await tokenOf(jane)}@`);
      expect(await report(tagged, 'all', required)).toMatchObject({ doubt: null, suppresses: [true] });
    });

    test('a doubtful report is unproven regardless of recorded mail', async () => {
      await mailed({ messageId: 'campaign-7@example.com' });
      expect(await report(dsn([jane]), 'all', { senderDomains: ['other.example'] })).toMatchObject({
        doubt: 'not_our_message',
        proofs: ['unproven'],
      });
      expect(await report(dsn([jane]), 'proven', { senderDomains: ['example.com'] })).toMatchObject({
        doubt: null,
        suppresses: [true],
      });
    });

    test('a forged delivery report does not count as recorded mail', async () => {
      for (const [index, trust] of (['proven', 'delivered', 'all'] as const).entries())
        await report(dsn([jane], { messageId: `${index}@x`, action: 'delivered' }), trust);
      expect(await report(dsn([jane], { messageId: '2@x' }), 'delivered')).toMatchObject({
        doubt: 'unproven',
      });
    });

    test('an unproven event counts once proof arrives, and only once', async () => {
      expect(await report(dsn([jane]), 'proven')).toMatchObject({ isNew: [true], suppresses: [false] });
      expect(await report(dsn([jane]), 'proven')).toMatchObject({ isNew: [false], suppresses: [false] });
      // The event of the provider came later than the bounce.
      await mailed({ messageId: 'campaign-7@example.com' });
      expect(await report(dsn([jane]), 'proven')).toMatchObject({ isNew: [true], suppresses: [true] });
      expect(await report(dsn([jane]), 'proven')).toMatchObject({ isNew: [false], suppresses: [false] });
      expect(
        await database.all("SELECT proof, count(*) AS events FROM delivery_events WHERE teller = 'report'"),
      ).toEqual([{ proof: 'proven', events: 1 }]);
    });

    test('if one call has an event with and without proof, the proof counts', async () => {
      const hard = event();
      expect(
        await feedback.record([{ ...hard, proof: 'unproven' }, hard, { ...hard, proof: 'unproven' }]),
      ).toEqual([
        { isNew: true, suppresses: false },
        { isNew: true, suppresses: true },
        { isNew: false, suppresses: false },
      ]);
    });

    test('unproven events lengthen no run of soft bounces, and end none', async () => {
      const soft = (days: number, proof: 'proven' | 'unproven', kind: 'bounce' | 'delivered' = 'bounce') =>
        feedback.record([
          event({
            kind,
            class: kind === 'bounce' ? 'soft' : 'none',
            reason: 'mailbox_full',
            at: noon + days * day,
            proof,
          }),
        ]);
      now = noon + 40 * day;
      for (const days of [0, 2, 4, 6]) await soft(days, 'proven');
      for (const days of [7, 8, 9]) await soft(days, 'unproven');
      await soft(10, 'unproven', 'delivered');
      expect(await list.entriesOf(jane)).toEqual([]);
      await soft(11, 'proven');
      expect(await list.entriesOf(jane)).toHaveLength(1);
    });

    test('reports count unproven events separately', async () => {
      await mailed({ kind: 'delivered', recipient: john });
      await report(dsn([jane]), 'delivered');
      await report(dsn([john]), 'delivered');
      await feedback.record([
        event({ kind: 'delivered', class: 'none', at: noon, proof: 'unproven' }),
        event({ kind: 'sent', class: 'none', at: noon - 40 * day, proof: 'unproven' }),
      ]);
      const reports = createReports({ counter: createEventCounter(database), now: () => now });
      const { total, unproven, notes } = await reports.bounces({ from: noon, to: noon, by: 'day' });
      expect({ unproven, hard: total.hard, delivered: total.delivered }).toEqual({
        unproven: 2,
        hard: 1,
        delivered: 1,
      });
      expect(notes.join()).toContain(
        'Bounce messages about 2 recipients are not counted, because nothing proves that they are about your mail',
      );
      const before = await reports.bounces({ from: noon - 50 * day, to: noon - day, by: 'day' });
      expect(before).toMatchObject({ unproven: 1, total: { sent: null } });
    });

    test('an incident is made of proven bounces only', async () => {
      await list.add({ address: 'jane@gmail.com', reason: 'bounce', since: noon });
      const incident = { from: noon - day, to: noon + day, provider: 'gmail' };
      const gmail = event({ recipient: 'jane@gmail.com', proof: 'unproven' });
      await feedback.record([gmail]);
      expect(await list.countIncident(incident)).toBe(0);
      await feedback.record([{ ...gmail, proof: 'assumed' }]);
      expect(await list.countIncident(incident)).toBe(1);
    });
  });
}
