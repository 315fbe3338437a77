// POST /v1/gate: whether a campaign may be sent now, and how fast.

import { Hono } from 'hono';
import * as v from 'valibot';
import type { Jobs } from '../../jobs/job-service.ts';
import {
  type GateAnswer,
  type GateForecast,
  gateDecisions,
  gatePurposes,
  gateReasons,
} from '../../reports/gate/question.ts';
import { type Spread, spreadOver } from '../../reports/gate/spread.ts';
import {
  countField,
  described,
  maxValidateBytes,
  momentField,
  nullableString,
  timestamp,
} from '../fields.ts';
import type { BodyVariables } from '../middleware/body.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { badBody, type Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidRequest, problem } from '../problem.ts';

const name = (description: string, example: string) =>
  v.pipe(
    v.string(),
    v.minLength(1, 'must not be empty'),
    v.maxLength(200, 'must be at most 200 characters long'),
    v.check((text) => !text.includes('@'), 'must not contain an @: do not name people'),
    v.description(description),
    v.examples([example]),
  );

const share = v.pipe(
  v.number(),
  v.minValue(0, 'must be at least 0'),
  v.maxValue(1, 'must be at most 1: a share such as 0.02'),
);

export const GateRequest = v.object({
  campaign: name('The name of the campaign, as in your delivery events and in POST /v1/bounces.', 'spring'),
  purpose: v.optional(
    described(
      v.picklist(gatePurposes, 'must be marketing or transactional'),
      '`marketing` by default. If marketing mail must stop, `transactional` mail is only slowed. The quality of the list does not stop transactional mail.',
    ),
  ),
  from_domain: v.optional(
    v.nullable(
      v.pipe(
        v.string(),
        v.maxLength(253, 'must be at most 253 characters long'),
        v.regex(/^[^@\s/]+\.[^@\s/]+$/, 'must be a domain such as example.com'),
        v.description('The domain of the From address. Errors in its DNS records are reasons to stop.'),
        v.examples(['example.com']),
      ),
    ),
  ),
  list: v.optional(
    v.nullable(name('The name of the mailing list, as in your delivery events.', 'newsletter')),
  ),
  forecast: v.optional(
    v.nullable(
      described(
        v.union(
          [share, v.pipe(v.string(), v.minLength(1), v.maxLength(100))],
          'must be a share such as 0.02, or the id of a completed job',
        ),
        'The expected share of hard bounces (0.02 is 2%), or the id of the completed job that verified the list. From the job, presend takes the forecast and the share of catch-all addresses.',
      ),
    ),
  ),
  planned: v.optional(
    v.nullable(
      described(
        v.pipe(
          v.number(),
          v.integer('must be a whole number'),
          v.minValue(1, 'must be at least 1'),
          v.maxValue(1e9),
        ),
        'How many messages of the campaign are still to be sent. `limits` leaves out each hourly limit that is at least this number.',
      ),
    ),
  ),
  first_sent: v.optional(
    v.nullable(
      described(
        timestamp,
        'Only if you send from a new domain or IP address: the day of its first mail. The response then limits the mail by a warm-up plan (`warm_up`).',
      ),
    ),
  ),
});

const ReasonAnswer = v.object({
  code: described(v.picklist(gateReasons), 'The code of the reason. New codes may be added.'),
  decision: described(v.picklist(gateDecisions), 'The decision that this reason alone would lead to.'),
  message: v.string(),
  incident: described(nullableString, 'The id of the incident that is the reason; null if there is none.'),
});

export const GateAnswerBody = v.object({
  decision: described(
    v.picklist(gateDecisions),
    '`go`: send. `slow`: send, but keep to `limits`; without limits, send in small parts. `stop`: send nothing until a new answer.',
  ),
  reasons: described(
    v.array(ReasonAnswer),
    'The strictest reasons first. Empty if there is no reason to slow or to stop.',
  ),
  limits: v.array(
    v.object({
      provider: described(
        nullableString,
        'A mailbox provider, such as gmail. Null: all mail hosts that do not belong to a well-known provider. `all`: all mail of the campaign.',
      ),
      per_hour: described(
        countField,
        'The maximum number of messages in an hour, spread evenly over the hour. 0: send nothing to this provider.',
      ),
      batch: described(
        v.nullable(v.object({ messages: countField, every_seconds: countField, random_seconds: countField })),
        'How to spread the messages: send `messages`, then wait for `every_seconds` plus a random time of up to `random_seconds`. Null: send nothing.',
      ),
      until: described(
        v.nullable(momentField),
        'When the limit ends, if a reply of the provider says so (`try again in 300 seconds`). Otherwise null: call POST /v1/gate again to learn whether it still holds.',
      ),
    }),
  ),
  until: described(momentField, 'Call POST /v1/gate again at this time at the latest.'),
  warm_up: described(
    v.nullable(v.object({ step: countField, per_hour: countField, next_days: v.array(countField) })),
    'With `first_sent`: the warm-up plan of the new sender. `step`: how many days of the plan are done. `per_hour`: the maximum number of messages per hour today. `next_days`: the same for each day after today, if providers delay and refuse little mail. Null without `first_sent`, or after the end of the plan.',
  ),
});

export const gateResource: Resource = {
  tag: 'Gate',
  about:
    'Whether a campaign may be sent now, and how fast: one call before sending, and again while it is sent.',
  schemas: { GateRequest, GateAnswerBody },
  operations: {
    'POST /v1/gate': {
      scope: 'gate',
      id: 'askGate',
      summary: 'Ask whether a campaign may be sent',
      description:
        'Answers from what your delivery events say at this moment: open incidents, refusals and hard bounces of the last messages, rates, limits of your email service provider (ESP_PRESET), the DNS records of the From domain and the forecast of the list. Call it before you send, and again at `until`, or before each part of the campaign (50 messages or 20 minutes). For two days after the last call, changes of the decision are sent to GATE_CALLBACK_URL.',
      request: GateRequest,
      example: { campaign: 'spring', from_domain: 'brisk-otter.com', list: 'newsletter', planned: 20_000 },
      answers: { 200: ['The decision.', GateAnswerBody], ...badBody },
    },
  },
};

export const gateRoutes = ({
  gate,
  jobs,
}: { readonly gate: Pick<HttpPorts['gate'], 'ask'> } & Pick<HttpPorts, 'jobs'>) =>
  new Hono<{ Variables: BodyVariables }>().post(
    '/gate',
    jsonBody(maxValidateBytes, GateRequest),
    async (c) => {
      const body = c.req.valid('json');
      const forecast = await forecastOf(body.forecast ?? null, jobs);
      if (forecast === 'unknown_job')
        return problem(
          c,
          invalidRequest([
            {
              pointer: '/forecast',
              detail: 'forecast must be a share such as 0.02, or the id of a completed job',
            },
          ]),
        );
      const answer = await gate.ask({
        campaign: body.campaign,
        purpose: body.purpose ?? 'marketing',
        fromDomain: body.from_domain?.toLowerCase() ?? null,
        list: body.list ?? null,
        forecast,
        planned: body.planned ?? null,
        firstSentAt: body.first_sent == null ? null : Date.parse(body.first_sent),
      });
      return c.json(gateJson(answer), 200, { 'cache-control': 'no-store' });
    },
  );

async function forecastOf(
  given: number | string | null,
  jobs: Pick<Jobs, 'find' | 'summary'>,
): Promise<GateForecast | null | 'unknown_job'> {
  if (given === null) return null;
  if (typeof given === 'number') return { hard: given, catchAll: null };
  const job = await jobs.find(given);
  const summary = job === null ? null : await jobs.summary(job);
  if (summary === null) return 'unknown_job';
  return { hard: summary.forecast.rate, catchAll: summary.forecast.catch_all_share };
}

const batchJson = (spread: Spread | null) =>
  spread && {
    messages: spread.messages,
    every_seconds: spread.everySeconds,
    random_seconds: spread.randomSeconds,
  };

/** An answer as the API, the webhook and the command line return it. */
export const gateJson = ({ decision, reasons, limits, until, warmUp }: GateAnswer) => ({
  decision,
  reasons,
  limits: limits.map(({ provider, perHour, until: end }) => ({
    provider,
    per_hour: perHour,
    batch: batchJson(spreadOver(perHour)),
    until: end === undefined ? null : new Date(end).toISOString(),
  })),
  until: new Date(until).toISOString(),
  warm_up:
    warmUp === undefined
      ? null
      : { step: warmUp.step, per_hour: warmUp.perHour, next_days: [...warmUp.nextDays] },
});
