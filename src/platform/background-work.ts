// The work of the service in the background: its upkeep, the messages that are due, and the jobs.

import type { Alerts } from '../alerts/alerts.ts';
import type { Diagnoses } from '../diagnosis/diagnoses.ts';
import { dayMs } from '../durations.ts';
import type { ColdEvents } from '../events/cold/cold-events.ts';
import type { Jobs } from '../jobs/job-service.ts';
import type { PendingProofs } from '../pending/pending-proofs.ts';
import type { SenderWatch } from '../preflight/watch/watch.ts';
import type { EventHistory } from '../reports/count.ts';
import type { Gate } from '../reports/gate/gate.ts';
import type { Incidents } from '../reports/incidents/incidents.ts';
import type { BackgroundWork } from './job-runner.ts';
import { inLogContext } from './log-context.ts';
import type { Tracing } from './tracing.ts';

/** Maximum number of messages of one kind that one maintenance run sends. */
const messagesAtOnce = 20;

/** Sends what is due, at most `messagesAtOnce` messages. `deliverOne` sends one, and resolves to false if none is due. */
async function deliverSome(deliverOne: () => Promise<boolean>): Promise<void> {
  for (let sent = 0; sent < messagesAtOnce; sent++) if (!(await deliverOne())) return;
}

/** Milliseconds for which scores and decisions of the gate are kept after the last event or question. */
const gateDataMs = 14 * dayMs;

export interface BackgroundParts {
  readonly listJobs: Jobs;
  readonly pending: Pick<PendingProofs, 'ask' | 'tell' | 'hasDue' | 'deleteOld' | 'endLeases'>;
  readonly alerts: Alerts;
  readonly gate: Gate;
  readonly incidents: Incidents;
  readonly diagnoses: Diagnoses;
  readonly eventHistory: Pick<EventHistory, 'newestUncounted'>;
  readonly coldEvents: ColdEvents;
  readonly watch: SenderWatch;
  /** Each sends one message that is due, and resolves to false if none is; null if there is no receiver. */
  readonly sendSuppressionChange: (() => Promise<boolean>) | null;
  readonly sendGateChange: (() => Promise<boolean>) | null;
  /** Each deletes what is older than its retention. */
  readonly deleteOld: readonly (() => Promise<unknown>)[];
  /** Ends the sessions with mail hosts that earlier processes held. */
  readonly endProbeSessions: () => Promise<void>;
  /** Whether this process runs for a long time, as on Node. */
  readonly shareInFlight: boolean;
  readonly now: () => number;
  readonly tracing: Pick<Tracing, 'inTask' | 'inStep'> | undefined;
  readonly logJobError: (error: unknown) => void;
}

export function createBackgroundWork(parts: BackgroundParts): Jobs & Pick<BackgroundWork, 'askPending'> {
  const { listJobs, pending, alerts, gate, incidents, diagnoses, eventHistory, coldEvents, watch } = parts;
  const { sendSuppressionChange, sendGateChange, deleteOld, shareInFlight, now, tracing, logJobError } =
    parts;
  const inTask: Tracing['inTask'] = tracing?.inTask ?? ((_, work) => work());
  const inStep: Tracing['inStep'] = tracing?.inStep ?? ((_, work) => work());
  const isDone = (done: boolean): boolean => done;

  /** Looks for incidents, but not while events of earlier versions are being counted, because every rate would seem to rise. */
  async function lookForIncidents(): Promise<void> {
    if ((await eventHistory.newestUncounted()) !== null) return;
    await incidents.look();
    await diagnoses.tend();
  }

  async function maintain(): Promise<void> {
    await inStep('maintain lists', listJobs.maintain);
    // On Workers `doOne` runs only while there are jobs. Without jobs, only this call sends the pending changes.
    if (sendSuppressionChange !== null) await deliverSome(sendSuppressionChange).catch(logJobError);
    for (const deleteSome of deleteOld) await deleteSome().catch(logJobError);
    await inStep('move old events', coldEvents.maintain);
    await inStep('check sending domains', watch.tend).catch(logJobError);
    // Look for incidents last: this reads the most, and D1 limits the statements of one run.
    await inStep('look for incidents', lookForIncidents).catch(logJobError);
    await inStep('review the gate', gate.review).catch(logJobError);
    if (sendGateChange !== null) await deliverSome(sendGateChange).catch(logJobError);
    await gate.deleteBefore(now() - gateDataMs).catch(logJobError);
    await inStep('look for alerts', alerts.look);
    await inStep('send alerts', () => deliverSome(alerts.deliver)).catch(logJobError);
  }

  return {
    ...listJobs,
    askPending: (signal) => inLogContext({ task: 'pending_verdicts' }, () => pending.ask(signal)),
    async workload() {
      const load = await listJobs.workload();
      return { ...load, open: load.open || (await pending.hasDue(now())) };
    },
    async endAllLeases() {
      await parts.endProbeSessions();
      await pending.endLeases();
      await listJobs.endAllLeases();
    },
    doOne: () =>
      inLogContext(
        { task: 'jobs' },
        async () =>
          (sendSuppressionChange !== null &&
            (await inTask('send suppression changes', sendSuppressionChange, isDone))) ||
          (await inTask('send alert', alerts.deliver, isDone)) ||
          (sendGateChange !== null && (await inTask('send gate change', sendGateChange, isDone))) ||
          (await inTask('send new verdict', pending.tell, isDone)) ||
          // On Node, other lanes ask (see startJobRunner). Single addresses do not wait for lists.
          (!shareInFlight && (await inTask('ask about mailboxes', () => pending.ask(), isDone))) ||
          inTask('work on list', listJobs.doOne, isDone),
      ),
    maintain: () => inLogContext({ task: 'maintenance' }, () => inTask('maintenance', maintain)),
  };
}
