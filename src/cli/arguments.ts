// Argument parsing that several commands share.

import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type DomainList, domainListIn, emptyDomainList } from '../overrides/domain-lists.ts';
import type { Settings } from '../platform/settings.ts';
import { UsageError } from '../platform/usage-error.ts';
import { listScope, type MailQuestion, mailPurposes, mailQuestion } from '../suppression/scope.ts';

export const jsonOption = { json: { type: 'boolean', default: false } } as const;

export const output = (json: boolean) => ({ json, write: (text: string) => process.stdout.write(text) });

/**
 * Returns `text` if it is one of `values`, or undefined if the option is absent.
 * @throws UsageError for any other text.
 */
export function oneOf<Value extends string>(
  option: string,
  text: string | undefined,
  values: readonly Value[],
): Value | undefined {
  const value = values.find((each) => each === text);
  if (text !== undefined && value === undefined)
    throw new UsageError(`${option} must be one of ${values.join(', ')}`);
  return value;
}

/** @throws UsageError unless `text` is a whole number of at most nine digits. */
export function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${option} must be a whole number from 0 to 999999999`);
  return Number(text);
}

/** @throws UsageError if the file does not exist or is a folder. Accepts `-`, which means standard input. */
export function requireFile(path: string): void {
  const found = path === '-' || statSync(path, { throwIfNoEntry: false });
  if (!found || (found !== true && found.isDirectory())) throw new UsageError(`${path}: no such file`);
}

/** The bytes of a file, or of standard input for `-`. */
export const fileStream = (path: string): AsyncIterable<Uint8Array> =>
  path === '-' ? process.stdin : createReadStream(path);

/** @throws UsageError if there is no such file, or if a line of it is not a domain. */
export function readDomainList(file: string | undefined): DomainList {
  if (file === undefined) return emptyDomainList;
  requireFile(file);
  const text = readFileSync(file, 'utf8');
  try {
    return domainListIn(file, text);
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}

/** @throws UsageError if a setting is invalid. */
export async function settingsOfEnvironment(): Promise<{ readonly settings: Settings }> {
  const { readSettings } = await import('../platform/settings.ts');
  const outcome = readSettings(process.env);
  if (!outcome.ok) throw new UsageError(outcome.mistakes.join(' ').replace(/\.$/, ''));
  return outcome;
}

/** The lines of standard input that are not blank. */
export async function* standardInput(): AsyncGenerator<string> {
  for await (const line of createInterface({ input: process.stdin }))
    if (line.trim() !== '') yield line.replace(/\r$/, '');
}

/**
 * Ends the process after all output is written. Otherwise pending lookups would keep it alive for seconds. It exits in
 * the next turn of the event loop, so an error event for a failed write comes first and is reported.
 */
export function exitAfterOutput(): void {
  process.stdout.write('', () => setImmediate(() => process.exit()));
}

/**
 * Reads from the options which mail the caller wants to send. `purpose` is the value of `--purpose`, and `list` is the
 * value of the option named `listOption`.
 * @throws UsageError if one of them has an invalid value.
 */
export function readMailQuestion(
  purpose: string | undefined,
  listOption: string,
  list: string | undefined,
): MailQuestion {
  const question = mailQuestion({ purpose: oneOf('--purpose', purpose, mailPurposes), list });
  if (list !== undefined && listScope(list) === null)
    throw new UsageError(`${listOption} must be 1 to 100 characters without @ or control characters`);
  return question;
}
