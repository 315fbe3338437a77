// An alias whose target is dead: one report does not suppress it, and reports in a row without a delivery do.

import { expect, test } from 'vitest';
import { readReport } from '../../src/bounce/report.ts';
import { createFeedback } from '../../src/events/record.ts';
import { eventsOfReport } from '../../src/events/returned.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { multipartReport } from '../bounce/message.ts';
import { event } from '../contract/feedback.ts';

const day = 86_400_000;
const start = Date.UTC(2026, 10, 1, 12);

function open() {
  const { database } = openDatabase(':memory:');
  const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));
  let now = start;
  const clock = () => now;
  const suppressionList = createSuppressionList({
    repository: createSuppressionRepository(database),
    hasher,
    now: clock,
  });
  const repository = createEventRepository(database);
  const feedback = createFeedback({ repository, hasher, suppressionList, now: clock, together: true });
  return {
    suppressionList,
    /** Records the report about the message of a day, and returns whether it suppresses. */
    async report(days: number, mailed = 'team@one.example') {
      now = start + days * day;
      const text = multipartReport(
        'delivery-status',
        `<final@two.example> (expanded from <${mailed}>): User unknown`,
        `Reporting-MTA: dns; mx.one.example\n\nOriginal-Recipient: rfc822; ${mailed}\nFinal-Recipient: rfc822; final@two.example\nAction: failed\nStatus: 5.1.1`,
        `Message-ID: <day-${days}@example.com>\nTo: ${mailed}`,
      );
      const raw = new TextEncoder().encode(text);
      const events = await eventsOfReport(
        raw,
        await readReport(raw),
        { campaign: null, source: null },
        clock(),
      );
      return (await feedback.record(events)).map(({ suppresses }) => suppresses);
    },
    async deliver(days: number) {
      now = start + days * day;
      await feedback.record([
        event({
          id: `delivered ${days}`,
          kind: 'delivered',
          class: 'none',
          reason: 'delivered',
          recipient: 'team@one.example',
          at: now,
        }),
      ]);
    },
  };
}

test('the fifth report in a row over a week suppresses the alias, and never its target', async () => {
  const { report, suppressionList } = open();
  for (const days of [0, 2, 4, 6]) expect(await report(days)).toEqual([false]);
  expect(await suppressionList.count()).toBe(0);
  expect(await report(8)).toEqual([true]);
  expect(await suppressionList.count()).toBe(1);
  const entries = await suppressionList.entriesOf('team@one.example');
  expect(entries).toMatchObject([{ reason: 'bounce', status: '5.1.1' }]);
  expect(await suppressionList.entriesOf('final@two.example')).toEqual([]);
});

test('a delivery between them shows that somebody receives its mail', async () => {
  const { report, deliver } = open();
  for (const days of [0, 2, 4, 6]) await report(days);
  await deliver(7);
  expect(await report(8)).toEqual([false]);
});

test('a report about the mailbox itself suppresses it at once', async () => {
  expect(await open().report(0, 'final@two.example')).toEqual([true]);
});
