// The results of the latest run of each bench, in files that are committed: results/NAME.json.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import type { Outcome } from './figures.ts';

export interface Result extends Outcome {
  readonly bench: string;
  /** The UTC date, such as 2026-11-20. */
  readonly date: string;
  readonly command: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly seconds: number;
}

const folder = join(import.meta.dirname, 'results');

/** Four digits are enough: two runs do not agree in as many. */
const rounded = (_: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;

const jsonText = (value: unknown): string => `${JSON.stringify(value, rounded, 2)}\n`;

/** Returns the date, command and machine of a run. */
export function circumstances(command: string) {
  return {
    date: new Date().toISOString().slice(0, 10),
    command,
    node: process.versions.node,
    cpu: cpus()[0]!.model.trim(),
    cores: availableParallelism(),
  };
}

export function writeResult(result: Result): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${result.bench}.json`), jsonText(result));
}

/** Returns the results in the order of `names`, without benches that never ran. */
export function readResults(names: readonly string[]): Result[] {
  const files = readdirSync(folder);
  return names
    .filter((name) => files.includes(`${name}.json`))
    .map((name) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')));
}

const smokeFile = join(folder, 'smoke.json');

/** The ratios of a smoke run, by bench and by the name of the figure. */
export type SmokeRatios = Readonly<Record<string, Readonly<Record<string, number>>>>;

export const readSmokeRatios = (): SmokeRatios => JSON.parse(readFileSync(smokeFile, 'utf8'));

export const writeSmokeRatios = (ratios: SmokeRatios): void => writeFileSync(smokeFile, jsonText(ratios));
