// Argument parsing that several commands share.

import { closeSync, createReadStream, existsSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type DomainList, domainListIn, emptyDomainList } from '../overrides/domain-lists.ts';
import type { Settings } from '../platform/settings.ts';
import { UsageError } from '../platform/usage-error.ts';
import { listScope, type MailPurpose, type MailQuestion, mailQuestion } from '../suppression/scope.ts';
import { SettingsError } from './failure.ts';

export const output = (json: boolean) => ({ json, write: (text: string) => process.stdout.write(text) });

/** @throws UsageError if the file does not exist or is a folder. Accepts `-`, which means standard input. */
export function requireFile(path: string): void {
  if (path === '-') return;
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new UsageError(`${path}: no such file`);
  if (found.isDirectory()) throw new UsageError(`${path} is a folder. Name a file in it`);
}

/**
 * Checks that a result file can be written, before the long run that creates it. Leaves an existing file unchanged, and removes
 * the file if there was none before. Throws the system error if the file cannot be written.
 */
export function requireWritableFile(path: string): void {
  const exists = existsSync(path);
  closeSync(openSync(path, 'a'));
  if (!exists) rmSync(path);
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

/** @throws SettingsError about the first invalid setting, if there is one. */
export async function settingsOfEnvironment(): Promise<{ readonly settings: Settings }> {
  const { readSettings } = await import('../platform/settings.ts');
  const outcome = readSettings(process.env);
  if (outcome.ok) return outcome;
  const [first, ...others] = outcome.mistakes;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  throw new SettingsError(`${first!.replace(/\.$/, '')}${more}`);
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
 * Returns which mail the caller wants to send. `purpose` is the value of `--purpose`, and `list` is the value of the option
 * named `listOption`.
 * @throws UsageError if the name of the list is invalid.
 */
export function readMailQuestion(
  purpose: MailPurpose | undefined,
  listOption: string,
  list: string | undefined,
): MailQuestion {
  const question = mailQuestion({ purpose, list });
  if (list !== undefined && listScope(list) === null)
    throw new UsageError(`${listOption} must be 1 to 100 characters without @ or control characters`);
  return question;
}
