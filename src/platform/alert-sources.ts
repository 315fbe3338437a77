// What the operator is alerted about: incidents, changes of the gate's decisions, drifts, silent webhooks, and old data. A source of alerts returns the alerts of
// the present state; a new source is one function here and one line in `alertSources`.

import type { Alert, AlertSeverity } from '../alerts/alert.ts';
import type { TimedAlertSource } from '../alerts/alerts.ts';
import { minuteName } from '../calendar.ts';
import { dataAgeDays, dataTime, dataVersion, oldDataDays } from '../domain/data-date.ts';
import { dayMs, hourMs, minuteMs } from '../durations.ts';
import type { HookRepository } from '../events/hook-counts.ts';
import { findSilentHooks, keptHoursMs } from '../events/silent-hooks.ts';
import type { Drift } from '../learning/drift.ts';
import type { Learning } from '../learning/learning.ts';
import type { GateRepository, StoredGateChange } from '../reports/gate/gate-repository.ts';
import type { StoredIncident } from '../reports/incidents/incident.ts';
import type { Incidents } from '../reports/incidents/incidents.ts';
import { sha256Hex } from '../webhooks/crypto.ts';

export interface AlertSourcePorts {
  readonly incidents: Pick<Incidents, 'list'>;
  readonly gate: Pick<GateRepository, 'changesSince'>;
  readonly learning: Pick<Learning, 'calibration'>;
  readonly hooks: Pick<HookRepository, 'hours'>;
  /** Whether requests of a webhook are expected, because its settings are complete. */
  readonly isHookSet: (hook: string) => boolean;
  /**
   * When the service started, in epoch milliseconds: it can receive requests since then. Negative infinity on Workers, where
   * requests can always be received.
   */
  readonly upSince: number;
  readonly now: () => number;
}

export const alertSources = (ports: AlertSourcePorts): readonly TimedAlertSource[] => [
  { name: 'incidents', everyMs: 0, read: () => incidentAlerts(ports) },
  { name: 'gate_changes', everyMs: 0, read: () => gateAlerts(ports) },
  { name: 'drifts', everyMs: hourMs, read: () => driftAlerts(ports) },
  { name: 'silent_hooks', everyMs: 10 * minuteMs, read: () => hookAlerts(ports) },
  { name: 'old_data', everyMs: hourMs, read: async () => oldDataAlerts(ports.now()) },
];

/**
 * How far back incidents and changes of the gate are read. This is longer than an upgrade usually stops the service, so none is
 * missed.
 */
const readBackMs = 3 * dayMs;
const mostIncidents = 500;

async function incidentAlerts({ incidents, now }: AlertSourcePorts): Promise<Alert[]> {
  const stored = await incidents.list({ status: 'all', from: now() - readBackMs, limit: mostIncidents });
  return stored.map(incidentAlert);
}

function incidentAlert(incident: StoredIncident): Alert {
  const { id, kind, scope, severity, evidence, explanation, advice } = incident;
  const { openedAt, changedAt, closedAt } = incident;
  const thread = `incident:${id}`;
  const { messages, sent, rate, rateBefore } = evidence;
  const details = {
    incident: id,
    incident_kind: kind,
    ...scope,
    messages,
    sent,
    rate,
    rate_before: rateBefore,
  };
  if (closedAt !== null)
    return {
      ...{
        key: `${thread}:closed:${closedAt}`,
        thread,
        isFollowUp: true,
        kind: 'incident_closed',
        severity: 'info',
      },
      title: `Over: ${explanation}`,
      ...{ advice: null, details, at: closedAt },
    };
  const isNew = changedAt === openedAt;
  return {
    ...{ key: `${thread}:open:${changedAt}`, thread, severity, advice, details, at: changedAt },
    kind: isNew ? 'incident_opened' : 'incident_changed',
    title: isNew ? explanation : `Changed: ${explanation}`,
  };
}

const mostGateChanges = 500;

async function gateAlerts({ gate, now }: AlertSourcePorts): Promise<Alert[]> {
  return (await gate.changesSince(now() - readBackMs, mostGateChanges)).map(gateAlert);
}

/** `critical`: mail that is sent although the gate says stop does harm, so this does not wait for the end of the quiet hours. */
const gateSeverities: Readonly<Record<StoredGateChange['decision'], AlertSeverity>> = {
  stop: 'critical',
  slow: 'warning',
  go: 'info',
};

function gateAlert({ id, campaign, purpose, before, decision, reasons, at }: StoredGateChange): Alert {
  const [first, ...others] = reasons.filter((reason) => reason.decision === decision);
  const what = gateTitle(`the campaign "${campaign}"`, before, decision);
  return {
    key: `gate:${id}`,
    thread: `gate:${sha256Hex(JSON.stringify([campaign, purpose])).slice(0, 16)}`,
    kind: 'gate_changed',
    severity: gateSeverities[decision],
    title: decision === 'go' || first === undefined ? `${what}.` : `${what}: ${first.message}`,
    advice:
      decision === 'go'
        ? null
        : [
            ...others.map(({ message }) => message),
            'POST /v1/gate has the limits, and says when to ask again.',
          ].join(' '),
    details: { campaign, purpose, before, decision, reasons: reasons.map(({ code }) => code).join(' ') },
    at,
  };
}

function gateTitle(
  campaign: string,
  before: StoredGateChange['before'],
  decision: StoredGateChange['decision'],
): string {
  if (decision === 'stop') return `Stop ${campaign}`;
  if (decision === 'go')
    return before === 'stop' ? `Send ${campaign} again` : `Send ${campaign} at full speed again`;
  return before === 'stop' ? `Send ${campaign} again, but slowly` : `Send ${campaign} more slowly`;
}

const driftDays = 7;
/** If a drift returns after this time, it is a new one. */
const driftEndsAfterMs = 3 * dayMs;

async function driftAlerts({ learning, now }: AlertSourcePorts): Promise<Alert[]> {
  const at = now();
  const { drifts } = await learning.calibration({ from: at - driftDays * dayMs, to: at });
  return drifts.map((drift) => driftAlert(drift, at));
}

function driftAlert(
  { of, name, direction, message, outcomes, observed, predicted }: Drift,
  at: number,
): Alert {
  const thread = `drift:${of}:${sha256Hex(JSON.stringify(name)).slice(0, 16)}`;
  return {
    ...{ key: `${thread}:${direction}`, thread, kind: 'drift_found', at, endsAfterMs: driftEndsAfterMs },
    severity: direction === 'worse' ? 'warning' : 'info',
    title: message,
    advice:
      direction === 'worse'
        ? 'Verify these addresses again before you send to them. GET /v1/reports/calibration compares the predictions with the bounces.'
        : null,
    details: { of, name, direction, outcomes, observed, predicted },
  };
}

async function hookAlerts({ hooks, isHookSet, upSince, now }: AlertSourcePorts): Promise<Alert[]> {
  const at = now();
  if (at - upSince < hourMs) return [];
  const { silent, returned } = findSilentHooks(await hooks.hours(at - keptHoursMs), at, upSince);
  const threadOf = (hook: string, lastHour: number): string => `hook:${hook}:${lastHour}`;
  return [
    ...silent
      .filter(({ hook }) => isHookSet(hook))
      .map(({ hook, lastHour, refused }): Alert => {
        const thread = threadOf(hook, lastHour);
        return {
          ...{ key: `${thread}:silent`, thread, kind: 'hook_silent', severity: 'warning', at },
          title: `presend has received no delivery event from ${hook} since ${minuteName(lastHour)} UTC, although events came regularly before${refused > 0 ? `; ${refused} requests were refused` : ''}.`,
          advice:
            refused > 0
              ? `Bounces are not recorded. Compare the signing key or password at ${hook} with the settings of presend: GET /v1/hooks says why requests are refused.`
              : `Bounces may not be recorded. Check at ${hook} that the webhook is still enabled, and send a test event from there.`,
          details: { hook, last_event_hour: new Date(lastHour).toISOString(), refused },
        };
      }),
    ...returned.map(({ hook, lastHour, backHour }): Alert => {
      const thread = threadOf(hook, lastHour);
      return {
        ...{
          key: `${thread}:back`,
          thread,
          isFollowUp: true,
          kind: 'hook_back',
          severity: 'info',
          at: backHour,
        },
        title: `presend receives delivery events from ${hook} again.`,
        advice: null,
        details: { hook },
      };
    }),
  ];
}

/** Days between two alerts about data that stays old. */
const remindDays = 30;

function oldDataAlerts(now: number): Alert[] {
  const age = dataAgeDays(now);
  if (age <= oldDataDays) return [];
  const severity: AlertSeverity = 'warning';
  const thread = `data:${dataVersion()}`;
  return [
    {
      ...{
        key: `${thread}:${Math.floor((age - oldDataDays) / remindDays)}`,
        thread,
        kind: 'data_old',
        severity,
      },
      title: `The lists of domains and names are ${age} days old, so new disposable domains and typos are missed.`,
      advice: 'Install a newer release, or update the lists: presend data update.',
      details: { version: dataVersion(), age_days: age },
      at: dataTime() + oldDataDays * dayMs,
    },
  ];
}
