// Assembles the alerts of the service: who receives them, and when.

import { type Alerts, createAlerts, type TimedAlertSource } from '../alerts/alerts.ts';
import { quietHoursIn } from '../alerts/quiet-hours.ts';
import { retryWaitsMs } from '../jobs/callbacks.ts';
import type { Database } from '../storage/database.ts';
import { createAlertOutbox } from '../storage/sqlite/alert-outbox.ts';
import { type AlertReceiverPorts, alertReceivers } from './alert-receivers.ts';
import { describedError } from './described-error.ts';
import type { LogFields } from './log-messages.ts';
import type { Runtime } from './runtime.ts';

/** The alerts of the service. Without a receiver nothing is kept. */
export function createServiceAlerts(
  { settings, sendAlertMail }: Pick<Runtime, 'settings' | 'sendAlertMail'>,
  receiverPorts: Omit<AlertReceiverPorts, 'secret'>,
  ports: {
    readonly database: Database;
    readonly log: (line: LogFields) => void;
    readonly onGivenUp: (target: string) => void;
    readonly sources: readonly TimedAlertSource[];
  },
): Alerts {
  const { now } = receiverPorts;
  const { database, log, onGivenUp, sources } = ports;
  return createAlerts({
    outbox: createAlertOutbox(database),
    targets: alertReceivers(settings.alerts, {
      ...receiverPorts,
      secret: settings.jobs.callbackSecret,
      sendMail: sendAlertMail,
    }),
    sources,
    now,
    newId: () => `alert_${crypto.randomUUID()}`,
    groupMs: settings.alerts.groupMs,
    isQuiet: quietHoursIn(settings.reportTimeZone, settings.alerts.quietHours),
    retryWaitsMs,
    onGivenUp: (delivery) => {
      onGivenUp(delivery.target);
      log({ level: 'error', event: 'alert_given_up', ...delivery });
    },
    onFailure: (error, source) =>
      log({ level: 'error', event: 'alerts_failed', source, ...describedError(error) }),
  });
}
