// `presend jobs`: the lists that the service verifies, in its database and its files. The service does the work.

import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { hasEnded, type Job } from '../jobs/job.ts';
import { deleteJob } from '../jobs/maintain.ts';
import { shownState } from '../jobs/progress.ts';
import { mostSampled, submitList } from '../jobs/submit.ts';
import { messageLanguages } from '../lists/messages.ts';
import { counted, groupedCount } from '../number-text.ts';
import { UsageError } from '../platform/usage-error.ts';
import { mailPurposes } from '../suppression/scope.ts';
import { listProfiles } from '../verdict/decay.ts';
import { fileStream, requireFile } from './arguments.ts';
import {
  type CommandGroup,
  type CommandOptions,
  defineCommand,
  jsonOption,
  type OptionValues,
} from './command.ts';
import { CommandFailure } from './failure.ts';
import { type JobStore, openJobStore } from './job-store.ts';
import { printable } from './terminal.ts';

const createOptions = {
  name: { type: 'string', value: 'NAME', help: 'a name for the job; it must not contain @' },
  format: { type: 'string', choices: ['csv', 'ndjson'], help: 'the format of the list; detected by default' },
  'email-column': {
    type: 'string',
    value: 'COLUMN',
    help: 'the address column: a name, a number from 1 or an NDJSON path; detected by default',
  },
  sheet: { type: 'string', value: 'SHEET', help: 'the sheet of a workbook: its name or number' },
  'max-age-days': {
    type: 'integer',
    value: 'DAYS',
    default: 90,
    range: [0, 3650],
    help: 'do not verify a row again if the list has its verdict from an earlier run, less than this many days old',
  },
  purpose: {
    type: 'string',
    value: 'PURPOSE',
    choices: mailPurposes,
    help: 'the kind of mail, marketing by default',
  },
  'mailing-list': { type: 'string', value: 'NAME', help: 'the mailing list you send to' },
  repair: {
    type: 'string',
    choices: ['safe'],
    help: 'remove quotes, display names and the like from addresses',
  },
  split: { type: 'boolean', help: 'if a row has several addresses, write a row for each of them' },
  'drop-duplicates': { type: 'boolean', help: 'keep only one row for each mailbox' },
  proof: {
    type: 'boolean',
    help: 'ask mail hosts whether the mailboxes exist, before the rows are verified; needs MAILBOX_PROOF=smtp',
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
    help: 'the kind of list; presend uses it to estimate the age of addresses if the list has no dates',
  },
  goal: {
    type: 'string',
    value: 'RATE',
    help: 'leave out the riskiest rows, so that the forecast bounce rate of the result is below this, such as 2%',
  },
  sample: { type: 'integer', value: 'N', range: [1, mostSampled], help: 'verify only N random rows' },
  keep: { type: 'boolean', help: 'store the list, and verify it again when its verdicts get old' },
  wait: { type: 'boolean', help: 'wait until the job has ended, as "presend jobs wait" does' },
  ...jsonOption,
} as const satisfies CommandOptions;

const timeoutOption = {
  timeout: { type: 'integer', value: 'SECONDS', range: [1, 999_999], help: 'stop waiting after this time' },
} as const satisfies CommandOptions;

const endStatus = '0 completed, 1 failed, cancelled, paused or unknown, 4 still running after --timeout.';

export const command: CommandGroup = {
  name: 'jobs',
  summary: 'verify lists in the running service',
  about:
    'Manages the lists that the service verifies, in the database and the files of the service on this machine (DATABASE_PATH, FILES_PATH). A running "presend serve" does the work.',
  actions: [
    defineCommand({
      name: 'jobs create',
      operands: 'LIST',
      takesFiles: true,
      summary: 'hand a list to the service',
      about:
        'Hands a list (XLSX, CSV or NDJSON) to the service, and prints the id of the job. "-" is standard input.',
      options: createOptions,
      exit: '0 the job is created, 1 the list is empty or too large; with --wait as for "presend jobs wait".',
      examples: ['presend jobs create contacts.csv --name "spring 2026"'],
      run: ({ operands, values }) => withStore((store) => create(store, operands, values)),
    }),
    defineCommand({
      name: 'jobs list',
      summary: 'list jobs, newest first',
      about: 'Lists jobs, newest first, one per line.',
      options: {
        limit: { type: 'integer', value: 'N', default: 20, range: [1, 1000], help: 'how many' },
        json: { type: 'boolean', help: 'print one JSON object per line' },
      },
      examples: ['presend jobs list'],
      run: ({ values }) => withStore((store) => list(store, values.limit, values.json)),
    }),
    defineCommand({
      name: 'jobs show',
      operands: 'ID',
      summary: 'show one job',
      about: 'Shows the state of a job and, when it is completed, its results and its forecast.',
      options: { json: { type: 'boolean', help: 'print the job as GET /v1/jobs/{id} returns it' } },
      exit: '1 if the job id is unknown, else 0.',
      examples: ['presend jobs show job_kB2vXn4T0m1c8Qy7Rz5wLA'],
      run: ({ operands, values }) =>
        withStore(async (store) => print(store, await jobOf(store, operands), values.json)),
    }),
    defineCommand({
      name: 'jobs wait',
      operands: 'ID',
      summary: 'wait until a job has ended',
      about: 'Waits until a job has ended, and shows its progress on standard error.',
      options: { ...timeoutOption, ...jsonOption },
      exit: endStatus,
      examples: ['presend jobs wait job_kB2vXn4T0m1c8Qy7Rz5wLA'],
      run: ({ operands, values }) =>
        withStore(async (store) => waitFor(store, await jobOf(store, operands), values)),
    }),
    defineCommand({
      name: 'jobs download',
      operands: 'ID',
      summary: 'write the result of a job',
      about:
        'Writes the list with its verdicts. While the job runs, the result has the rows finished so far.',
      options: {
        output: { type: 'string', short: 'o', value: 'FILE', help: 'the file; standard output by default' },
        format: {
          type: 'string',
          choices: ['csv', 'ndjson', 'xlsx'],
          help: 'the format of the result; by default that of the list',
        },
        only: {
          type: 'string',
          value: 'ACTION',
          choices: ['accept', 'confirm', 'reject', 'retry'],
          help: 'only rows with this action',
        },
        rejects: { type: 'boolean', help: 'write the records that cannot be read instead, as CSV' },
        json: { type: 'boolean', help: 'print a summary as JSON' },
      },
      printsResult: ({ output }) => output === undefined || output === '-',
      exit: '1 if the job id is unknown or there is no result yet, else 0.',
      examples: ['presend jobs download job_kB2vXn4T0m1c8Qy7Rz5wLA -o clean.csv'],
      run: ({ operands, values }) =>
        withStore(async (store) => download(store, await jobOf(store, operands), values)),
    }),
    defineCommand({
      name: 'jobs cancel',
      operands: 'ID',
      summary: 'stop a job; what is finished stays available',
      about: 'Stops a job. Its rows that are finished stay available.',
      options: jsonOption,
      exit: '1 if the job id is unknown or the job has ended, else 0.',
      examples: ['presend jobs cancel job_kB2vXn4T0m1c8Qy7Rz5wLA'],
      run: ({ operands, values }) =>
        withStore(async (store) => cancel(store, await jobOf(store, operands), values.json)),
    }),
    defineCommand({
      name: 'jobs delete',
      operands: 'ID',
      summary: 'delete a job, its list and its result',
      about: 'Deletes a job, its list and its result.',
      options: jsonOption,
      exit: '1 if the job id is unknown, else 0.',
      examples: ['presend jobs delete job_kB2vXn4T0m1c8Qy7Rz5wLA'],
      run: ({ operands, values }) =>
        withStore(async (store) => remove(store, await jobOf(store, operands), values.json)),
    }),
  ],
  examples: ['presend jobs create contacts.csv --wait', 'presend jobs list'],
};

async function withStore(work: (store: JobStore) => Promise<void>): Promise<void> {
  const store = await openJobStore();
  try {
    await work(store);
  } finally {
    store.close();
  }
}

const write = (text: string) => void process.stdout.write(text);
const writeJson = (value: object) => write(`${JSON.stringify(value)}\n`);
const note = (text: string) => void process.stderr.write(`presend: ${text}\n`);

/** @throws UsageError if there is not exactly one id; CommandFailure if there is no such job. */
async function jobOf({ repository }: JobStore, operands: readonly string[]): Promise<Job> {
  if (operands.length !== 1)
    throw new UsageError('one job id is required; "presend jobs list" shows the ids');
  const job = await repository.job(operands[0]!);
  if (job === null)
    throw new CommandFailure('not_found', 'unknown job id. List the jobs with: presend jobs list');
  return job;
}

/** The field of a job that each option sets. */
const fieldOf: Readonly<Partial<Record<keyof typeof createOptions, string>>> = {
  name: 'name',
  'email-column': 'email_column',
  sheet: 'sheet',
  'max-age-days': 'max_age_days',
  purpose: 'purpose',
  'mailing-list': 'list',
  repair: 'repair',
  split: 'split',
  'drop-duplicates': 'drop_duplicates',
  language: 'language',
  profile: 'profile',
  goal: 'goal',
  sample: 'sample',
  proof: 'proof',
  keep: 'keep',
};

async function create(
  store: JobStore,
  operands: readonly string[],
  values: OptionValues<typeof createOptions>,
): Promise<void> {
  const [file] = operands;
  if (file === undefined || operands.length > 1)
    throw new UsageError('jobs create needs one list, such as contacts.csv');
  requireFile(file);
  const { readJobFields } = await import('../http/routes/job-fields.ts');
  const query = Object.fromEntries(
    Object.entries(fieldOf).flatMap(([option, field]) => {
      const value = values[option as keyof typeof values];
      return value === undefined ? [] : [[field, String(value)]];
    }),
  );
  const { settings, repository, files } = store;
  const submission = await submitList(
    {
      repository,
      files,
      now: Date.now,
      newDigest: () => {
        const hash = createHash('sha256');
        return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
      },
      maxUploadBytes: settings.jobs.maxUploadBytes,
      keptListMs: settings.jobs.keptListMs,
      listProfile: settings.listProfile,
    },
    {
      body: fileStream(file) as AsyncIterable<Uint8Array<ArrayBuffer>>,
      formBoundary: null,
      format: values.format ?? null,
      query,
      readFields: (given) =>
        readJobFields({ refusalOfCallback: () => null, refusalOfProof: () => null }, given),
      idempotencyKey: null,
    },
  );
  switch (submission.kind) {
    case 'created':
      break;
    case 'wrong_fields': {
      const { pointer, detail } = submission.mistake[0]!;
      const [option, field] = Object.entries(fieldOf).find(([, name]) => `/${name}` === pointer)!;
      // The detail begins with the name of the field.
      throw new UsageError(`--${option}${detail.slice(field.length)}`);
    }
    case 'too_large':
      throw new CommandFailure(
        'too_large',
        `${file} is larger than ${settings.jobs.maxUploadBytes} bytes. Split it, or set MAX_UPLOAD_MB`,
      );
    case 'broken_off':
      throw submission.cause;
    default:
      throw new CommandFailure('empty_list', `${file} is empty. Name a list with at least one row`);
  }
  const { job } = submission;
  if (values.wait) return waitFor(store, job, { timeout: undefined, json: values.json });
  if (values.json) return print(store, job, true);
  write(`${job.id}\n`);
  note(`a running "presend serve" verifies the list. Wait for it with: presend jobs wait ${job.id}`);
}

async function list({ repository }: JobStore, limit: number, json: boolean): Promise<void> {
  const jobs = await repository.list(null, limit);
  if (json) {
    const { jobSummary } = await import('../http/routes/job-answer.ts');
    for (const job of jobs) writeJson(jobSummary(job, Date.now()));
  } else for (const job of jobs) write(jobLine(job));
  if (jobs.length === 0) note('there are no jobs yet. Create one with: presend jobs create LIST');
}

function jobLine(job: Job): string {
  const state = shownState(job, Date.now()).padEnd(9);
  const created = new Date(job.createdAt).toISOString().slice(0, 16);
  return `${job.id}  ${state}  ${created}  ${rowsOf(job)}  ${printable(job.name ?? '')}`
    .trimEnd()
    .concat('\n');
}

const rowsOf = ({ rows, rowsDone }: Job): string =>
  rows === null ? 'not read yet' : `${groupedCount(rowsDone)} of ${counted(rows, 'row')}`;

async function print(store: JobStore, job: Job, json: boolean): Promise<void> {
  const known = await store.details(job);
  if (json) {
    const { jobAnswer } = await import('../http/routes/job-answer.ts');
    return writeJson(jobAnswer(job, known));
  }
  write(jobLine(job));
  if (job.error !== null) write(`${job.error.message} (${job.error.code})\n`);
  if (known.summary === null) return;
  const { summaryTable } = await import('./clean-output.ts');
  write(summaryTable(known.summary));
}

/** Milliseconds between two looks at a job. */
const lookEveryMs = 500;
/** Milliseconds without any work on an open job, after which the reason is probably that no service runs. */
const idleMs = 5000;

async function waitFor(
  store: JobStore,
  { id }: Job,
  { timeout, json }: { readonly timeout: number | undefined; readonly json: boolean },
): Promise<void> {
  const { repository } = store;
  const started = Date.now();
  let shown = '';
  let isNoted = false;
  for (;;) {
    const job = await repository.job(id);
    if (job === null) throw new CommandFailure('not_found', 'the job was deleted');
    const now = Date.now();
    const state = shownState(job, now);
    const line = `${state}: ${rowsOf(job)}`;
    if (line !== shown && process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
    shown = line;
    if (hasEnded(job)) {
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
      await print(store, job, json);
      process.exitCode = job.state === 'completed' ? 0 : 1;
      return;
    }
    if (state === 'paused') {
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
      throw new CommandFailure('paused', `the job is paused. Resume it with POST /v1/jobs/${id}/resume`);
    }
    const waited = now - started;
    if (timeout !== undefined && waited >= timeout * 1000)
      throw new CommandFailure('timeout', `the job is not finished after ${timeout} s (${line})`, 4);
    // A job that waits for DNS (`waiting`) needs no worker now.
    const needsWorker = state === 'queued' || state === 'verifying';
    if (!isNoted && needsWorker && waited >= idleMs && (await repository.workload(now)).leased === 0) {
      isNoted = true;
      note('no running service works on this job. Start one on this machine with: presend serve');
    }
    await wait(lookEveryMs);
  }
}

interface DownloadValues {
  readonly output: string | undefined;
  readonly format: 'csv' | 'ndjson' | 'xlsx' | undefined;
  readonly only: 'accept' | 'confirm' | 'reject' | 'retry' | undefined;
  readonly rejects: boolean;
  readonly json: boolean;
}

async function download(store: JobStore, job: Job, values: DownloadValues): Promise<void> {
  const { output = '-', format, only, rejects, json } = values;
  if (job.layout === null)
    throw new CommandFailure(
      'no_result',
      job.error !== null
        ? `there is no result: ${job.error.message} (${job.error.code})`
        : hasEnded(job)
          ? 'there is no result, because the job was cancelled before its list was read'
          : `there is no result yet. Wait for it with: presend jobs wait ${job.id}`,
    );
  const content = await store.content(job, { format, action: only ?? null, rejects });
  if (typeof content === 'string')
    throw new UsageError(`${format === undefined ? '' : `--format ${format}: `}${content}`);
  await store.noteExport(job.id);
  if (output === '-') await pipeline(Readable.from(content), process.stdout, { end: false });
  else {
    // A name that no other file has, because a file that fails is removed.
    const partial = `${output}.${randomUUID().slice(0, 8)}.partial`;
    try {
      await pipeline(Readable.from(content), createWriteStream(partial, { flags: 'wx', mode: 0o600 }));
      renameSync(partial, output);
    } catch (error) {
      rmSync(partial, { force: true });
      throw error;
    }
  }
  const isComplete = job.state === 'completed';
  if (!isComplete && !rejects) note(`the job is not completed: ${rowsOf(job)}`);
  const summary = { id: job.id, file: output === '-' ? null : output, complete: isComplete };
  if (json) (output === '-' ? process.stderr : process.stdout).write(`${JSON.stringify(summary)}\n`);
  else if (output !== '-') write(`${output}\n`);
}

async function cancel(store: JobStore, { id }: Job, json: boolean): Promise<void> {
  if (!(await store.repository.cancel(id, Date.now())))
    throw new CommandFailure('ended', `the job has ended already. Its state: presend jobs show ${id}`);
  if (json) return print(store, (await store.repository.job(id))!, true);
  note(`cancelled. The rows that are finished: presend jobs download ${id}`);
}

async function remove({ repository, files }: JobStore, { id }: Job, json: boolean): Promise<void> {
  const onError = (error: unknown): never => {
    throw error;
  };
  await deleteJob({ repository, files, now: Date.now, onError }, id);
  if (json) writeJson({ id, deleted: true });
  else note('deleted.');
}
