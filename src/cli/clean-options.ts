// The options of `presend clean`.

import { parseGoal } from '../lists/goal.ts';
import { messageLanguages } from '../lists/messages.ts';
import { UsageError } from '../platform/usage-error.ts';
import { mailPurposes } from '../suppression/scope.ts';
import { listProfiles } from '../verdict/decay.ts';
import type { CommandOptions, OptionValues } from './command.ts';

const listOptions = {
  format: {
    type: 'string',
    choices: ['csv', 'ndjson'],
    help: 'the format of the list; detected by default. XLSX is always detected',
  },
  sheet: {
    type: 'string',
    value: 'SHEET',
    help: 'the sheet of a workbook: its name or number; by default the first one with addresses',
  },
  encoding: {
    type: 'string',
    value: 'ENCODING',
    help: 'the encoding of the list, such as utf-8, windows-1252 or shift_jis; detected by default',
  },
  delimiter: { type: 'string', value: 'CHARACTER', help: 'the CSV delimiter; detected by default' },
  header: {
    type: 'boolean',
    negatable: true,
    help: 'whether the first row is a header; detected by default',
  },
  'email-column': {
    type: 'string',
    value: 'COLUMN',
    help: 'the address column: a name, a number from 1 or an NDJSON path; detected by default',
  },
  'last-verified-column': {
    type: 'string',
    value: 'COLUMN',
    help: 'the column with the date on which mail last arrived; detected by default',
  },
  'source-column': {
    type: 'string',
    value: 'COLUMN',
    help: 'the column that says where a contact was acquired; detected by default',
  },
} as const satisfies CommandOptions;

export const cleanOptions = {
  output: {
    type: 'string',
    short: 'o',
    value: 'FILE',
    help: 'the result; by default standard output, or a file in the folder of --outputs. For .xlsx it is a workbook, for .csv CSV; a JSON list stays JSON',
  },
  report: { type: 'string', value: 'FILE', help: 'also write the forecast as a page, such as report.html' },
  goal: {
    type: 'string',
    value: 'RATE',
    help: 'leave out the riskiest rows, so that the forecast bounce rate of the result is below this, such as 2%',
  },
  outputs: {
    type: 'string',
    value: 'DIR',
    help: 'write each row into one of the files keep, fix, retry and remove in this folder; rows to keep whose people are inactive for 6 to 12 months also into the file reengage, for longer into the file inactive',
  },
  repair: {
    type: 'string',
    choices: ['safe'],
    help: 'remove quotes, display names and the like from addresses; typos stay as they are',
  },
  split: { type: 'boolean', help: 'if a row has several addresses, write a row for each of them' },
  'drop-duplicates': {
    type: 'boolean',
    help: 'keep only one row for each mailbox: the one with the canonical spelling, or else the first one',
  },
  language: {
    type: 'string',
    value: 'LANGUAGE',
    choices: messageLanguages,
    help: 'the language of the column ps_message',
  },
  profile: {
    type: 'string',
    value: 'PROFILE',
    choices: listProfiles,
    help: 'the kind of list: b2c (consumers), b2b (businesses) or cold (never mailed, such as bought addresses). Rows that do not say when mail last arrived get a time that is typical of this kind',
  },
  sample: {
    type: 'integer',
    value: 'N',
    range: [1, 999_999_999],
    help: 'verify only N random rows, for a quick forecast; the rows are written only with -o or --outputs',
  },
  only: {
    type: 'string',
    value: 'ACTION',
    choices: ['accept', 'confirm', 'reject', 'retry'],
    multiple: true,
    help: 'write only rows with this action; may be repeated',
  },
  'max-age-days': {
    type: 'integer',
    value: 'DAYS',
    default: 90,
    help: 'do not verify a row again if the list has its verdict from an earlier run, less than this many days old',
  },
  proof: {
    type: 'boolean',
    help: 'first ask the mail hosts whether the mailboxes exist; needs SMTP_HELO_NAME and SMTP_MAIL_FROM',
  },
  'proof-wait': {
    type: 'integer',
    value: 'MINUTES',
    default: 1440,
    range: [0, 10_080],
    help: 'how long --proof keeps asking the mail hosts',
  },
  resume: { type: 'boolean', help: 'continue an interrupted run' },
  purpose: {
    type: 'string',
    value: 'PURPOSE',
    choices: mailPurposes,
    help: 'the kind of mail, marketing by default',
  },
  'mailing-list': {
    type: 'string',
    value: 'NAME',
    help: 'the mailing list you send to; people who unsubscribed from it get "reject"',
  },
  json: { type: 'boolean', help: 'print the summary as JSON' },
  patience: {
    type: 'integer',
    value: 'SECONDS',
    default: 300,
    help: 'how long to wait while DNS is unavailable',
  },
  ...listOptions,
} as const satisfies CommandOptions;

export type CleanValues = OptionValues<typeof cleanOptions>;

/** @throws UsageError if the options contradict each other. */
export function readWanted(values: CleanValues) {
  const { outputs, sample, language, profile, repair } = values;
  const goal = values.goal === undefined ? undefined : (parseGoal(values.goal) ?? undefined);
  if (values.goal !== undefined && goal === undefined)
    throw new UsageError('--goal must be a rate above 0 and below 100%, such as 2% or 0.02');
  const toFile = values.output !== undefined && values.output !== '-';
  if (goal !== undefined && !toFile && outputs === undefined)
    throw new UsageError('--goal needs a file for the result: -o FILE, or --outputs DIR');
  if (outputs !== undefined && (values.only !== undefined || values.output === '-'))
    throw new UsageError(
      '--outputs cannot be combined with --only, or with the result on standard output (-o -)',
    );
  if (sample !== undefined && values.resume)
    throw new UsageError('--sample cannot be combined with --resume');
  return {
    ...(goal !== undefined && { goal }),
    ...(outputs !== undefined && { outputs }),
    ...(sample !== undefined && { sample }),
    writing: {
      ...(repair && { repair: true }),
      ...(language && { language }),
      ...(profile && { profile }),
    },
  };
}
