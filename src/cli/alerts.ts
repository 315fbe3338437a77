// `presend alerts`: tests the receivers of alerts, and lists the latest alerts and whether they were delivered.

import { alertsAnswer } from '../http/routes/alerts.ts';
import type { Database } from '../storage/database.ts';
import { exitAfterOutput, settingsOfEnvironment } from './arguments.ts';
import { type CommandGroup, defineCommand, jsonOption } from './command.ts';
import { CommandFailure } from './failure.ts';
import { openServiceDatabase } from './service-database.ts';
import { printable } from './terminal.ts';

const noReceiver = 'neither ALERT_URLS nor ALERT_EMAIL is set, so no alert is sent';

export const command: CommandGroup = {
  name: 'alerts',
  summary: 'test the receivers of alerts, and list the latest alerts',
  about:
    'Shows and tests the receivers in ALERT_URLS and ALERT_EMAIL. The running service sends the alerts; it needs the same settings.',
  examples: ['presend alerts test', 'presend alerts list --json'],
  actions: [
    defineCommand({
      name: 'alerts test',
      summary: 'send a test to every receiver now',
      about:
        'Sends a test to every receiver now, even in ALERT_QUIET_HOURS. Prints one line for each: whether the receiver accepted the test, and if not, why.',
      options: { ...jsonOption },
      exit: '1 if a receiver did not accept the test, else 0.',
      examples: ['presend alerts test'],
      run: ({ values }) => test(values.json === true),
    }),
    defineCommand({
      name: 'alerts list',
      summary: 'list the latest alerts and the state of the receivers',
      about: 'Lists the state of each receiver and the last 50 alerts, latest first.',
      options: { ...jsonOption },
      examples: ['presend alerts list', 'presend alerts list --json'],
      run: ({ values }) => list(values.json === true),
    }),
  ],
};

async function test(json: boolean): Promise<void> {
  const alerts = await openAlerts(null);
  const results = await alerts.test();
  if (results.length === 0) throw new CommandFailure('alerts_off', noReceiver);
  const isSound = results.every(({ ok }) => ok);
  process.stdout.write(
    json
      ? `${JSON.stringify({ ok: isSound, targets: results.map(({ target: name, ...one }) => ({ name, ...one })) })}\n`
      : results
          .map(({ target, ok, cause }) => `${ok ? 'ok  ' : 'fail'}  ${target}${ok ? '' : `: ${cause}`}\n`)
          .join(''),
  );
  process.exitCode = isSound ? 0 : 1;
  exitAfterOutput();
}

async function list(json: boolean): Promise<void> {
  const { settings } = await settingsOfEnvironment();
  const { sqlite, database } = await openServiceDatabase(settings.databasePath);
  try {
    const answer = alertsAnswer(await (await openAlerts(database)).overview(50));
    process.stdout.write(json ? `${JSON.stringify(answer)}\n` : listText(answer));
    if (answer.targets.length === 0) process.stderr.write(`Alerts are off: ${noReceiver}.\n`);
  } finally {
    sqlite.close();
  }
}

async function openAlerts(database: Database | null) {
  const { settings } = await settingsOfEnvironment();
  const { createAlerts } = await import('../alerts/alerts.ts');
  const { quietHoursIn } = await import('../alerts/quiet-hours.ts');
  const { openDns } = await import('./open-dns.ts');
  const { alertReceivers } = await import('../platform/alert-receivers.ts');
  const { nodeCallbackTransport } = await import('../platform/callback-transport.ts');
  const { sendAlertMail } = await import('../platform/alert-mail.ts');
  const { callbackNames } = await import('../platform/control-questions.ts');
  const { resolver } = await openDns(settings);
  const targets = alertReceivers(settings.alerts, {
    names: callbackNames(resolver),
    targets: settings.jobs.callbackTargets,
    transport: nodeCallbackTransport,
    secret: settings.jobs.callbackSecret,
    sendMail: sendAlertMail,
    now: Date.now,
  });
  const nothing = (): void => {};
  return createAlerts({
    outbox: await outboxOver(database),
    targets,
    sources: [],
    now: Date.now,
    newId: () => `alert_${crypto.randomUUID()}`,
    groupMs: settings.alerts.groupMs,
    isQuiet: quietHoursIn(settings.reportTimeZone, settings.alerts.quietHours),
    retryWaitsMs: [],
    onGivenUp: nothing,
    onFailure: nothing,
  });
}

/** The database is null for a test, which needs none. */
async function outboxOver(database: Database | null) {
  const { createAlertOutbox } = await import('../storage/sqlite/alert-outbox.ts');
  return createAlertOutbox(database ?? ({} as Database));
}

function listText({ targets, waiting, quiet, alerts }: ReturnType<typeof alertsAnswer>): string {
  const receivers = targets.map(
    ({ name, delivered, pending, failed, last_failure }) =>
      `${name}: ${delivered} delivered, ${pending} pending, ${failed} failed${last_failure === null ? '' : ` (${printable(last_failure.cause)})`}\n`,
  );
  const held =
    waiting === 0
      ? ''
      : `alerts that wait ${quiet ? 'for the end of the quiet hours' : 'to be sent'}: ${waiting}\n`;
  const told = alerts.map(
    ({ at, severity, title, state }) =>
      `${at.slice(0, 16)}Z  ${severity.padEnd(8)}  ${state.padEnd(7)}  ${printable(title)}\n`,
  );
  return [...receivers, held, ...told].join('');
}
