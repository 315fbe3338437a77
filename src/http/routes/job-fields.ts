// The fields of an upload of a list: their schema, their descriptions, and the options of the job that follow from them.

import * as v from 'valibot';
import type { Jobs } from '../../jobs/job-service.ts';
import { mostSampled } from '../../jobs/sample-file.ts';
import type { FieldsOutcome } from '../../jobs/submit.ts';
import { parseGoal } from '../../lists/goal.ts';
import { messageLanguages } from '../../lists/messages.ts';
import { mailPurposes, mailQuestion } from '../../suppression/scope.ts';
import { listProfiles } from '../../verdict/decay.ts';
import { listDescription, mailQuestionFields } from '../mail-question.ts';
import { fieldError } from '../middleware/json-body.ts';
import { integerSchema, oneOfSchema, type Parameter } from '../operation.ts';
import type { FieldError } from '../problem.ts';

const wholeNumber = (least: number, most: number, otherwise: string) =>
  v.pipe(
    v.optional(v.string(), otherwise),
    v.regex(/^\d{1,9}$/, `must be a whole number from ${least} to ${most}`),
    v.transform(Number),
    v.minValue(least, `must be a whole number from ${least} to ${most}`),
    v.maxValue(most, `must be a whole number from ${least} to ${most}`),
  );

const shortText = (most: number) =>
  v.pipe(v.string(), v.maxLength(most, `must be at most ${most} characters long`));

const trueOrFalse = v.optional(v.picklist(['true', 'false'], 'must be true or false'), 'false');

/** The fields of an upload. All arrive as strings, because they are query parameters or form fields. */
export const JobFields = v.object({
  name: v.optional(
    v.pipe(
      shortText(100),
      v.check((name) => !name.includes('@'), 'must not contain @: addresses are not allowed in names'),
    ),
  ),
  email_column: v.optional(shortText(200)),
  last_verified_column: v.optional(shortText(200)),
  source_column: v.optional(shortText(200)),
  max_age_days: wholeNumber(0, 3650, '90'),
  ...mailQuestionFields,
  repair: v.optional(v.picklist(['safe'], 'must be safe')),
  split: trueOrFalse,
  sheet: v.optional(shortText(200)),
  drop_duplicates: trueOrFalse,
  language: v.optional(v.picklist(messageLanguages)),
  profile: v.optional(v.picklist(listProfiles)),
  goal: v.optional(
    v.pipe(
      v.string(),
      v.transform(parseGoal),
      v.nonNullish(v.number(), 'must be a rate above 0 and below 100%, such as 2% or 0.02'),
    ),
  ),
  sample: v.optional(wholeNumber(1, mostSampled, '1')),
  callback_url: v.optional(shortText(2000)),
  keep: trueOrFalse,
});

const yesOrNo: object = { type: 'boolean', default: false };

const shortTextSchema = (maxLength: number): object => ({ type: 'string', maxLength });

/** The fields as the OpenAPI document describes them. */
export const jobFieldParameters: Readonly<Record<keyof typeof JobFields.entries, Parameter>> = {
  name: {
    description: 'A name for the job, shown in lists of jobs and in its report. It must not contain @.',
    schema: { ...shortTextSchema(100), pattern: '^[^@]*$' },
    example: 'newsletter',
    isSent: true,
  },
  email_column: {
    description:
      'The address column: its name, its number from 1, or in NDJSON a path such as `contact.email`. Detected by default.',
    schema: shortTextSchema(200),
    example: 'email',
  },
  last_verified_column: {
    description:
      'The column with the date at which the address last worked, such as the last delivery: its name, number or path. Detected by default.',
    schema: shortTextSchema(200),
    example: 'last_delivered',
  },
  source_column: {
    description:
      'The column that says where the address was collected: its name, number or path. Detected by default.',
    schema: shortTextSchema(200),
    example: 'source',
  },
  max_age_days: {
    description:
      'If the file is the result of an earlier run, its rows that were verified less than this many days ago keep their verdicts (the columns `ps_…`) and are not verified again; 90 by default. A verdict `unknown` is always verified again.',
    schema: integerSchema(0, 3650, 90),
    example: 30,
  },
  purpose: {
    description:
      'The kind of mail that you will send to the list: `marketing` (the default), `transactional` or `signup`.',
    schema: oneOfSchema(mailPurposes, 'marketing'),
    example: 'transactional',
  },
  list: { description: listDescription, schema: shortTextSchema(100), example: 'news' },
  repair: {
    description:
      '`safe`: remove names, quotes and the like from the cells of the address column. Typos stay as they are.',
    schema: oneOfSchema(['safe']),
    example: 'safe',
  },
  split: {
    description: '`true`: write one row for each address of a contact.',
    schema: yesOrNo,
    example: true,
  },
  sheet: {
    description:
      'The sheet of a workbook: its name, or its number from 1. By default the first one with an address column.',
    schema: shortTextSchema(200),
    example: 'Contacts',
  },
  drop_duplicates: {
    description:
      '`true`: keep one row per mailbox: the one with the canonical spelling, or else the first one. Not with `keep`.',
    schema: yesOrNo,
    example: true,
  },
  language: {
    description: 'The language of `ps_message`; `en` by default.',
    schema: oneOfSchema(messageLanguages, 'en'),
    example: 'de',
  },
  profile: {
    description:
      'The kind of list: `b2c`, `b2b` or `cold`. It is used to estimate the age of addresses without a date.',
    schema: oneOfSchema(listProfiles),
    example: 'b2b',
  },
  goal: {
    description:
      'The result has only rows that together are forecast to bounce less than this rate, such as `2%` or `0.02`.',
    example: '2%',
  },
  sample: {
    description: `Verify only this many rows, drawn at random, for a quick forecast: 1 to ${mostSampled}. Not with \`keep\`.`,
    schema: integerSchema(1, mostSampled),
    example: 500,
  },
  callback_url: {
    description:
      'https URL that receives a signed webhook when the job is completed or fails; with `keep`, also when a later verification changes a result. The webhook contains counts but no addresses.',
    schema: { ...shortTextSchema(2000), format: 'uri' },
    example: 'https://hooks.example/presend',
  },
  keep: {
    description: '`true`: keep the list and verify it again when its verdicts expire.',
    schema: yesOrNo,
    example: true,
  },
};

/** Validates the fields of an upload. Ignores fields with unknown names, since a form may have others, and empty fields. */
export function readJobFields(
  jobs: Pick<Jobs, 'refusalOfCallback'>,
  given: Readonly<Record<string, string>>,
): FieldsOutcome<readonly FieldError[]> {
  const filled = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  const parsed = v.safeParse(JobFields, filled);
  if (!parsed.success) return { ok: false, mistake: parsed.issues.map(fieldError) };
  const { name, email_column, max_age_days, purpose, list, callback_url, keep, split, sheet } = parsed.output;
  const { repair, drop_duplicates, language, profile, goal, sample } = parsed.output;
  const { last_verified_column, source_column } = parsed.output;
  const refuse = (field: string, why: string) => ({
    ok: false as const,
    mistake: [{ pointer: `/${field}`, detail: `${field} ${why}` }],
  });
  const notWithKeep = drop_duplicates === 'true' ? 'drop_duplicates' : sample !== undefined ? 'sample' : null;
  if (keep === 'true' && notWithKeep !== null) return refuse(notWithKeep, 'cannot be combined with keep');
  const writing = {
    ...(repair && { repair: true }),
    ...(drop_duplicates === 'true' && { dropDuplicates: true }),
    ...(language && { language }),
    ...(profile && { profile }),
  };
  const refused = callback_url === undefined ? null : jobs.refusalOfCallback(callback_url);
  if (refused !== null) return refuse('callback_url', refused);
  return {
    ok: true,
    fields: {
      name: name ?? null,
      emailColumn: email_column ?? null,
      ...(last_verified_column !== undefined && { lastVerifiedColumn: last_verified_column }),
      ...(source_column !== undefined && { sourceColumn: source_column }),
      maxAgeDays: max_age_days,
      question: purpose === undefined && list == null ? null : mailQuestion({ purpose, list }),
      ...(Object.keys(writing).length > 0 && { writing }),
      ...(split === 'true' && { split: true }),
      ...(goal !== undefined && { goal }),
      ...(sample !== undefined && { sample }),
      ...(sheet !== undefined && { sheet }),
      callbackUrl: callback_url ?? null,
      keep: keep === 'true',
    },
  };
}
