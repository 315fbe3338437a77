// The fields of an upload of a list: their schema, their descriptions, and the options of the job that follow from them.

import * as v from 'valibot';
import type { Jobs } from '../../jobs/job-service.ts';
import { type FieldsOutcome, mostSampled } from '../../jobs/submit.ts';
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
  proof: trueOrFalse,
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
      'The column with the addresses: its name or its number (the first is 1); in NDJSON, a path such as `contact.email`. By default presend detects it.',
    schema: shortTextSchema(200),
    example: 'email',
  },
  last_verified_column: {
    description:
      'The column with the date on which mail to the address last arrived, such as the last delivery: its name or number, or in NDJSON its path. `0`: there is none. By default presend detects it.',
    schema: shortTextSchema(200),
    example: 'last_delivered',
  },
  source_column: {
    description:
      'The column that says where the address was collected: its name or number, or in NDJSON its path. `0`: there is none. By default presend detects it.',
    schema: shortTextSchema(200),
    example: 'source',
  },
  max_age_days: {
    description:
      'For a file that is the result of an earlier job: rows that were verified less than this many days ago keep their verdict (the columns `ps_…`). All other rows, and rows with the result `unknown`, are verified again. 90 by default.',
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
      '`safe`: in the result, the cells of the address column contain only the address, without names, quotation marks and the like. Typos are not corrected.',
    schema: oneOfSchema(['safe']),
    example: 'safe',
  },
  split: {
    description: '`true`: if a row has several addresses, the result has one row for each of them.',
    schema: yesOrNo,
    example: true,
  },
  sheet: {
    description:
      'For a workbook (XLSX), the sheet to read: its name, or its number (the first is 1). By default the first sheet with a column of addresses.',
    schema: shortTextSchema(200),
    example: 'Contacts',
  },
  drop_duplicates: {
    description:
      '`true`: if several rows have the same mailbox, the result has only one of them: the row with the canonical spelling of the address, or else the first one. Cannot be combined with `keep`.',
    schema: yesOrNo,
    example: true,
  },
  language: {
    description: 'The language of the column `ps_message`, which explains the verdict; `en` by default.',
    schema: oneOfSchema(messageLanguages, 'en'),
    example: 'de',
  },
  profile: {
    description:
      'The kind of list: `b2c` (consumers), `b2b` (businesses) or `cold` (addresses that were never mailed, such as bought ones). If a row does not say when mail to its address last arrived, presend assumes a time that is typical of this kind of list.',
    schema: oneOfSchema(listProfiles),
    example: 'b2b',
  },
  goal: {
    description:
      'The result has only as many rows, the safest first, as together are forecast to bounce less than this rate, such as `2%` or `0.02`. By default it has all rows.',
    example: '2%',
  },
  sample: {
    description: `Verify only this many rows, drawn at random, for a quick forecast: 1 to ${mostSampled}. Cannot be combined with \`keep\`.`,
    schema: integerSchema(1, mostSampled),
    example: 500,
  },
  proof: {
    description:
      '`true`: before the rows are verified, ask the mail hosts whether the mailboxes exist. This takes minutes to hours, at most a day, because presend does not ask a host often. The service needs the setting `MAILBOX_PROOF=smtp`.',
    schema: yesOrNo,
    example: true,
  },
  callback_url: {
    description:
      'https URL that receives a signed webhook when the job is completed or fails; with `keep`, also when a later verification changes a result. The webhook contains counts but no addresses.',
    schema: { ...shortTextSchema(2000), format: 'uri' },
    example: 'https://hooks.example/presend',
  },
  keep: {
    description: '`true`: presend keeps the uploaded list, and verifies it again when its verdicts expire.',
    schema: yesOrNo,
    example: true,
  },
};

/** Validates the fields of an upload. Ignores fields with unknown names, since a form may have others, and empty fields. */
export function readJobFields(
  jobs: Pick<Jobs, 'refusalOfCallback' | 'refusalOfProof'>,
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
  const noProof = parsed.output.proof === 'true' ? jobs.refusalOfProof() : null;
  if (noProof !== null) return refuse('proof', noProof);
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
      ...(parsed.output.proof === 'true' && { proof: true }),
      callbackUrl: callback_url ?? null,
      keep: keep === 'true',
    },
  };
}
