// Mutation testing by condition flips: `npm run mutate -- ROOM… [--count 10 | --total 100] [--seed 1]`.
//
// A room is a folder of src/, such as `dns`. In a copy of the checkout, flips random conditions of each room, one at a
// time, and runs the tests in test/ROOM until one fails. A flip that no test notices is a survivor; it is printed with
// its line. Prints the share of killed flips, for each room and for all together. `--count` is the number of flips in
// each room; `--total` is the number of flips in all rooms together, spread evenly. Exits with status 1 if less than
// `--least` percent (85) of the flips are killed, in one of the rooms; with `--total`, in all rooms together.
// `--verbose` also prints each killed flip with a test that noticed it.

import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseSync } from 'vite';
import type { RunRequest, RunResult } from './mutate-runner.ts';

interface Flip {
  readonly file: string;
  readonly line: number;
  readonly before: string;
  readonly after: string;
  /** The whole file with the condition flipped. */
  readonly text: string;
}

interface TestFile {
  /** Relative to the checkout. */
  readonly path: string;
  /** The files of src/ that it imports. */
  readonly sources: ReadonlySet<string>;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

const negated: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
};

const tested = new Set(['IfStatement', 'ConditionalExpression']);

/**
 * Conditions of loops are not flipped. A loop that never ends would make the tests hang, which says nothing about them.
 */
const loops = new Set(['ForStatement', 'WhileStatement', 'DoWhileStatement']);

/** A test file that takes at least this many milliseconds runs after the others. */
const slow = 15_000;

const root = new URL('..', import.meta.url).pathname;
const { positionals: rooms, values } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '10' },
    total: { type: 'string' },
    seed: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
    least: { type: 'string', default: '85' },
  },
});

if (rooms.length === 0) {
  console.error(
    'usage: npm run mutate -- ROOM… [--count 10 | --total 100] [--seed 1] [--least 85] [--verbose]',
  );
  process.exit(2);
}

const copy = realpathSync(mkdtempSync(join(tmpdir(), 'presend-mutate-')));
let running: ChildProcess | undefined;
process.on('exit', () => {
  endRun();
  rmSync(copy, { recursive: true, force: true });
});
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
for (const name of readdirSync(root))
  if (name === 'node_modules') symlinkSync(join(root, name), join(copy, name));
  else if (!name.startsWith('.git') && name !== 'var' && name !== 'dist')
    cpSync(join(root, name), join(copy, name), { recursive: true, verbatimSymlinks: true });

// Leave out test/workerd: it starts servers, and the tests of a room do not need them.
writeFileSync(
  join(copy, 'vitest.mutate.config.ts'),
  `export default { test: { include: ['test/**/*.test.ts'], exclude: ['test/workerd/**'], testTimeout: 60_000, hookTimeout: 60_000 } };`,
);

/** The files that were flipped so far. Each run transforms them again, since they were flipped or restored. */
const changed = new Set<string>();
/** Milliseconds that each test file took in its last run. */
const times = new Map<string, number>();
/** Whether a test file passes without any flip. It is tested once, when the file first fails with a flip. */
const soundness = new Map<string, boolean>();

const measured = rooms.map((room, index) => {
  const flips = pick(flipsOf(room), flipsInRoom(index), Number(values.seed));
  return { room, tests: testsOf(room), flips, survivors: new Set(flips) };
});

// Run the nearest tests for all flips first, because they kill most of them. Only the survivors need the room's other
// tests.
for (const isNearest of [true, false]) {
  for (const { tests, survivors } of measured)
    for (const flip of survivors) {
      const killer = await killerOf(flip, tests, isNearest);
      if (killer === null) continue;
      survivors.delete(flip);
      if (values.verbose) console.log(`killed  ${describe(flip)}  by ${killer}`);
    }
  if (isNearest) console.log(`the nearest tests: ${summary(measured)}`);
}

for (const one of measured) {
  for (const flip of one.survivors) console.log(`survived  ${describe(flip)}`);
  console.log(`${one.room}: ${summary([one])}`);
}
console.log(`${summary(measured)} (seed ${values.seed})`);
const judged = values.total === undefined ? measured.map((one) => [one]) : [measured];
process.exit(judged.every((some) => shareKilled(some) >= Number(values.least)) ? 0 : 1);

type Measured = (typeof measured)[number];

function shareKilled(some: readonly Measured[]): number {
  const all = some.reduce((sum, { flips }) => sum + flips.length, 0);
  return all === 0 ? 100 : (100 * killedIn(some)) / all;
}

function killedIn(some: readonly Measured[]): number {
  return some.reduce((sum, { flips, survivors }) => sum + flips.length - survivors.size, 0);
}

function summary(some: readonly Measured[]): string {
  const all = some.reduce((sum, { flips }) => sum + flips.length, 0);
  return all === 0
    ? 'nothing to flip'
    : `${killedIn(some)} of ${all} flips killed, ${shareKilled(some).toFixed(0)}%`;
}

function describe({ file, line, before, after }: Flip): string {
  return `${file}:${line}  ${before}  →  ${after}`;
}

/** Returns the number of flips in the room at `index`. */
function flipsInRoom(index: number): number {
  if (values.total === undefined) return Number(values.count);
  const flips = Number(values.total);
  return Math.floor(flips / rooms.length) + (index < flips % rooms.length ? 1 : 0);
}

function testsOf(room: string): TestFile[] {
  const paths = filesIn(`test/${room}`).filter((file) => file.endsWith('.test.ts'));
  return paths.map((path) => ({ path, sources: sourcesOf(path) }));
}

/**
 * Returns a test that fails with the flip, or null. A run that hangs counts as a failure. If `isNearest`, runs the test
 * files with the name of the flipped file, then those that import it; otherwise all other test files. Slow files run
 * last.
 */
async function killerOf(flip: Flip, tests: readonly TestFile[], isNearest: boolean): Promise<string | null> {
  const stem = basename(flip.file).replace(/\.tsx?$/, '');
  const stage = ({ path, sources }: TestFile): number => {
    const distance = basename(path).startsWith(stem) ? 0 : sources.has(flip.file) ? 1 : 2;
    return distance === 0 ? 0 : distance + ((times.get(path) ?? 0) < slow ? 0 : 0.5);
  };
  for (const now of isNearest ? [0, 1, 1.5] : [2, 2.5]) {
    const some = tests.filter((test) => stage(test) === now).map(({ path }) => path);
    const killer = await failureWith(flip, some, now === 0);
    if (killer !== null) return killer;
  }
  return null;
}

/**
 * Returns a test of these files that fails with the flip and passes without it, or null. On a busy machine a test may
 * fail only because of its time limit, so a failure counts only if it repeats. `isNamesake` says that the files have
 * the name of the flipped file; then one failure is enough.
 */
async function failureWith(
  flip: Flip,
  tests: readonly string[],
  isNamesake: boolean,
): Promise<string | null> {
  const sound = tests.filter((test) => soundness.get(test) !== false);
  if (sound.length === 0) return null;
  const failure = await flipped(flip, sound);
  if (failure === null) return null;
  const failed = sound.filter((test) => failure.startsWith(test));
  const isReal =
    (await isEachSound(failed.length === 0 ? sound : failed)) &&
    (isNamesake || (await flipped(flip, failed.length === 0 ? sound : failed)) !== null);
  if (isReal) return failure;
  return failureWith(flip, sound.length === failed.length ? [] : sound, false);
}

/** Runs test files with the flip. Returns the first failure, or null. */
async function flipped(flip: Flip, tests: readonly string[]): Promise<string | null> {
  const file = join(copy, flip.file);
  const original = readFileSync(file, 'utf8');
  changed.add(flip.file);
  writeFileSync(file, flip.text);
  const result = await run(tests);
  writeFileSync(file, original);
  return result.passed ? null : (result.failures[0] ?? 'a run that did not end');
}

async function isEachSound(tests: readonly string[]): Promise<boolean> {
  for (const test of tests) {
    if (!soundness.has(test)) soundness.set(test, (await run([test])).passed || (await run([test])).passed);
    if (soundness.get(test) === false) console.error(`${test} fails without any flip: it is left out`);
  }
  return tests.every((test) => soundness.get(test));
}

/**
 * Runs test files in the runner. On timeout, kills the runner's whole process group, because some tests start
 * processes.
 */
function run(tests: readonly string[]): Promise<RunResult> {
  running ??= fork(join(copy, 'tools', 'mutate-runner.ts'), { cwd: copy, stdio: 'ignore', detached: true });
  const runner = running;
  const usual = tests.reduce((sum, test) => sum + (times.get(test) ?? 0), 0);
  const timer = setTimeout(endRun, 300_000 + 5 * usual);
  return new Promise((resolve) => {
    const end = (result: RunResult): void => {
      clearTimeout(timer);
      runner.removeAllListeners();
      for (const [test, milliseconds] of Object.entries(result.times)) times.set(test, milliseconds);
      resolve(result);
    };
    runner.on('message', end);
    runner.on('exit', () => {
      endRun();
      end({ passed: false, failures: [], times: {} });
    });
    const request: RunRequest = { tests, changed: [...changed] };
    runner.send(request);
  });
}

function endRun(): void {
  try {
    if (running?.pid !== undefined) process.kill(-running.pid, 'SIGKILL');
  } catch {
    // Every process of the group has ended.
  }
  running = undefined;
}

/** Returns the files of src/ that a test file imports, directly or through other files of test/. */
function sourcesOf(test: string, seen = new Set<string>()): Set<string> {
  const sources = new Set<string>();
  if (seen.has(test) || !existsSync(join(copy, test))) return sources;
  seen.add(test);
  for (const [, path = ''] of readFileSync(join(copy, test), 'utf8').matchAll(
    /(?:from|import\()\s*'(\.[^']+)'/g,
  )) {
    const file = join(dirname(test), path);
    if (file.startsWith('src/')) sources.add(file);
    else if (file.startsWith('test/')) for (const source of sourcesOf(file, seen)) sources.add(source);
  }
  return sources;
}

/** The files of a folder, without those that git ignores. */
function filesIn(folder: string): string[] {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', folder];
  return execFileSync('git', list, { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '' && existsSync(join(copy, file)));
}

function flipsOf(room: string): Flip[] {
  const files = filesIn(`src/${room}`).filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'));
  return files.flatMap((file) => flipsIn(file, readFileSync(join(copy, file), 'utf8')));
}

function flipsIn(file: string, text: string): Flip[] {
  const flips: Flip[] = [];
  const add = ({ start, end }: Node, after: string): void => {
    const whole = text.slice(0, start) + after + text.slice(end);
    const line = text.slice(0, start).split('\n').length;
    flips.push({ file, line, before: text.slice(start, end), after, text: whole });
  };
  const source = (node: Node): string => text.slice(node.start, node.end);
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    if (typeof value !== 'object' || value === null || !('type' in value)) return;
    const node = value as Node;
    const operator = node['operator'] as string;
    if (node.type === 'BinaryExpression' && negated[operator] !== undefined)
      add(node, `${source(node['left'] as Node)} ${negated[operator]} ${source(node['right'] as Node)}`);
    if (node.type === 'LogicalExpression' && operator !== '??')
      add(
        node,
        `${source(node['left'] as Node)} ${operator === '&&' ? '||' : '&&'} ${source(node['right'] as Node)}`,
      );
    const test = node['test'] as Node | null | undefined;
    if (tested.has(node.type) && test && !['BinaryExpression', 'LogicalExpression'].includes(test.type))
      add(test, `!(${source(test)})`);
    for (const [name, field] of Object.entries(node))
      if (name !== 'test' || !loops.has(node.type)) visit(field);
  };
  visit(parseSync(file, text).program);
  return flips;
}

/** Picks `count` different flips at random (mulberry32). The same seed gives the same flips. */
function pick(flips: readonly Flip[], count: number, seed: number): Flip[] {
  let state = seed;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const left = [...flips];
  const picked: Flip[] = [];
  while (picked.length < count && left.length > 0)
    picked.push(...left.splice(Math.floor(random() * left.length), 1));
  return picked;
}
