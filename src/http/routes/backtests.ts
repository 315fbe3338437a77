// POST /v1/backtests: compares the verdicts on a list with the bounces of a campaign that was sent to it.

import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { dayName } from '../../calendar.ts';
import type { BounceSelection } from '../../events/event-repository.ts';
import { formBoundary, formParts, MalformedForm } from '../../jobs/multipart.ts';
import { bouncePeriod } from '../../lists/recorded-bounces.ts';
import type { BacktestOutcome } from '../../lists/run-backtest.ts';
import { parseCellDate } from '../../written-dates.ts';
import { countField, shareField } from '../fields.ts';
import type { CallerVariables } from '../middleware/auth.ts';
import { type BodyVariables, readBody } from '../middleware/body.ts';
import { callCost } from '../middleware/limits.ts';
import { badBody, daySchema, oneOfSchema, type Resource, refusal } from '../operation.ts';
import { withoutBidiControls } from '../pages/bidi.ts';
import { ownStylePolicy } from '../pages/page-policy.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidQuery, malformedForm, type Problem, problem } from '../problem.ts';

/** Maximum bytes of both files together. `presend backtest` reads files of any size. */
export const maxBacktestBytes = 4 * 1024 * 1024;

const count = (description: string) => v.pipe(countField, v.description(description));

const share = (description: string) =>
  v.pipe(
    v.object({ share: v.nullable(shareField), low: v.nullable(shareField), high: v.nullable(shareField) }),
    v.description(
      `${description} \`low\` and \`high\` are its 90% interval. All null if there is nothing to count.`,
    ),
  );

const rate = (description: string) => v.pipe(v.nullable(shareField), v.description(description));

export const BacktestAnswer = v.object({
  addresses: count('Distinct addresses of the list.'),
  duplicates: count('Rows that repeat an address.'),
  no_address: count('Rows without an address.'),
  verified_now: count(
    'Rows that presend verified now, because they had no verdict or the verdict `unknown`.',
  ),
  bounces: v.object({
    hard: count('Addresses of the list that hard-bounced.'),
    not_on_list: count('Hard bounces of addresses that are not on the list. Not counted elsewhere.'),
    not_hard: count(
      'Rows of the file `bounces`, or recorded events, that are not hard bounces, such as soft bounces and deliveries.',
    ),
    unclear: count('Rows of the file `bounces` that do not say whether the bounce was hard.'),
    unreadable: count('Rows of the file `bounces`, or recorded events, without a valid address.'),
  }),
  bounce_rate: rate('Share of the addresses of the list that hard-bounced; null if the list has no address.'),
  forecast: v.object({
    rate: shareField,
    low: shareField,
    high: shareField,
    held: v.pipe(v.boolean(), v.description('Whether the bounce rate is between `low` and `high`.')),
  }),
  policies: v.array(
    v.object({
      leave_out: v.pipe(
        v.picklist(['reject', 'reject_or_confirm']),
        v.description(
          'Which addresses to leave out of the campaign: those with the action `reject`, or with `reject` or `confirm`.',
        ),
      ),
      left_out: count('Number of addresses that are left out.'),
      caught: count('Left-out addresses that hard-bounced.'),
      catch_rate: share('The share of all hard bounces that would have been avoided.'),
      false_alarms: count('Left-out addresses that did not hard-bounce.'),
      false_alarm_rate: share(
        'The share of the addresses without a hard bounce that would have been left out.',
      ),
      bounce_rate: rate('The bounce rate of the remaining addresses; null if none remain.'),
    }),
  ),
  signals: v.array(
    v.object({
      reason: v.string(),
      addresses: countField,
      bounced: countField,
      expected: v.pipe(
        v.number(),
        v.minValue(0),
        v.description('Expected number of bounces: the sum of the predicted probabilities.'),
      ),
      rate: shareField,
      rejected: countField,
      confirmed: countField,
    }),
  ),
  calibration: v.object({
    expected_rate: rate('The mean predicted probability of a hard bounce.'),
    brier: rate(
      'Brier score: the mean squared difference between the predicted probability and the outcome. Lower is better.',
    ),
    bins: v.array(
      v.object({
        from: shareField,
        to: shareField,
        addresses: countField,
        expected_rate: shareField,
        bounced: countField,
        observed: share('The share of these addresses that bounced.'),
      }),
    ),
  }),
});

export const backtestsResource: Resource = {
  tag: 'Backtests',
  about: 'What the verdicts would have caught in a campaign that has already been sent.',
  schemas: { BacktestAnswer },
  operations: {
    'POST /v1/backtests': {
      scope: 'jobs',
      id: 'backtest',
      summary: 'Compare the verdicts on a list with the bounces of a campaign',
      description:
        'Send a form with two files: `list`, as it was before the campaign, and `bounces`, the export of the email service provider. Or send only `list`, and use `campaign`, `source`, `from` or `to` to select bounces that this service recorded. Rows without a verdict of presend are verified now. To verify them, presend ignores the suppression list and what it learned from your bounces, because both may already contain the bounces of this campaign. Nothing is stored.',
      query: {
        sent: {
          description:
            'The day on which the campaign was sent, such as 2026-11-20. The predictions are made for this day: they depend on how long before it mail to each address last arrived. By default `from`, or else today.',
          schema: daySchema,
          example: '2026-11-20',
          isSent: true,
        },
        campaign: { description: 'Compare with the recorded bounces of this campaign.', example: 'spring' },
        source: {
          description: 'Compare with the recorded bounces of addresses that were collected from this source.',
          example: 'footer-form',
        },
        from: {
          description:
            'First day (UTC) whose recorded bounces are compared, such as 2026-11-20; by default `sent`, or 29 days before `to`.',
          schema: daySchema,
          example: '2026-11-20',
        },
        to: {
          description:
            'Last day (UTC) whose recorded bounces are compared; by default today, or 29 days after `from` if that is earlier.',
          schema: daySchema,
          example: '2026-11-27',
        },
        format: {
          description: '`json` (the default), or `html` for a printable page.',
          schema: oneOfSchema(['json', 'html'], 'json'),
          example: 'html',
        },
      },
      requestMediaTypes: {
        'multipart/form-data': {
          description: `The files \`list\` and \`bounces\`, or \`list\` alone, in CSV, XLSX or NDJSON, at most ${maxBacktestBytes} bytes together.`,
          example: {
            list: {
              fileName: 'contacts.csv',
              mediaType: 'text/csv',
              text: 'email,name\ndeliverable@presend.test,Jane\nnull-mx@presend.test,John\n',
            },
            bounces: {
              fileName: 'bounces.csv',
              mediaType: 'text/csv',
              text: 'email,status\nnull-mx@presend.test,5.1.10\n',
            },
          },
        },
      },
      answerMediaTypes: { 'text/html': 'With `format=html`: a self-contained page without scripts.' },
      answers: {
        200: ['The result.', BacktestAnswer],
        400: refusal('Malformed form data.', 'malformed-form', 'broken-off'),
        408: badBody[408],
        413: badBody[413],
        415: badBody[415],
        422: refusal(
          'A query parameter is invalid, a file is missing, a file cannot be read as a list, or no recorded message matches the query parameters.',
          'invalid-request',
          'no-file',
          'two-kinds-of-bounces',
          'nothing-recorded',
          'unreadable-file',
        ),
        503: refusal(
          'The service is overloaded, storage is unavailable, or no DNS resolver answers. Retry after the number of seconds in `Retry-After`.',
          'overloaded',
          'storage-unavailable',
          'dns-unreachable',
        ),
      },
    },
  },
};

type BacktestPorts = Pick<HttpPorts, 'backtestValidator' | 'recordedBounces' | 'now'>;

export const backtestRoutes = ({ backtestValidator, recordedBounces, now }: BacktestPorts) => {
  const app = new Hono<{ Variables: CallerVariables & BodyVariables }>();
  return app.post('/backtests', async (c) => {
    const { format = 'json' } = c.req.query();
    const asked = askedBounces(c.req.query(), now());
    if ('problem' in asked) return problem(c, asked.problem);
    const { sentAt, selection } = asked;
    if (format !== 'json' && format !== 'html')
      return problem(c, invalidQuery('format', 'must be json or html'));
    const boundary = formBoundary(c.req.header('content-type') ?? '');
    if (boundary === null) return problem(c, notAForm);
    const body = await readBody(c, maxBacktestBytes);
    if (body instanceof Response) return body;
    const files = await filesIn(body, boundary);
    if (files === null) return problem(c, malformedForm);
    const { list, bounces } = files;
    if (list === undefined || (bounces === undefined && selection === null)) return problem(c, missingFile);
    if (bounces !== undefined && selection !== null) return problem(c, bouncesTwice);
    // Loaded with the first backtest, so a service without one starts without the code that reads workbooks.
    const { openUploaded, openUploadedBounces, lineCount } = await import('../../lists/uploaded-file.ts');
    const { runBacktest } = await import('../../lists/run-backtest.ts');
    const opened = await openUploaded(list);
    if (!opened.ok) return problem(c, unreadableFile('list', opened.error.message));
    const tooMany = await c.get('spend')((await lineCount(opened.file)) - callCost);
    if (tooMany !== null) return tooMany;
    const compared =
      selection === null ? await openUploadedBounces(bounces!) : await recordedBounces(selection);
    if (compared === null) return problem(c, nothingRecorded);
    if ('ok' in compared) return problem(c, unreadableFile('bounces', compared.error.message));
    const outcome = await runBacktest({
      list: opened.file,
      bounces: compared,
      sentAt,
      validator: backtestValidator,
      patienceMs: 0,
      wait: async () => {},
    });
    return answered(c, outcome, format, sentAt);
  });
};

type AskedBounces = {
  /** When the campaign was sent, in epoch milliseconds. */
  readonly sentAt: number;
  /** The recorded bounces to compare with. Null: the form has a file with bounces. */
  readonly selection: BounceSelection | null;
};

function askedBounces(
  query: Readonly<Record<string, string>>,
  now: number,
): AskedBounces | { readonly problem: Problem } {
  const { sent, from, to, campaign, source } = query;
  const days: { sentAt?: number; first?: number; last?: number } = {};
  for (const [name, field, text] of [
    ['sent', 'sentAt', sent],
    ['from', 'first', from],
    ['to', 'last', to],
  ] as const) {
    if (text === undefined) continue;
    const day = parseCellDate(text);
    if (day === null)
      return { problem: invalidQuery(name, 'must be a date that exists, such as 2026-11-20') };
    days[field] = day;
  }
  const sentAt = days.sentAt ?? days.first ?? now;
  if ([from, to, campaign, source].every((text) => text === undefined)) return { sentAt, selection: null };
  const period = bouncePeriod(days, now);
  return period === null
    ? { problem: invalidQuery('to', 'must not be before "from"') }
    : { sentAt, selection: { ...period, campaign, source } };
}

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
  const page = withoutBidiControls(backtestReportPage(outcome.result, dayName(sentAt)));
  c.header('content-security-policy', await ownStylePolicy(page));
  return c.html(page);
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
  detail:
    'Send two files, in the file fields "list" and "bounces", or "list" alone with the query parameter campaign, source, from or to.',
};

const bouncesTwice: Problem = {
  type: 'two-kinds-of-bounces',
  title: 'Validation failed',
  status: 422,
  detail:
    'Send either the file "bounces" or the query parameters campaign, source, from and to, but not both.',
};

const nothingRecorded: Problem = {
  type: 'nothing-recorded',
  title: 'Validation failed',
  status: 422,
  detail:
    'No recorded message matches the query parameters `campaign`, `source`, `from` and `to`. If `from` or `to` is missing, at most 30 days are searched: from the day in `sent` on, or, without `sent`, the last 30 days. Set both to search a longer period.',
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
  detail: 'No DNS resolver answers. Retry after the number of seconds in Retry-After.',
};
