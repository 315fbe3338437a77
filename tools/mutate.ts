// Mutation testing by condition flips: `npm run mutate -- ROOM… [--count 10] [--seed 1]`.
//
// For each room, flips random conditions of src/ROOM one at a time, in a copy of the checkout, and runs test/ROOM against
// each. A flip that no test notices is a survivor; it is printed with its line. Exit status 1 when a room's own tests kill
// less than --least percent (85) of its flips.

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseSync } from 'vite';

interface Flip {
  readonly file: string;
  readonly line: number;
  readonly before: string;
  readonly after: string;
  /** The whole file with the condition flipped. */
  readonly text: string;
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

/** Loops are left alone: without their end a mutant hangs and proves nothing. */
const tested = new Set(['IfStatement', 'ConditionalExpression']);

const root = new URL('..', import.meta.url).pathname;
const { positionals: rooms, values } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    least: { type: 'string', default: '85' },
  },
});

if (rooms.length === 0) {
  console.error('usage: npm run mutate -- ROOM… [--count 10] [--seed 1] [--least 85]');
  process.exit(2);
}

const copy = mkdtempSync(join(tmpdir(), 'presend-mutate-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
for (const name of readdirSync(root))
  if (name === 'node_modules') symlinkSync(join(root, name), join(copy, name));
  else if (!name.startsWith('.git') && name !== 'var' && name !== 'dist')
    cpSync(join(root, name), join(copy, name), { recursive: true, verbatimSymlinks: true });

let short = 0;
const total = { killed: 0, flips: 0 };
for (const room of rooms) {
  const flips = pick(flipsOf(room), Number(values.count), Number(values.seed));
  if (!isKilled(room)) {
    let killed = 0;
    for (const flip of flips) {
      const file = join(copy, flip.file);
      const original = readFileSync(file, 'utf8');
      writeFileSync(file, flip.text);
      const dead = isKilled(room);
      writeFileSync(file, original);
      if (dead) killed++;
      else console.log(`survived  ${flip.file}:${flip.line}  ${flip.before}  →  ${flip.after}`);
    }
    total.killed += killed;
    total.flips += flips.length;
    console.log(`${room}: ${killed} of ${flips.length} flips killed`);
    if (100 * killed < Number(values.least) * flips.length) short++;
  } else {
    console.error(`${room}: its tests fail without any flip`);
    short++;
  }
}
console.log(
  `${total.killed} of ${total.flips} flips killed, ${((100 * total.killed) / total.flips).toFixed(0)}%`,
);
process.exitCode = short === 0 ? 0 : 1;

/** Whether the room's own tests fail on the copy as it is now; a run that hangs counts as a failure. */
function isKilled(room: string): boolean {
  const args = ['vitest', 'run', '--project', 'node', '--bail', '1', '--reporter', 'dot', `test/${room}/`];
  return spawnSync('npx', args, { cwd: copy, timeout: 300_000, stdio: 'ignore' }).status !== 0;
}

function flipsOf(room: string): Flip[] {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', `src/${room}`];
  const files = execFileSync('git', list, { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'));
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
    for (const field of Object.values(node)) visit(field);
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
