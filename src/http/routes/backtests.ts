// POST /v1/backtests: compares the verdicts on a list with the bounces of a campaign that was sent to it.

import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { dayName } from '../../calendar.ts';
import { formBoundary, formParts, MalformedForm } from '../../jobs/multipart.ts';
import { parseListDate } from '../../lists/dates.ts';
import { type BacktestOutcome, runBacktest } from '../../lists/run-backtest.ts';
import type { CallerVariables } from '../middleware/auth.ts';
import { type BodyVariables, readBody } from '../middleware/body.ts';
import { callCost } from '../middleware/limits.ts';
import { badBody, type Resource } from '../operation.ts';
import { withoutBidiControls } from '../pages/bidi.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidQuery, malformedForm, type Problem, problem } from '../problem.ts';

/** Maximum bytes of both files together. `presend backtest` reads files of any size. */
export const maxBacktestBytes = 4 * 1024 * 1024;

const count = (description: string) => v.pipe(v.number(), v.description(description));

const share = (description: string) =>
  v.pipe(
    v.object({ share: v.nullable(v.number()), low: v.nullable(v.number()), high: v.nullable(v.number()) }),
    v.description(
      `${description} \`low\` and \`high\` are its 90% interval. All null if there is nothing to count.`,
    ),
  );

const rate = (description: string) => v.pipe(v.nullable(v.number()), v.description(description));

export const BacktestAnswer = v.object({
  addresses: count('Distinct addresses of the list.'),
  duplicates: count('Rows that repeat an address.'),
  no_address: count('Rows without an address.'),
  verified_now: count('Rows that had no verdict from before the campaign, or the verdict `unknown`.'),
  bounces: v.object({
    hard: count('Addresses of the list that hard-bounced.'),
    not_on_list: count('Hard bounces of addresses that are not on the list. Not counted elsewhere.'),
    not_hard: count('Rows of the bounces that are not hard bounces, such as soft bounces and deliveries.'),
    unclear: count('Rows of the bounces that do not say whether the bounce was hard.'),
    unreadable: count('Rows of the bounces without a valid address.'),
  }),
  bounce_rate: rate('Hard bounces per address of the campaign.'),
  forecast: v.object({
    rate: v.number(),
    low: v.number(),
    high: v.number(),
    held: v.pipe(v.boolean(), v.description('Whether the bounce rate is in the interval of the forecast.')),
  }),
  policies: v.array(
    v.object({
      leave_out: v.picklist(['reject', 'reject_or_confirm']),
      left_out: count('Addresses with these actions.'),
      caught: count('Bounces among them.'),
      catch_rate: share('The share of all bounces that would have been avoided.'),
      false_alarms: count('Addresses among them that did not bounce.'),
      false_alarm_rate: share('The share of the addresses without a bounce that would have been left out.'),
      bounce_rate: rate('The bounce rate of the remaining addresses; null if none remain.'),
    }),
  ),
  signals: v.array(
    v.object({
      reason: v.string(),
      addresses: v.number(),
      bounced: v.number(),
      expected: count('Expected number of bounces, by the predicted probabilities.'),
      rate: v.number(),
      rejected: v.number(),
      confirmed: v.number(),
    }),
  ),
  calibration: v.object({
    expected_rate: rate('The mean predicted probability.'),
    brier: rate('The mean squared difference between the probability and the outcome.'),
    bins: v.array(
      v.object({
        from: v.number(),
        to: v.number(),
        addresses: v.number(),
        expected_rate: v.number(),
        bounced: v.number(),
        observed: share('The share of these addresses that bounced.'),
      }),
    ),
  }),
});

export const backtestsResource: Resource = {
  tag: 'Backtests',
  schemas: { BacktestAnswer },
  operations: {
    'POST /v1/backtests': {
      scope: 'jobs',
      id: 'backtest',
      summary: 'Compare the verdicts on a list with the bounces of a campaign',
      description:
        'Send a form with two files: `list`, as it was before the campaign, and `bounces`, the export of the email service provider. Rows without a verdict of presend are verified now, without the suppression list and the learned model, which may contain these bounces. Nothing is stored.',
      query: {
        sent: 'The day of the campaign, such as 2026-11-20, for the age of addresses; today by default.',
        format: '`json` (the default), or `html` for a printable page.',
      },
      requestMediaTypes: {
        'multipart/form-data': `The files \`list\` and \`bounces\`, in CSV or NDJSON, at most ${maxBacktestBytes} bytes together.`,
      },
      answerMediaTypes: { 'text/html': 'With `format=html`: a self-contained page without scripts.' },
      answers: {
        200: ['The result.', BacktestAnswer],
        400: ['Malformed form data.'],
        413: badBody[413],
        415: badBody[415],
        422: ['A query parameter is invalid, a file is missing, or a file cannot be read as a list.'],
      },
    },
  },
};

export const backtestRoutes = ({ backtestValidator, now }: Pick<HttpPorts, 'backtestValidator' | 'now'>) => {
  const app = new Hono<{ Variables: CallerVariables & BodyVariables }>();
  return app.post('/backtests', async (c) => {
    const { sent, format = 'json' } = c.req.query();
    const sentAt = sent === undefined ? now() : parseListDate(sent);
    if (sentAt === null) return problem(c, invalidQuery('sent', 'must be a date such as 2026-11-20'));
    if (format !== 'json' && format !== 'html')
      return problem(c, invalidQuery('format', 'must be json or html'));
    const boundary = formBoundary(c.req.header('content-type') ?? '');
    if (boundary === null) return problem(c, notAForm);
    const body = await readBody(c, maxBacktestBytes);
    if (body instanceof Response) return body;
    const files = await filesIn(body, boundary);
    if (files === null) return problem(c, malformedForm);
    const { list, bounces } = files;
    if (list === undefined || bounces === undefined) return problem(c, missingFile);
    const tooMany = await c.get('spend')(lineCount(list) - callCost);
    if (tooMany !== null) return tooMany;
    const outcome = await runBacktest({
      list: oneChunk(list),
      bounces: oneChunk(bounces),
      sentAt,
      validator: backtestValidator,
      patienceMs: 0,
      wait: async () => {},
    });
    return answered(c, outcome, format, sentAt);
  });
};

async function answered(
  c: Context,
  outcome: BacktestOutcome,
  format: 'json' | 'html',
  sentAt: number,
): Promise<Response> {
  if (outcome.kind === 'refused') return problem(c, unreadableFile(outcome.file, outcome.error.message));
  if (outcome.kind === 'outage') return problem(c, dnsUnreachable, { 'retry-after': '30' });
  c.header('cache-control', 'no-store');
  if (format === 'json') return c.json(outcome.result, 200);
  const { backtestReportPage } = await import('../../lists/backtest-report.ts');
  return c.html(withoutBidiControls(backtestReportPage(outcome.result, dayName(sentAt))));
}

interface BacktestFiles {
  readonly list?: Uint8Array;
  readonly bounces?: Uint8Array;
}

/** The files of the form by the names of their fields. Null if the form is malformed. */
async function filesIn(body: Uint8Array<ArrayBuffer>, boundary: string): Promise<BacktestFiles | null> {
  const files: { list?: Uint8Array; bounces?: Uint8Array } = {};
  try {
    for await (const part of formParts(oneChunk(body), boundary)) {
      if (part.kind !== 'file' || (part.name !== 'list' && part.name !== 'bounces')) continue;
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      for await (const chunk of part.content) chunks.push(chunk);
      files[part.name] = new Uint8Array(await new Blob(chunks).arrayBuffer());
    }
  } catch (error) {
    if (error instanceof MalformedForm) return null;
    throw error;
  }
  return files;
}

async function* oneChunk<Bytes extends Uint8Array>(bytes: Bytes): AsyncGenerator<Bytes> {
  yield bytes;
}

function lineCount(bytes: Uint8Array): number {
  let lines = 1;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}

const notAForm: Problem = {
  type: 'unsupported-media-type',
  title: 'Unsupported media type',
  status: 415,
  detail: 'Send the files "list" and "bounces" as multipart/form-data.',
};

const missingFile: Problem = {
  type: 'no-file',
  title: 'Validation failed',
  status: 422,
  detail: 'Send two files, in the file fields "list" and "bounces".',
};

const unreadableFile = (file: string, message: string): Problem => ({
  type: 'unreadable-file',
  title: 'Validation failed',
  status: 422,
  detail: `The file "${file}" cannot be read. ${message}`,
});

const dnsUnreachable: Problem = {
  type: 'dns-unreachable',
  title: 'DNS is unreachable',
  status: 503,
  detail: 'No resolver answers. Retry after the number of seconds in Retry-After.',
};
