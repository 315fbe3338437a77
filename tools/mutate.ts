// Mutation testing by condition flips: `npm run mutate -- ROOM… [--count 10 | --total 100] [--seed 1]`.
//
// For each room, flips random conditions of src/ROOM one at a time, in a copy of the checkout, and runs test/ROOM against
// each until a test fails. A flip that no test notices is a survivor; it is printed with its line. Prints the share killed
// of each room and of all. `--count` flips are drawn in each room; `--total` flips are spread evenly over the rooms. Exit
// status 1 when a room's own tests kill less than --least percent (85) of its flips; with --total, when all tests do.

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
  readonly milliseconds: number;
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

/** Conditions of loops are left alone: without an end a mutant hangs and proves nothing. */
const loops = new Set(['ForStatement', 'WhileStatement', 'DoWhileStatement']);

/** Milliseconds from which a test file runs after the others. */
const slow = 15_000;

const root = new URL('..', import.meta.url).pathname;
const { positionals: rooms, values } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '10' },
    total: { type: 'string' },
    seed: { type: 'string', default: '1' },
    least: { type: 'string', default: '85' },
  },
});

if (rooms.length === 0) {
  console.error('usage: npm run mutate -- ROOM… [--count 10 | --total 100] [--seed 1] [--least 85]');
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

// The workerd project starts servers of its own, which no room's tests need.
writeFileSync(
  join(copy, 'vitest.mutate.config.ts'),
  `export default { test: { include: ['test/**/*.test.ts'], exclude: ['test/workerd/**'], testTimeout: 60_000, hookTimeout: 60_000 } };`,
);

/** Files that were flipped. Each is transformed anew in every run, since it is flipped or restored. */
const changed = new Set<string>();
let short = 0;
const total = { killed: 0, flips: 0 };
for (const [index, room] of rooms.entries()) {
  const tests = await testsOf(room);
  if (tests === null) {
    console.error(`${room}: its tests fail without any flip`);
    short++;
    continue;
  }
  const flips = pick(flipsOf(room), flipsInRoom(index), Number(values.seed));
  let killed = 0;
  for (const flip of flips) {
    const file = join(copy, flip.file);
    const original = readFileSync(file, 'utf8');
    writeFileSync(file, flip.text);
    const dead = await isKilled(flip, tests);
    writeFileSync(file, original);
    if (dead) killed++;
    else console.log(`survived  ${flip.file}:${flip.line}  ${flip.before}  →  ${flip.after}`);
  }
  total.killed += killed;
  total.flips += flips.length;
  console.log(`${room}: ${killed} of ${flips.length} flips killed, ${percent(killed, flips.length)}`);
  if (values.total === undefined && 100 * killed < Number(values.least) * flips.length) short++;
}
console.log(
  `${total.killed} of ${total.flips} flips killed, ${percent(total.killed, total.flips)} (seed ${values.seed})`,
);
if (values.total !== undefined) short += 100 * total.killed < Number(values.least) * total.flips ? 1 : 0;
process.exit(short === 0 ? 0 : 1);

/** How many flips to draw in the room at `index`. */
function flipsInRoom(index: number): number {
  if (values.total === undefined) return Number(values.count);
  const flips = Number(values.total);
  return Math.floor(flips / rooms.length) + (index < flips % rooms.length ? 1 : 0);
}

function percent(part: number, whole: number): string {
  return whole === 0 ? 'nothing to flip' : `${((100 * part) / whole).toFixed(0)}%`;
}

/** Runs a room's tests on the copy as it is. Returns its test files with their times, or null if a test fails. */
async function testsOf(room: string): Promise<TestFile[] | null> {
  const paths = filesIn(`test/${room}`).filter((file) => file.endsWith('.test.ts'));
  const { passed, failures, times } = await run(paths, 900_000);
  for (const failure of failures) console.error(failure);
  if (!passed) return null;
  return paths.map((path) => ({ path, milliseconds: times[path] ?? 0, sources: sourcesOf(path) }));
}

/**
 * Whether a test of the room fails on the copy as it is now; a run that hangs counts as a failure. Runs the test files that
 * import the flipped file or share its name first, then the others, and the slow ones last.
 */
async function isKilled({ file }: Flip, tests: readonly TestFile[]): Promise<boolean> {
  changed.add(file);
  const stem = basename(file).replace(/\.tsx?$/, '');
  const stage = ({ path, milliseconds, sources }: TestFile): number => {
    const isNear = sources.has(file) || basename(path).startsWith(stem);
    return (isNear ? 0 : 1) + (milliseconds < slow ? 0 : 2);
  };
  for (const now of [0, 1, 2, 3]) {
    const some = tests.filter((test) => stage(test) === now);
    if (some.length === 0) continue;
    const usual = some.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    const { passed } = await run(
      some.map(({ path }) => path),
      60_000 + 5 * usual,
    );
    if (!passed) return true;
  }
  return false;
}

/** Runs test files in the runner. Ends its whole process group when the time is over: some tests start processes. */
function run(tests: readonly string[], milliseconds: number): Promise<RunResult> {
  running ??= fork(join(copy, 'tools', 'mutate-runner.ts'), { cwd: copy, stdio: 'ignore', detached: true });
  const runner = running;
  const timer = setTimeout(endRun, milliseconds);
  return new Promise((resolve) => {
    const end = (result: RunResult): void => {
      clearTimeout(timer);
      runner.removeAllListeners();
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

/** The files of a folder that git knows or would add. */
function filesIn(folder: string): string[] {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', folder];
  return execFileSync('git', list, { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '' && existsSync(join(root, file)));
}

function flipsOf(room: string): Flip[] {
  const files = filesIn(`src/${room}`).filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'));
  return files.flatMap((file) => flipsIn(file, readFileSync(join(root, file), 'utf8')));
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

/** `count` different flips, the same for the same seed (mulberry32). */
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
