// The parsed arguments of `presend clean`.

import { statSync } from 'node:fs';
import type { CleanOptions } from '../lists/clean-slice.ts';
import type { ListOptions } from '../lists/record-format.ts';
import type { ListShape } from '../lists/shape.ts';
import { refuseXlsx, type SpreadsheetFormat } from '../lists/spreadsheet-result.ts';
import type { MailQuestion } from '../suppression/scope.ts';
import type { Action } from '../verdict/verdict.ts';

export interface CleanArguments {
  /** A path, or `-` for standard input. */
  readonly input: string;
  /** A path, `-` for standard output, or null to write no result, which `--sample` allows. */
  readonly output: string | null;
  readonly list: ListOptions;
  readonly maxAgeDays: number;
  readonly only?: readonly Action[];
  /** The mail that will be sent to the list; marketing by default. It decides which suppressions apply. */
  readonly question?: MailQuestion;
  /** Options for the rows that are written. */
  readonly writing: Pick<CleanOptions, 'repair' | 'language' | 'profile'>;
  readonly dropDuplicates: boolean;
  /** A hard bounce rate such as 0.02. Only rows that together keep the forecast below it are chosen. */
  readonly goal?: number;
  /** The folder of `--outputs`, in which each destination (keep, fix, retry, remove) gets a file. */
  readonly outputs?: string;
  /** If set, only this many rows are verified. They are drawn at random. */
  readonly sample?: number;
  readonly report?: string;
  readonly resume: boolean;
  /** Whether mail hosts are asked about the mailboxes first. */
  readonly proof?: boolean;
  readonly json: boolean;
  /** Seconds that a DNS outage may last. After that the run stops. It can be resumed if the result is a file. */
  readonly patience: number;
}

/** Whether `--resume` can continue the run: its list and its result are files, and it reads all rows. */
export const canResume = ({
  input,
  output,
  sample,
}: Pick<CleanArguments, 'input' | 'output' | 'sample'>): boolean =>
  input !== '-' && output !== null && output !== '-' && sample === undefined;

/** How the result is written. `same`: as presend writes lists, in the format of the list. */
export type ResultFormat = 'same' | SpreadsheetFormat;

const isXlsx = (path: string): boolean => /\.xls[xm]$/i.test(path);

/**
 * The format of the result of a list with `shape`: the name of its file decides, or else the format of the list. An error
 * message if this is impossible.
 */
export function resultFormat(
  output: string | null,
  shape: ListShape,
): ResultFormat | { readonly error: string } {
  const isText = output !== null && /\.(csv|tsv|txt|json|ndjson|jsonl)$/i.test(output);
  if (shape.format === 'ndjson')
    return output !== null && isXlsx(output)
      ? {
          error:
            'a JSON list cannot be written as XLSX. Give the result a name that ends in .json or .ndjson.',
        }
      : 'same';
  if (shape.workbook && output !== null && /\.(json|ndjson|jsonl)$/i.test(output))
    return { error: 'the result of a workbook is XLSX or CSV. Give it a name that ends in .xlsx or .csv.' };
  const isWorkbook = output !== null && isXlsx(output) ? true : isText ? false : shape.workbook !== undefined;
  if (!isWorkbook) return shape.workbook ? 'csv' : 'same';
  const refusal = refuseXlsx(shape);
  return refusal === null ? 'xlsx' : { error: refusal };
}

/** Identifies the list (by its size and modification time) and all options that affect the result, as JSON. */
export function identityOf(args: CleanArguments): string {
  const { input, list, maxAgeDays, only, question, writing, dropDuplicates, goal, outputs, proof } = args;
  const file = input === '-' ? null : statSync(input);
  const how = [
    question ?? null,
    writing,
    dropDuplicates,
    goal ?? null,
    outputs ?? null,
    ...(proof ? ['proof'] : []),
  ];
  return JSON.stringify([file?.size, file?.mtimeMs, list, maxAgeDays, only ?? null, ...how]);
}
