// The webhooks that presend sends: the schemas of their bodies, for the OpenAPI document. They are signed as Standard Webhooks
// specifies (https://www.standardwebhooks.com).

import * as v from 'valibot';
import { gateDecisions, gatePurposes } from '../reports/gate/question.ts';
import { suppressionReasons } from '../suppression/scope.ts';
import { countField, momentField, nullableString, shareField } from './fields.ts';
import { alertFields } from './routes/alerts.ts';
import { GateAnswerBody } from './routes/gate.ts';
import { dnsChange } from './routes/incidents.ts';
import { VerdictAnswer } from './routes/validate.ts';

/** A webhook that presend sends. */
export interface SentWebhook {
  /** The `operationId` in the OpenAPI document. */
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  readonly body: v.GenericSchema;
}

const rowsBy = v.record(v.string(), countField);

const timestamp = v.pipe(momentField, v.description('When the event happened.'));

const endedJob = {
  job: v.pipe(v.string(), v.description('The id of the job.')),
  state: v.picklist(['completed', 'failed']),
  rows: v.pipe(v.nullable(countField), v.description('The number of rows; null if the file was not read.')),
  counts: v.pipe(
    v.object({ result: rowsBy, reason: rowsBy, action: rowsBy }),
    v.description('Number of rows by result, by reason and by action.'),
  ),
};

export const JobCompletedMessage = v.object({
  type: v.literal('job.completed'),
  timestamp,
  data: v.object(endedJob),
});

const reverified = {
  previous_job: v.pipe(v.string(), v.description('The id of the job that verified the list before.')),
  verified: v.pipe(countField, v.description('Number of rows that were verified again.')),
  changes: v.pipe(
    v.array(v.object({ from: v.string(), to: v.string(), rows: countField })),
    v.description(
      'The rows whose result changed: `rows` rows changed from the result `from` to the result `to`.',
    ),
  ),
};

export const JobFailedMessage = v.object({
  type: v.literal('job.failed'),
  timestamp,
  data: v.object({
    ...endedJob,
    error: v.pipe(
      v.object({ code: v.string(), row: v.nullable(countField) }),
      v.description('Why the file cannot be read as a list, and at which row.'),
    ),
    ...v.partial(v.object(reverified)).entries,
  }),
});

export const ListReverifiedMessage = v.object({
  type: v.literal('list.reverified'),
  timestamp,
  data: v.object({ ...endedJob, ...reverified }),
});

export const DriftFoundMessage = v.object({
  type: v.literal('drift.found'),
  timestamp,
  data: v.object({
    of: v.picklist(['source', 'provider']),
    name: v.pipe(
      nullableString,
      v.description('The name of the source or of the mailbox provider; null for addresses without one.'),
    ),
    outcomes: v.pipe(countField, v.description('Number of deliveries and hard bounces.')),
    observed: v.pipe(shareField, v.description('The share of `outcomes` that hard-bounced, from 0 to 1.')),
    predicted: v.pipe(
      shareField,
      v.description('The share of `outcomes` that presend predicted to hard-bounce, from 0 to 1.'),
    ),
    direction: v.picklist(['worse', 'better']),
    message: v.pipe(v.string(), v.description('One English sentence, for display.')),
  }),
});

export const SenderDnsChangedMessage = v.object({
  type: v.literal('sender_dns.changed'),
  timestamp,
  data: v.object({
    domain: v.string(),
    ...dnsChange,
    message: v.pipe(v.string(), v.description('What changed, in a sentence or two, for display.')),
  }),
});

const changedEntries = v.object({
  entries: v.pipe(
    v.array(
      v.object({
        address_hash: v.pipe(
          v.string(),
          v.description('HMAC-SHA-256 of the address with the key ADDRESS_HASH_KEY, in hexadecimal.'),
        ),
        key_id: v.pipe(
          v.string(),
          v.description('The id of the key ADDRESS_HASH_KEY with which `address_hash` was made.'),
        ),
        scope: v.pipe(
          v.string(),
          v.description('The mail that the entry is about: `all`, `marketing` or `list:NAME`.'),
        ),
        reason: v.picklist(suppressionReasons),
        status: v.pipe(nullableString, v.description('Enhanced status code of the bounce (RFC 3463).')),
        source: nullableString,
        at: v.pipe(momentField, v.description('When the entry was added or lifted.')),
        contact_id: v.optional(
          v.pipe(
            v.string(),
            v.description('The id of the contact at the vendor in `source`, if it is known.'),
          ),
        ),
      }),
    ),
    v.maxLength(500),
  ),
});

export const SuppressionAddedMessage = v.object({
  type: v.literal('suppression.added'),
  timestamp,
  data: changedEntries,
});

export const GateChangedMessage = v.object({
  type: v.literal('gate.changed'),
  timestamp,
  data: v.object({
    campaign: v.string(),
    purpose: v.picklist(gatePurposes),
    before: v.pipe(v.picklist(gateDecisions), v.description('The previous decision.')),
    ...GateAnswerBody.entries,
  }),
});

export const VerdictChangedMessage = v.object({
  type: v.literal('verdict.changed'),
  timestamp,
  data: v.object({
    changed: v.pipe(
      v.boolean(),
      v.description(
        'Whether the result, the reason or the action differs from that of the response. False, for example, if the mail host did not say whether the mailbox exists.',
      ),
    ),
    previous: v.pipe(
      v.object({
        result: VerdictAnswer.entries.result,
        reason: VerdictAnswer.entries.reason,
        action: VerdictAnswer.entries.action,
      }),
      v.description('What the response said.'),
    ),
    verdict: v.pipe(
      VerdictAnswer,
      v.description('The new verdict. `mailbox` has what the mail host said, or why nothing is known.'),
    ),
  }),
});

export const SuppressionLiftedMessage = v.object({
  type: v.literal('suppression.lifted'),
  timestamp,
  data: changedEntries,
});

export const AlertRaisedMessage = v.object({
  type: v.literal('alert.raised'),
  timestamp,
  data: v.object({ alerts: v.pipe(v.array(v.object(alertFields)), v.minLength(1), v.maxLength(100)) }),
});

/** The types of the webhooks to the `callback_url` of a job. */
export const jobWebhookTypes: readonly string[] = ['job.completed', 'job.failed', 'list.reverified'];

const toJobCallback = 'Sent to the `callback_url` of the job. It contains counts and no addresses.';
const toSuppressionUrl =
  'Sent to SUPPRESSION_WEBHOOK_URL, with up to 500 changes in one message. It contains hashes instead of addresses.';

/** The webhooks by their types. */
export const sentWebhooks: Readonly<Record<string, SentWebhook>> = {
  'job.completed': {
    id: 'jobCompletedWebhook',
    tag: 'Lists',
    summary: 'A job has verified its whole list',
    description: toJobCallback,
    body: JobCompletedMessage,
  },
  'job.failed': {
    id: 'jobFailedWebhook',
    tag: 'Lists',
    summary: 'The file of a job cannot be read as a list',
    description: toJobCallback,
    body: JobFailedMessage,
  },
  'list.reverified': {
    id: 'listReverifiedWebhook',
    tag: 'Lists',
    summary: 'A list uploaded with `keep` was verified again, and some results changed',
    description: toJobCallback,
    body: ListReverifiedMessage,
  },
  'verdict.changed': {
    id: 'verdictChangedWebhook',
    tag: 'Verdicts',
    summary: 'The mail host was asked about the mailbox of a verdict',
    description:
      'Sent to the `callback_url` of POST /v1/validate and POST /v1/validate/batch, once for each address with `proof_pending: true`, also if the verdict did not change. It contains the address. Usually it comes within a minute; after greylisting it takes an hour or two, and at most a day.',
    body: VerdictChangedMessage,
  },
  'suppression.added': {
    id: 'suppressionAddedWebhook',
    tag: 'Suppression list',
    summary: 'Addresses were added to the suppression list',
    description: toSuppressionUrl,
    body: SuppressionAddedMessage,
  },
  'suppression.lifted': {
    id: 'suppressionLiftedWebhook',
    tag: 'Suppression list',
    summary: 'Entries of the suppression list were lifted',
    description: toSuppressionUrl,
    body: SuppressionLiftedMessage,
  },
  'drift.found': {
    id: 'driftFoundWebhook',
    tag: 'Calibration',
    summary: 'The bounces of a source or provider differ from the predictions',
    description:
      'Sent to DRIFT_CALLBACK_URL. If the difference lasts, the webhook is sent again after a week.',
    body: DriftFoundMessage,
  },
  'alert.raised': {
    id: 'alertRaisedWebhook',
    tag: 'Alerts',
    summary: 'Something happened that you should know about',
    description:
      'Sent to the URLs in ALERT_URLS, except those of chat tools such as Slack, with up to 100 alerts in one message. Each alert is in one message only.',
    body: AlertRaisedMessage,
  },
  'sender_dns.changed': {
    id: 'senderDnsChangedWebhook',
    tag: 'Watched domains',
    summary: 'The DNS of a watched domain changed',
    description:
      'Sent to PREFLIGHT_CALLBACK_URL, with the values before and after the change. If the receiver does not accept the message, presend sends it again for three days with the same `webhook-id`.',
    body: SenderDnsChangedMessage,
  },
  'gate.changed': {
    id: 'gateChangedWebhook',
    tag: 'Gate',
    summary: 'The decision about a campaign changed',
    description:
      'Sent to GATE_CALLBACK_URL, once for each change, for two days after the last call of POST /v1/gate for the campaign.',
    body: GateChangedMessage,
  },
};

/** The schemas of the bodies, by their names in the OpenAPI document. */
export const webhookSchemas = {
  JobCompletedMessage,
  JobFailedMessage,
  ListReverifiedMessage,
  VerdictChangedMessage,
  SuppressionAddedMessage,
  SuppressionLiftedMessage,
  DriftFoundMessage,
  AlertRaisedMessage,
  SenderDnsChangedMessage,
  GateChangedMessage,
} as const;
