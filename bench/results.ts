// What the latest run of each bench gave, in files that are committed: results/NAME.json.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import type { Outcome } from './figures.ts';

export interface Result extends Outcome {
  readonly bench: string;
  /** Year, month and day. */
  readonly date: string;
  readonly command: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly seconds: number;
}

const folder = join(import.meta.dirname, 'results');

/** Four digits are more than two runs have in common. */
const rounded = (_: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;

const jsonText = (value: unknown): string => `${JSON.stringify(value, rounded, 2)}\n`;

/** What a run says of itself besides its figures. */
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

/** In the order of `names`; those that never ran are left out. */
export function readResults(names: readonly string[]): Result[] {
  const files = readdirSync(folder);
  return names
    .filter((name) => files.includes(`${name}.json`))
    .map((name) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')));
}

const smokeFile = join(folder, 'smoke.json');

/** The ratio of each figure of each bench of a smoke run. */
export type SmokeRatios = Readonly<Record<string, Readonly<Record<string, number>>>>;

export const readSmokeRatios = (): SmokeRatios => JSON.parse(readFileSync(smokeFile, 'utf8'));

export const writeSmokeRatios = (ratios: SmokeRatios): void => writeFileSync(smokeFile, jsonText(ratios));
