// Sends each alert once to every receiver of the operator. Sources report the present state. New alerts go to the outbox, are
// grouped into messages, and are sent to each receiver until it accepts them.

import { type DeliveryAttempt, deliverDue } from '../webhooks/delivery.ts';
import { type Alert, type AlertSource, anonymous } from './alert.ts';
import type {
  AlertDelivery,
  AlertMessage,
  AlertOutbox,
  AlertTargetState,
  KeptAlert,
} from './alert-outbox.ts';

export interface AlertTarget {
  /** Stays the same as long as the receiver does. Reveals no secret. */
  readonly id: string;
  /** What may be shown of the receiver, such as `slack hooks.slack.com`. */
  readonly name: string;
  /** Makes one attempt. Never rejects. */
  readonly send: (message: AlertMessage) => Promise<DeliveryAttempt>;
}

export interface TimedAlertSource {
  readonly name: string;
  /** Minimum milliseconds between two calls. */
  readonly everyMs: number;
  readonly read: AlertSource;
}

export interface AlertPorts {
  readonly outbox: AlertOutbox;
  readonly targets: readonly AlertTarget[];
  readonly sources: readonly TimedAlertSource[];
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly newId: () => string;
  /** Alerts that arrive within this many milliseconds after a first one are sent in the same message. */
  readonly groupMs: number;
  readonly isQuiet: (at: number) => boolean;
  /**
   * Milliseconds to wait after the first failed attempt, after the second, and so on. After the last one there is one more
   * attempt.
   */
  readonly retryWaitsMs: readonly number[];
  readonly onGivenUp: (delivery: {
    readonly id: string;
    readonly target: string;
    readonly cause: string;
  }) => void;
  /** Called with the error if a source or the outbox fails. */
  readonly onFailure: (error: unknown, source: string) => void;
}

export interface AlertTestResult {
  readonly target: string;
  readonly ok: boolean;
  /** Why it failed; null if it did not. */
  readonly cause: string | null;
}

export interface AlertOverview {
  /** All receivers in the settings, in the order of the settings. */
  readonly targets: readonly (Omit<AlertTargetState, 'target'> & { readonly name: string })[];
  /** Number of alerts that wait for their message. */
  readonly waiting: number;
  readonly isQuiet: boolean;
  readonly latest: readonly KeptAlert[];
}

export interface Alerts {
  /** Keeps an alert to be sent. Rejects if storage fails. */
  keep(alert: Alert): Promise<void>;
  /** Asks the sources that are due, and keeps what is new. Never rejects. */
  look(): Promise<void>;
  /** Makes one delivery that is due. Resolves to false if none is. Rejects only if storage fails. */
  deliver(): Promise<boolean>;
  /** Sends a test to every receiver now, even in quiet hours. Returns for each whether it accepted the test. */
  test(): Promise<readonly AlertTestResult[]>;
  overview(limit: number): Promise<AlertOverview>;
  /** Deletes what was last reported before `before` (epoch milliseconds). */
  deleteBefore(before: number): Promise<void>;
}

/** Maximum number of alerts in one message. */
const alertsAtOnce = 100;

/** Minimum milliseconds until the next search for a due delivery, after a search that found none. */
const checkEveryMs = 1000;

export function createAlerts(ports: AlertPorts): Alerts {
  const { outbox, targets, sources, now, newId, groupMs, isQuiet, retryWaitsMs, onGivenUp, onFailure } =
    ports;
  const targetOf = new Map(targets.map((target) => [target.id, target]));
  const lookedAt = new Map<string, number>();
  let checkedAt = Number.NEGATIVE_INFINITY;
  const isOff = targets.length === 0;

  async function lookAt({ name, everyMs, read }: TimedAlertSource): Promise<void> {
    const at = now();
    if (at - (lookedAt.get(name) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
    try {
      await outbox.keep((await read()).map(anonymous), at);
      lookedAt.set(name, at);
    } catch (error) {
      onFailure(error, name);
    }
  }

  async function pack(): Promise<void> {
    const moment = now();
    await outbox.pack({
      id: newId(),
      targets: [...targetOf.keys()],
      now: moment,
      keptBefore: moment - groupMs,
      onlyCritical: isQuiet(moment),
      limit: alertsAtOnce,
    });
  }

  return {
    async keep(alert) {
      if (isOff) return;
      await outbox.keep([anonymous(alert)], now());
      checkedAt = Number.NEGATIVE_INFINITY;
    },

    async look() {
      if (isOff) return;
      for (const source of sources) await lookAt(source);
      checkedAt = Number.NEGATIVE_INFINITY;
    },

    async deliver() {
      const moment = now();
      // The job runner calls this function often, and most of the time no delivery is due.
      if (isOff || moment < checkedAt + checkEveryMs) return false;
      await pack();
      const isFound = await deliverDue<AlertDelivery>({
        ...{ now, retryWaitsMs },
        claim: (at, leaseUntil) =>
          // A message that failed before the quiet hours waits for their end too.
          outbox.claim([...targetOf.keys()], at, leaseUntil, isQuiet(at)),
        send: (delivery) => targetOf.get(delivery.target)!.send(delivery),
        postpone: (delivery, nextAt, cause) => outbox.postpone(delivery, cause, nextAt),
        settle: (delivery, cause) => outbox.settle(delivery, cause, now()),
        onGivenUp: ({ id, target }, cause) => onGivenUp({ id, target: targetOf.get(target)!.name, cause }),
      });
      if (!isFound) checkedAt = moment;
      return isFound;
    },

    async test() {
      const message = { id: newId(), createdAt: now(), alerts: [testAlert(now())] };
      return Promise.all(
        targets.map(async ({ name, send }) => {
          const attempt = await send(message);
          return attempt.kind === 'delivered'
            ? { target: name, ok: true, cause: null }
            : { target: name, ok: false, cause: attempt.cause };
        }),
      );
    },

    async overview(limit) {
      const states = new Map((await outbox.states()).map((state) => [state.target, state]));
      return {
        targets: targets.map(({ id, name }) => {
          const { target: _, ...state } = states.get(id) ?? { target: id, ...noDelivery };
          return { name, ...state };
        }),
        waiting: await outbox.waiting(),
        isQuiet: isQuiet(now()),
        latest: await outbox.latest(limit),
      };
    },

    deleteBefore: (before) => outbox.deleteBefore(before),
  };
}

const noDelivery = { delivered: 0, pending: 0, failed: 0, lastDeliveredAt: null, lastFailure: null };

const testAlert = (at: number): Alert => ({
  key: 'test',
  thread: 'test',
  kind: 'test',
  severity: 'info',
  title: 'This is a test: alerts of presend arrive here.',
  advice: null,
  details: {},
  at,
});
