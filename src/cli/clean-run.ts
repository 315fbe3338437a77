// One run of `presend clean`: reads a list from a file or standard input, and writes the result to a file or standard output.

import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Mailbox } from '../address/mailbox.ts';
import { dayName } from '../calendar.ts';
import { type DetectedEncoding, isLegacy } from '../encoding/decode.ts';
import type { EngagementLookup } from '../events/engagement-lookup.ts';
import { type CleanedPart, cleanList } from '../lists/clean-list.ts';
import { headOf, headOfSome } from '../lists/clean-slice.ts';
import { createDuplicateSearch, knownDuplicates, searchDuplicates } from '../lists/duplicate-rows.ts';
import { createSeenAddresses, type SeenAddresses } from '../lists/duplicates.ts';
import type { ListError } from '../lists/list-error.ts';
import type { OpenedList } from '../lists/read-list.ts';
import { rejectsHeader, rejectsLine } from '../lists/rejects.ts';
import { listReportPage } from '../lists/report.ts';
import { sampledParts } from '../lists/sample.ts';
import type { ListPart, ListShape, SetAside } from '../lists/shape.ts';
import { openListIn } from '../lists/spreadsheet.ts';
import { type ListSummary, summaryOf } from '../lists/summary.ts';
import { addTally } from '../lists/tally.ts';
import type { Proofs, Validator } from '../validator/validate.ts';
import { longestCell, type WrittenWorkbook } from '../xlsx/write-workbook.ts';
import { type CleanArguments, canResume, type ResultFormat, resultFormat } from './clean-arguments.ts';
import { type ProgressDisplay, summaryTable } from './clean-output.ts';
import { openRun, type Run, runThroughFile, runToNothing, runToStandardOutput } from './clean-result.ts';
import { failureJson } from './failure.ts';
import { openInput } from './list-input.ts';
import { type TemporaryFile, temporaryFile } from './temporary-file.ts';
import { printable } from './terminal.ts';

export interface CleanSurroundings {
  readonly validator: Validator;
  /** Looks up when people last opened, clicked or replied. */
  readonly engagement?: EngagementLookup | undefined;
  readonly now: () => number;
  readonly progress: ProgressDisplay;
  /** Asks whether mailboxes exist (`--proof`). Absent: nobody is asked. */
  readonly prove?: (
    mailboxes: readonly Mailbox[],
    onProgress: (settled: number, all: number) => void,
  ) => Promise<Proofs>;
  /** Prints the summary: to standard output, unless the result goes there. */
  readonly say: (text: string) => void;
  /** Prints warnings and errors. */
  readonly warn: (text: string) => void;
  /** Number of addresses kept in memory to find duplicates. The others are in a temporary file. */
  readonly addressesInMemory?: number;
}

// Exit statuses of the command.
const done = 0;
/** The input is not a list, or cannot be read to its end. */
const refused = 1;
const wrongArguments = 2;
/** DNS was unavailable for too long. `--resume` continues the run. */
const unfinished = 4;

/** Number of rows that are processed together. It is small so their memory is soon free and can be reused. */
const rowsAtOnce = 512;

/** Cleans a list and returns the exit status. The result has a temporary name until it is complete. */
export async function clean(args: CleanArguments, around: CleanSurroundings): Promise<number> {
  const { output } = args;
  around.progress.reading();
  const folder = output === null || output === '-' ? tmpdir() : dirname(output);
  const scratch = { digests: temporaryFile(folder), input: temporaryFile(folder) };
  try {
    return await cleanWith(scratch, args, around);
  } finally {
    around.progress.end();
    for (const file of Object.values(scratch)) file.close();
  }
}

/** `scratch` has temporary files for the digests of addresses, and for a list in standard input that is read twice. */
async function cleanWith(
  scratch: { readonly digests: TemporaryFile; readonly input: TemporaryFile },
  args: CleanArguments,
  around: CleanSurroundings,
): Promise<number> {
  const { warn } = around;
  if (args.outputs !== undefined) mkdirSync(args.outputs, { recursive: true });
  const isFile = args.output !== null && args.output !== '-';
  const toFile = isFile ? await openRun(args, args.output, around.now()) : null;
  if (typeof toFile === 'string') return fail(args, around, 'usage', toFile, wrongArguments);
  if (args.resume && toFile !== null && toFile.byte < 0)
    warn(`presend: there is no unfinished run of ${args.output}, so this one starts with the first row.\n`);
  const options = { ...args.list, rowsAtOnce };
  const readsAgain = (args.dropDuplicates || around.prove !== undefined) && args.sample === undefined;
  const input = await openInput(args.input, options, scratch.input, readsAgain);
  const list = async () => (input.ok ? openListIn(input.file, options) : input);
  const opened = await list();
  if (!opened.ok) {
    await toFile?.discard();
    return refuse(args, around, opened.error);
  }
  const { shape, start } = opened;
  const format = resultFormat(args.output, shape);
  const wrong = typeof format === 'string' ? terminalRefusal(args, format) : format.error;
  if (typeof format !== 'string' || wrong !== null) {
    await toFile?.discard();
    return fail(args, around, 'usage', wrong!, wrongArguments);
  }
  const run = toFile ?? runWithoutFile(args, format, around.now());
  // The text of a workbook is longer than its file.
  const total = input.ok && Number.isFinite(input.file.size) ? input.file.size : null;
  if (isLegacy(start.encoding))
    warn(
      `presend: the list is read in the encoding ${start.encoding}. If names look wrong, set another one with --encoding.\n`,
    );
  const isPart =
    args.only !== undefined ||
    args.sample !== undefined ||
    (args.dropDuplicates && args.outputs === undefined);
  const head = headOfSome(shape, headOf(shape, opened.head), isPart);
  if (run.byte < start.byte) await run.write(head, start.byte);

  const chosen = await chosenRows(args, opened);
  const bytes = total ?? 0;
  const readAgain = async () => {
    if (args.sample !== undefined) return partsOf(chosen.drawn);
    const again = await list();
    return again.ok ? again.parts : partsOf([]);
  };
  const proofs = await provenIn(args, around, shape, run, readAgain);
  const seen = args.dropDuplicates
    ? await mailboxesIn(bytes, readAgain)
    : createSeenAddresses(
        { file: scratch.digests, mostInMemory: around.addressesInMemory ?? addressesInMemory },
        bytes,
      );
  const { last, setAside, encoding } = await cleanRows(
    args,
    around,
    { ...opened, ...chosen, seen, proofs },
    run,
    total,
  );
  const { contacts } = chosen;
  if (last?.kind === 'error') {
    await run.discard();
    return refuse(args, around, last.error);
  }
  if (last?.kind === 'outage') {
    if (canResume(args)) await run.suspend();
    else await run.discard();
    const how = canResume(args)
      ? 'Run the same command with --resume when DNS is available.'
      : 'Run the command again when DNS is available.';
    const message = `DNS is unreachable. ${run.tally.rows} rows are finished. ${how}`;
    return fail(args, around, 'dns_unreachable', message, unfinished);
  }
  // Before `finish`: once that is done, the run cannot be resumed. If it were killed then, the records that were set aside
  // would never be reported.
  if (setAside.length > 0) reportSetAside(args, setAside, warn);
  const derived = await run.finish({ shape, head, format, onWritten: noteLimits(warn) });
  const summary: ListSummary = {
    ...summaryOf(run.tally, shape, encoding),
    duplicates_dropped: args.dropDuplicates,
    ...derived,
    ...(args.sample !== undefined && { sample: { rows: run.tally.rows, of: contacts } }),
  };
  if (args.report !== undefined) writeReport(args.report, args.input, summary, run);
  around.say(args.json ? `${JSON.stringify(summary)}\n` : summaryTable(summary));
  return done;
}

/** Number of addresses kept in memory to find duplicates: about 45 MiB. */
const addressesInMemory = 5_000_000;

async function* partsOf(parts: readonly ListPart[]): AsyncGenerator<ListPart> {
  yield* parts;
}

/**
 * Returns the parts to clean. With `--sample`, `parts` is the sample, `drawn` is the same as an array, and `contacts` is the
 * number of contacts in the whole list. Without it, `drawn` is empty and `contacts` is 0.
 */
async function chosenRows({ sample }: CleanArguments, { parts }: OpenedList & { readonly ok: true }) {
  if (sample === undefined) return { parts, drawn: [], contacts: 0 };
  let contacts = 0;
  const drawn: ListPart[] = [];
  const draw = sampledParts(parts, sample, (count) => {
    contacts = count;
  });
  for await (const part of draw) drawn.push(part);
  return { parts: partsOf(drawn), drawn, contacts };
}

/** Asks about the mailboxes of the list before its rows are verified, so that each host is asked in as few sessions as possible. */
async function provenIn(
  { maxAgeDays, question }: CleanArguments,
  { validator, prove, progress }: CleanSurroundings,
  shape: ListShape,
  { asOf }: Run,
  parts: () => Promise<AsyncIterable<ListPart>>,
): Promise<Proofs | undefined> {
  if (prove === undefined) return undefined;
  const { mailboxesToAsk } = await import('../lists/addresses-to-ask.ts');
  const mailboxes = await mailboxesToAsk(await parts(), shape, validator, { asOf, maxAgeDays, question });
  return prove(mailboxes, (settled, all) => progress.proving(settled, all));
}

/** Finds the rows that `--drop-duplicates` leaves out. `open` returns the parts of the list, which has about so many `bytes`. */
async function mailboxesIn(
  bytes: number,
  open: () => Promise<AsyncIterable<ListPart>>,
): Promise<SeenAddresses> {
  const search = createDuplicateSearch({ byMailbox: true, bytes });
  await searchDuplicates(search, open);
  return knownDuplicates(search);
}
const runWithoutFile = ({ output }: CleanArguments, format: ResultFormat, asOf: number): Run =>
  output === null ? runToNothing(asOf) : format === 'same' ? runToStandardOutput(asOf) : runThroughFile(asOf);

/** Why the result cannot go to standard output. Null if it can. */
const terminalRefusal = ({ output }: CleanArguments, format: ResultFormat): string | null =>
  output === '-' && format === 'xlsx' && process.stdout.isTTY
    ? 'the result is a workbook, which a terminal cannot show. Write it to a file with -o FILE.'
    : null;

/** Returns a function that warns if a workbook could not hold its table as it was. */
const noteLimits =
  (warn: (text: string) => void) =>
  (path: string, { sheets, cut }: WrittenWorkbook): void => {
    const file = path === '-' ? 'the result' : path;
    if (sheets > 1)
      warn(`presend: ${file} has ${sheets} sheets, because a sheet has at most 1,048,576 rows.\n`);
    if (cut > 0)
      warn(
        `presend: ${cut} texts in ${file} were cut to ${longestCell} characters, the most that a cell can hold.\n`,
      );
  };

/**
 * Cleans the rows of an opened list and writes them to `run`. Returns the last part (null for an empty list), which may
 * be an error or an outage; the records that could not be read; and the encoding that the file turned out to have.
 */
async function cleanRows(
  args: CleanArguments,
  { validator, engagement, progress }: CleanSurroundings,
  {
    shape,
    parts,
    start,
    seen,
    proofs,
  }: OpenedList & { readonly ok: true } & {
    readonly seen: SeenAddresses;
    readonly proofs: Proofs | undefined;
  },
  run: Run,
  total: number | null,
): Promise<{ last: CleanedPart | null; setAside: readonly SetAside[]; encoding: DetectedEncoding }> {
  const setAside: SetAside[] = [];
  let { encoding } = start;
  progress.begin(total, run.byte, run.tally.rows);
  let last: CleanedPart | null = null;
  for await (const part of cleanList(parts, shape, {
    validator,
    engagement,
    proofs,
    asOf: run.asOf,
    maxAgeDays: args.maxAgeDays,
    question: args.question,
    ...(args.only && { only: args.only }),
    // With `--outputs`, duplicates stay in the result: `deriveFiles` writes them to the file `remove`.
    writing: { ...args.writing, dropDuplicates: args.dropDuplicates && args.outputs === undefined },
    seen,
    fromByte: run.byte,
    patienceMs: args.patience * 1000,
    wait: (ms) => wait(ms),
    onOutage: (out) => progress.outage(out),
    onSetAside: (records) => setAside.push(...records),
  })) {
    last = part;
    if (part.kind !== 'rows') break;
    encoding = part.next.encoding;
    addTally(run.tally, part.tally);
    await run.write(part.text, part.next.byte);
    progress.at(part.next.byte, run.tally.rows);
  }
  progress.end();
  return { last, setAside, encoding };
}

const refuse = (args: CleanArguments, around: CleanSurroundings, { message, code }: ListError): number =>
  fail(args, around, code, `${message} (${code}) The run was stopped.`, refused);

/** Prints why the run failed, with `--json` also as a document. Returns `status`. */
function fail(
  { json }: CleanArguments,
  { progress, warn, say }: CleanSurroundings,
  code: string,
  message: string,
  status: number,
): number {
  progress.end();
  warn(`presend: ${printable(message)}\n`);
  if (json) say(failureJson(code, message));
  return status;
}

/**
 * Reports the records that could not be read. Writes them to a file next to the result, or prints the first few if the
 * result is not a file.
 */
function reportSetAside(
  { output, outputs }: CleanArguments,
  setAside: readonly SetAside[],
  warn: (text: string) => void,
): void {
  if (output === '-' || output === null) {
    for (const { error } of setAside.slice(0, 5))
      warn(`presend: a record cannot be read and was left out: ${error.message}\n`);
    return;
  }
  const file = outputs === undefined ? rejectsFile(output) : join(outputs, 'rejects.csv');
  writeFileSync(file, rejectsHeader + setAside.map(rejectsLine).join(''));
  warn(
    `presend: ${setAside.length === 1 ? '1 record cannot be read and was' : `${setAside.length} records cannot be read and were`} written to ${file}\n`,
  );
}

/** `clean.csv` → `clean.rejects.csv`. */
const rejectsFile = (output: string): string =>
  `${output.replace(/\.(csv|tsv|txt|json|ndjson|jsonl|xlsx|xlsm)$/i, '')}.rejects.csv`;

function writeReport(file: string, input: string, summary: ListSummary, { asOf }: Run): void {
  const name = input === '-' ? null : basename(input);
  writeFileSync(file, listReportPage(summary, dayName(asOf), name));
}
