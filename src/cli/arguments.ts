// Argument parsing that several commands share.

import { readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type DomainList, emptyDomainList, parseDomainList } from '../overrides/own-lists.ts';
import type { Settings } from '../platform/settings.ts';
import { UsageError } from '../platform/usage-error.ts';

export const jsonOption = { json: { type: 'boolean', default: false } } as const;

export const output = (json: boolean) => ({ json, write: (text: string) => process.stdout.write(text) });

/** @throws UsageError for a text that is none of `values`. */
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

/** @throws UsageError for a text that is none. */
export function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${option} must be a whole number`);
  return Number(text);
}

/** Standard input (`-`) is there always. */
export function needFile(path: string): void {
  const found = path === '-' || statSync(path, { throwIfNoEntry: false });
  if (!found || (found !== true && found.isDirectory())) throw new UsageError(`there is no file ${path}`);
}

export function readDomainList(file: string | undefined): DomainList {
  if (file === undefined) return emptyDomainList;
  needFile(file);
  const parsed = parseDomainList(readFileSync(file, 'utf8'));
  if (!parsed.ok) throw new UsageError(`line ${parsed.line} of ${file} is no domain`);
  return parsed.list;
}

/** @throws UsageError where a setting is wrong. */
export async function settingsOfEnvironment(): Promise<{ readonly settings: Settings }> {
  const { readSettings } = await import('../platform/settings.ts');
  const outcome = readSettings(process.env);
  if (!outcome.ok) throw new UsageError(outcome.mistakes.join('\n'));
  return outcome;
}

/** The lines of standard input that are not blank. */
export async function* standardInput(): AsyncGenerator<string> {
  for await (const line of createInterface({ input: process.stdin }))
    if (line.trim() !== '') yield line.replace(/\r$/, '');
}
