// The Cron Trigger tells what every source of alerts has, in one e-mail through the `send_email` binding, which is the local
// stand-in of the platform.

import { env } from 'cloudflare:test';
import { afterEach, expect, test } from 'vitest';
import { dataDate, setDataVersion } from '../../src/domain/data-date.ts';
import worker from '../../src/platform/worker.ts';
import { type MailBinding, workerAlertMail } from '../../src/platform/worker-alert-mail.ts';
import type { GateQuestion } from '../../src/reports/gate/question.ts';
import type { Database } from '../../src/storage/database.ts';
import { createGateRepository } from '../../src/storage/sqlite/gate-repository.ts';
import { createIncidentRepository } from '../../src/storage/sqlite/incident-repository.ts';
import { storedIncident } from '../contract/incidents.ts';
import { freshD1 } from './fresh-d1.ts';

type Mail = Parameters<MailBinding['send']>[0];

const binding = env['EMAIL'] as MailBinding;
const hour = 3_600_000;
const day = 24 * hour;

afterEach(() => setDataVersion(dataDate));

/** Something for each source. */
async function happen(database: Database): Promise<void> {
  const now = Date.now();
  await createIncidentRepository(database).open(
    storedIncident({ openedAt: now, changedAt: now, seenAt: now, explanation: 'gmail refuses your mail.' }),
  );
  const gate = createGateRepository(database);
  const question: GateQuestion = {
    ...{ campaign: 'spring', purpose: 'marketing', fromDomain: null, list: null, forecast: null },
    ...{ planned: null, firstSentAt: null },
  };
  await gate.keep({ campaign: 'spring', question, decision: 'go' }, now - 5 * day, true, null);
  await gate.keep({ campaign: 'spring', question, decision: 'stop' }, now, false, null);
  await database.run(
    `INSERT INTO calibration (day, provider, source, p_bin, q_bin, outcomes, bounces, p, q,
      p_square, q_square, p_bounced, q_bounced, p_log_loss, q_log_loss)
    VALUES (?, '', 'an import', 0, 0, 100, 30, 1, 1, 0, 0, 0, 0, 0, 0)`,
    [Math.floor(now / day)],
  );
  // Events in every hour of twenty days, and none for the last day.
  await database.run(
    `WITH RECURSIVE past (hour) AS (SELECT ?1 UNION ALL SELECT hour + ?2 FROM past WHERE hour < ?3)
    INSERT INTO hook_hours (workspace, hook, hour, events, refused) SELECT 'default', 'postmark', hour, 5, 0 FROM past`,
    [Math.floor(now / hour) * hour - 21 * day, hour, now - day],
  );
  setDataVersion('2020-01-01');
}

test('the Cron Trigger tells all sources by e-mail, each once', { timeout: 120_000 }, async () => {
  const database = await freshD1();
  await happen(database);
  const sent: Mail[] = [];
  const accepted: unknown[] = [];
  const environment = {
    ...env,
    ALERT_EMAIL: 'ops@example.com,lead@example.com',
    ALERT_EMAIL_FROM: 'presend@example.com',
    ALERT_GROUP_SECONDS: '0',
    EMAIL: {
      async send(mail: Mail) {
        sent.push(mail);
        accepted.push(await binding.send(mail));
      },
    },
  } as unknown as Parameters<typeof worker.scheduled>[1];
  await worker.scheduled({}, environment);
  await worker.scheduled({}, environment);
  expect(accepted).toEqual([{ messageId: expect.any(String) }]);
  expect(sent).toMatchObject([
    {
      ...{ from: 'presend@example.com', to: ['ops@example.com', 'lead@example.com'] },
      subject: 'Stop the campaign "spring". (1 of 6 alerts)',
      headers: {
        'Auto-Submitted': 'auto-generated',
        'X-Presend-Message': expect.stringMatching(/^alert_/),
      },
    },
  ]);
  const { text } = sent[0]!;
  for (const told of [
    'gmail refuses your mail.',
    'Stop the campaign "spring".',
    'Source an import: 30% of the addresses bounced',
    'presend has received no delivery event from postmark',
    'The lists of domains and names are',
  ])
    expect(text).toContain(told);
  const deliveries = await database.all('SELECT state FROM alert_deliveries');
  expect(deliveries).toEqual([{ state: 'delivered' }]);
});

test('a sender that the binding does not allow is a failure without an address in it', async () => {
  const mail = {
    ...{ to: ['ops@example.com'], from: 'other@example.com', smtpUrl: null, id: 'alert_1' },
    ...{ subject: 'A test', text: 'A test.', at: 0 },
  };
  expect(await workerAlertMail(binding)(mail)).toEqual({
    ...{ kind: 'failed', cause: 'refused by the binding EMAIL', isFinal: false },
  });
  const failing = (code: unknown) =>
    workerAlertMail({
      send: async () => Promise.reject(Object.assign(new Error('ops@example.com'), { code })),
    });
  expect(await failing('E_SENDER_NOT_VERIFIED')(mail)).toMatchObject({ cause: 'E_SENDER_NOT_VERIFIED' });
  expect(await failing('ops@example.com')(mail)).toMatchObject({ cause: 'refused by the binding EMAIL' });
});
