// Alerts: each is told once to every receiver, whatever dies meanwhile; grouped, and held back in quiet hours.

import { beforeEach, describe, expect, test } from 'vitest';
import type { Alert } from '../../src/alerts/alert.ts';
import type { AlertMessage } from '../../src/alerts/alert-outbox.ts';
import { type AlertPorts, createAlerts } from '../../src/alerts/alerts.ts';
import { parseQuietHours, quietHoursIn } from '../../src/alerts/quiet-hours.ts';
import type { Database } from '../../src/storage/database.ts';
import { createAlertOutbox } from '../../src/storage/sqlite/alert-outbox.ts';
import type { DeliveryAttempt } from '../../src/webhooks/delivery.ts';
import { death, diesAt } from './dying-database.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const minute = 60_000;
const hour = 60 * minute;
const groupMs = 2 * minute;

const alertOf = (name: string, more: Partial<Alert> = {}): Alert => ({
  key: name,
  thread: name,
  kind: 'incident_opened',
  severity: 'warning',
  title: `${name} happened.`,
  advice: null,
  details: { name },
  at: noon,
  ...more,
});

/** `start` returns a database with the schema and nothing in it. */
export function alertsBattery(name: string, start: () => Promise<Database>): void {
  describe(`Alerts on ${name}`, () => {
    let now: number;
    let database: Database;
    let received: { readonly target: string; readonly message: AlertMessage }[];
    let answer: (target: string) => DeliveryAttempt;
    let givenUp: object[];
    let state: Alert[];

    beforeEach(async () => {
      now = noon;
      database = await start();
      received = [];
      givenUp = [];
      state = [];
      answer = () => ({ kind: 'delivered' });
    });

    let messages = 0;
    const alertsOver = (over: Database = database, ports: Partial<AlertPorts> = {}) =>
      createAlerts({
        outbox: createAlertOutbox(over),
        targets: ['a', 'b'].map((target) => ({
          id: target,
          name: `signed ${target}.example`,
          send: async (message) => {
            received.push({ target, message });
            return answer(target);
          },
        })),
        sources: [{ name: 'state', everyMs: 0, read: async () => state }],
        now: () => now,
        newId: () => `alert_${++messages}`,
        groupMs,
        isQuiet: () => false,
        retryWaitsMs: [minute, 5 * minute],
        onGivenUp: (delivery) => givenUp.push(delivery),
        onFailure: (error) => {
          throw error;
        },
        ...ports,
      });
    const deliverAll = async (alerts = alertsOver()): Promise<void> => {
      while (await alerts.deliver());
    };
    /** What a receiver that knows the ids of messages was told. */
    const toldTo = (target: string): string[] => {
      const byId = new Map(
        received.filter((one) => one.target === target).map(({ message }) => [message.id, message]),
      );
      return [...byId.values()].flatMap(({ alerts }) => alerts.map(({ key }) => key));
    };

    test('what lasts is told once to each receiver', async () => {
      state = [alertOf('block')];
      for (let look = 0; look < 5; look++) {
        await alertsOver().look();
        now += groupMs;
        await deliverAll();
      }
      state = [alertOf('block'), alertOf('import')];
      await alertsOver().look();
      now += groupMs;
      await deliverAll();
      expect(toldTo('a')).toEqual(['block', 'import']);
      expect(toldTo('b')).toEqual(['block', 'import']);
      expect(received).toHaveLength(4);
      expect(received[0]!.message.alerts[0]).toMatchObject({
        title: 'block happened.',
        details: { name: 'block' },
      });
    });

    test('alerts within two minutes are one message, the first one first', async () => {
      const alerts = alertsOver();
      await alerts.keep(alertOf('one'));
      now += minute;
      await alerts.keep(alertOf('two'));
      await deliverAll();
      expect(received).toEqual([]);
      now += minute;
      await deliverAll();
      expect(received.map(({ message }) => message.alerts.map(({ key }) => key))).toEqual([
        ['one', 'two'],
        ['one', 'two'],
      ]);
    });

    test('in quiet hours only critical alerts are told; the others come together at the end', async () => {
      const isQuiet = quietHoursIn('Europe/Berlin', parseQuietHours('22:00-07:00'));
      const alerts = alertsOver(database, { isQuiet });
      // 23:00 in Berlin.
      now = Date.UTC(2026, 10, 20, 22);
      await alerts.keep(alertOf('warning at night'));
      await alerts.keep(alertOf('block', { severity: 'critical' }));
      now += hour;
      await alerts.keep(alertOf('another at night'));
      await deliverAll(alerts);
      expect(toldTo('a')).toEqual(['block']);
      expect(await alerts.overview(10)).toMatchObject({ waiting: 2, isQuiet: true });
      now = Date.UTC(2026, 10, 21, 5, 59);
      await deliverAll(alerts);
      expect(toldTo('a')).toEqual(['block']);
      now = Date.UTC(2026, 10, 21, 6);
      await deliverAll(alerts);
      expect(received.at(-1)!.message.alerts.map(({ key }) => key)).toEqual([
        'warning at night',
        'another at night',
      ]);
    });

    test('what ends is told again when it returns, and not while it lasts or after a short gap', async () => {
      const day = 24 * hour;
      const drift = alertOf('drift:source:x:worse', { thread: 'drift:source:x', endsAfterMs: 3 * day });
      const other = alertOf('drift:source:x:worse:y', { thread: 'drift:source:x' });
      /** Looks every six hours. */
      const pass = async (days: number, present: readonly Alert[]) => {
        state = [...present];
        for (const end = now + days * day; now < end; now += 6 * hour) {
          await alertsOver().look();
          await deliverAll();
        }
      };
      await pass(10, [drift, other]);
      await pass(1.5, []);
      await pass(5, [drift]);
      const first = [expect.stringMatching(/^drift:source:x:worse#\d+$/), 'drift:source:x:worse:y'];
      expect(toldTo('a')).toEqual(first);
      await pass(3, []);
      await pass(10, [drift, other]);
      expect(toldTo('a')).toEqual([...first, first[0]]);
      expect(new Set(toldTo('a')).size).toBe(3);
      expect(toldTo('b')).toEqual(toldTo('a'));
    });

    test('in quiet hours a failed message is tried again only if it is critical', async () => {
      const isQuiet = (at: number) => at >= noon + hour && at < noon + 9 * hour;
      const alerts = alertsOver(database, { isQuiet, retryWaitsMs: [hour, hour] });
      answer = () => ({ kind: 'failed', cause: 'status 500', isFinal: false });
      await alerts.keep(alertOf('warning'));
      now += groupMs;
      await deliverAll(alerts);
      await alerts.keep(alertOf('block', { severity: 'critical' }));
      now += groupMs;
      await deliverAll(alerts);
      received = [];
      answer = () => ({ kind: 'delivered' });
      now = noon + 3 * hour;
      await deliverAll(alerts);
      expect([toldTo('a'), toldTo('b')]).toEqual([['block'], ['block']]);
      now = noon + 9 * hour;
      await deliverAll(alerts);
      expect(toldTo('a')).toEqual(['block', 'warning']);
    });

    test('the end of what was never told is not told', async () => {
      const end = (thread: string) => alertOf(`${thread} is over`, { thread, isFollowUp: true });
      state = [end('unknown'), end('block'), alertOf('block')];
      await alertsOver().look();
      now += groupMs;
      await deliverAll();
      expect(toldTo('a')).toEqual(['block', 'block is over']);
    });

    test('a failed delivery is tried again, to this receiver only, then given up and shown', async () => {
      answer = (target) =>
        target === 'b' ? { kind: 'failed', cause: 'status 500', isFinal: false } : { kind: 'delivered' };
      await alertsOver().keep(alertOf('block'));
      now += groupMs;
      for (let attempt = 0; attempt < 6; attempt++) {
        await deliverAll();
        now += 5 * minute;
      }
      expect(received.map(({ target }) => target).toSorted()).toEqual(['a', 'b', 'b', 'b']);
      expect(new Set(received.map(({ message }) => message.id)).size).toBe(1);
      expect(givenUp).toMatchObject([{ target: 'signed b.example', cause: 'status 500' }]);
      const { targets } = await alertsOver().overview(10);
      expect(targets).toMatchObject([
        { name: 'signed a.example', delivered: 1, failed: 0, lastFailure: null },
        { name: 'signed b.example', delivered: 0, failed: 1, lastFailure: { cause: 'status 500' } },
      ]);
    });

    test('a receiver that answers 410 Gone gets no more attempts', async () => {
      answer = () => ({ kind: 'failed', cause: 'status 410', isFinal: true });
      await alertsOver().keep(alertOf('block'));
      now += groupMs;
      await deliverAll();
      now += hour;
      await deliverAll();
      expect(received).toHaveLength(2);
      expect(givenUp).toHaveLength(2);
    });

    test('a receiver that was removed holds nothing up, and a new one gets what comes later', async () => {
      answer = () => ({ kind: 'failed', cause: 'timeout', isFinal: false });
      await alertsOver().keep(alertOf('old'));
      now += groupMs;
      await deliverAll();
      received = [];
      answer = () => ({ kind: 'delivered' });
      const alerts = alertsOver(database, {
        targets: [
          {
            id: 'c',
            name: 'c',
            send: async (message) => {
              received.push({ target: 'c', message });
              return answer('c');
            },
          },
        ],
      });
      await alerts.keep(alertOf('new'));
      now += hour;
      await deliverAll(alerts);
      expect(received.map(({ target }) => target)).toEqual(['c']);
      expect(toldTo('c')).toEqual(['new']);
    });

    test('without a receiver nothing is kept', async () => {
      const alerts = alertsOver(database, { targets: [] });
      state = [alertOf('block')];
      await alerts.look();
      await alerts.keep(alertOf('import'));
      expect(await alerts.deliver()).toBe(false);
      expect((await alerts.overview(10)).latest).toEqual([]);
    });

    test('no address is kept, wherever it stands', async () => {
      await alertsOver().keep(
        alertOf('list', {
          title: 'Bounces of the campaign "for jane@example.org" rise.',
          advice: 'Ask jane%40example.org or <john＠example.org>.',
          details: { campaign: 'jane@example.org', messages: 7 },
        }),
      );
      now += groupMs;
      await deliverAll();
      const text = JSON.stringify([received, await database.all('SELECT * FROM alerts')]);
      expect(text).not.toMatch(/jane|john/);
      expect(received[0]!.message.alerts[0]).toMatchObject({
        title: 'Bounces of the campaign "for …" rise.',
        details: { campaign: '…', messages: 7 },
      });
    });

    test('a flood is sent in messages of at most 100', async () => {
      state = Array.from({ length: 250 }, (_, index) => alertOf(`import ${index}`));
      await alertsOver().look();
      now += groupMs;
      await deliverAll();
      expect(
        received.filter(({ target }) => target === 'a').map(({ message }) => message.alerts.length),
      ).toEqual([100, 100, 50]);
      expect(new Set(toldTo('b')).size).toBe(250);
    });

    test('old alerts are deleted, and those whose state lasts are kept', async () => {
      state = [alertOf('ends'), alertOf('lasts')];
      await alertsOver().look();
      now += 10 * 24 * hour;
      state = [alertOf('lasts')];
      await alertsOver().look();
      await deliverAll();
      await alertsOver().deleteBefore(now - 24 * hour);
      await alertsOver().look();
      now += groupMs;
      await deliverAll();
      expect((await alertsOver().overview(10)).latest.map(({ key }) => key)).toEqual(['lasts']);
      expect(toldTo('a')).toEqual(['ends', 'lasts']);
    });

    test('each alert arrives once over 20 kills, at every statement in turn', async () => {
      const names = Array.from({ length: 40 }, (_, index) => `incident ${index}`);
      for (let kill = 0; kill < 20; kill++) {
        // The state of the service outlives the process: two incidents more at every start.
        state = names.slice(0, 2 * (kill + 1)).map((one) => alertOf(one));
        const alerts = alertsOver(diesAt(database, 1 + (kill % 7), kill % 2 === 0 ? 'before' : 'after'), {
          groupMs: 0,
        });
        try {
          await alerts.look();
          await deliverAll(alerts);
        } catch (error) {
          expect(error).toBe(death);
        }
        // The lease of the dead process ends.
        now += 3 * minute;
      }
      await alertsOver().look();
      now += hour;
      await deliverAll();
      expect(toldTo('a').toSorted()).toEqual(names.toSorted());
      expect(toldTo('b').toSorted()).toEqual(names.toSorted());
      // A message that came again has the same id and alerts.
      const versions = new Set(
        received.map(
          ({ target, message }) => `${target} ${JSON.stringify({ ...message, attempts: 0, target })}`,
        ),
      );
      expect(versions.size).toBe(
        new Set(received.map(({ target, message }) => `${target} ${message.id}`)).size,
      );
      expect(received.length).toBeGreaterThan(versions.size);
      expect(givenUp).toEqual([]);
    });
  });
}
