// GET /v1/alerts and POST /v1/alerts/test: the latest alerts, whether they were delivered, and a test of the receivers.

import { Hono } from 'hono';
import * as v from 'valibot';
import { alertSeverities } from '../../alerts/alert.ts';
import { alertJson } from '../../alerts/alert-formats.ts';
import type { AlertOverview } from '../../alerts/alerts.ts';
import { countField, described, momentField, nullableMoment, nullableString } from '../fields.ts';
import type { Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';

export const alertFields = {
  id: described(
    v.string(),
    'The id of the alert. presend creates an alert once for each thing that happens.',
  ),
  kind: described(
    v.string(),
    '`incident_opened`, `incident_changed`, `incident_closed`; `gate_changed`: the gate decides otherwise about a campaign; `drift_found`: bounces differ from the predictions; `hook_silent`: a webhook stopped sending events; `hook_back`: it sends them again; `data_old`: the domain data is old; `test`. More may be added.',
  ),
  severity: described(
    v.picklist(alertSeverities),
    '`critical`: sent even in ALERT_QUIET_HOURS. `info`: something is over, such as an incident.',
  ),
  title: described(v.string(), 'One English sentence, for display.'),
  advice: described(nullableString, 'What to do; null if nothing.'),
  at: described(momentField, 'When it happened.'),
  details: described(
    v.record(v.string(), v.nullable(v.union([v.string(), v.number()]))),
    'Figures and names for programs. The names of the fields depend on `kind`. No field contains an address.',
  ),
};

const state = v.picklist(['waiting', 'sent']);

export const AlertsAnswer = v.object({
  targets: described(
    v.array(
      v.object({
        name: described(
          v.string(),
          'The format and the host of the receiver, such as `slack hooks.slack.com`.',
        ),
        delivered: described(countField, 'Messages of the last 30 days that the receiver accepted.'),
        pending: described(
          countField,
          'Messages that the receiver has not accepted yet: they will be sent, or sent again.',
        ),
        failed: described(
          countField,
          'Messages that the receiver did not accept within three days. They are not sent again.',
        ),
        last_delivered_at: nullableMoment,
        last_failure: v.nullable(
          v.object({
            message_created_at: momentField,
            cause: described(
              v.string(),
              'Why the receiver did not get the message, such as `status 404`, `timeout` or `refused: not_public`.',
            ),
          }),
        ),
      }),
    ),
    'The receivers in ALERT_URLS and ALERT_EMAIL. Empty: alerts are off.',
  ),
  quiet: described(v.boolean(), 'Whether only critical alerts are sent at present (ALERT_QUIET_HOURS).'),
  waiting: described(countField, 'Alerts that wait to be sent together, or for the end of the quiet hours.'),
  alerts: described(v.array(v.object({ ...alertFields, state })), 'The last 50 alerts, latest first.'),
});

export const AlertTestAnswer = v.object({
  ok: described(v.boolean(), 'True if there is a receiver, and every one accepted the test.'),
  targets: v.array(
    v.object({
      name: v.string(),
      ok: v.boolean(),
      cause: described(nullableString, 'Why the receiver did not get the test; null if it did.'),
    }),
  ),
});

const latestShown = 50;

export const alertsResource: Resource = {
  tag: 'Alerts',
  about: 'Alerts to the operator, by webhook, chat or e-mail, and whether they were delivered.',
  schemas: { AlertsAnswer, AlertTestAnswer },
  operations: {
    'GET /v1/alerts': {
      scope: 'reports:read',
      id: 'listAlerts',
      summary: 'Show the latest alerts, and the state of their receivers',
      description:
        'presend sends one alert for each incident, for each drift, for each webhook that stops sending events, and for old data. Alerts go to the receivers in ALERT_URLS and ALERT_EMAIL.',
      answers: { 200: ['The alerts.', AlertsAnswer] },
    },
    'POST /v1/alerts/test': {
      scope: 'reports:read',
      id: 'testAlerts',
      summary: 'Send a test to every receiver now',
      description:
        'Sends one alert of the kind `test` to every receiver, even in ALERT_QUIET_HOURS. The response says which receivers accepted it.',
      answers: { 200: ['Which receivers accepted the test.', AlertTestAnswer] },
    },
  },
};

const noStore = { 'cache-control': 'no-store' };

export const alertRoutes = ({ alerts }: Pick<HttpPorts, 'alerts'>) =>
  new Hono()
    .get('/alerts', async (c) => c.json(alertsAnswer(await alerts.overview(latestShown)), 200, noStore))
    .post('/alerts/test', async (c) => {
      const results = await alerts.test();
      const targets = results.map(({ target, ok, cause }) => ({ name: target, ok, cause }));
      return c.json({ ok: targets.length > 0 && targets.every(({ ok }) => ok), targets }, 200, noStore);
    });

const moment = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** The overview as the API and the command line return it. */
export const alertsAnswer = ({ targets, isQuiet, waiting, latest }: AlertOverview) => ({
  targets: targets.map(({ name, delivered, pending, failed, lastDeliveredAt, lastFailure }) => ({
    ...{ name, delivered, pending, failed },
    last_delivered_at: moment(lastDeliveredAt),
    last_failure:
      lastFailure === null ? null : { message_created_at: moment(lastFailure.at)!, cause: lastFailure.cause },
  })),
  quiet: isQuiet,
  waiting,
  alerts: latest.map((alert) => ({
    ...alertJson(alert),
    state: alert.message === null ? ('waiting' as const) : ('sent' as const),
  })),
});
