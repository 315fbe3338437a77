// What Linux says about the threads and the processes in which nobody waits for the work. Elsewhere there is nothing to ask.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const module = JSON.stringify(new URL('../../src/platform/low-priority.ts', import.meta.url).href);

/** What a program of its own prints as JSON. `nice` is the nice value with which it starts. */
async function printed(code: string, nice = 0): Promise<unknown> {
  const program = [process.execPath, '--input-type=module', '-e', `import os from 'node:os'; ${code}`];
  const { stdout } = await promisify(execFile)('nice', ['-n', String(nice), ...program]);
  return JSON.parse(stdout);
}

const thread = `
  import { Worker } from 'node:worker_threads';
  const inThread = \`
    import { readlinkSync } from 'node:fs';
    import { getPriority } from 'node:os';
    import { parentPort } from 'node:worker_threads';
    (await import(${module})).lowerThreadPriority();
    parentPort.postMessage(getPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1))));\`;
  const before = os.getPriority();
  new Worker(new URL('data:text/javascript,' + encodeURIComponent(inThread))).once('message', (inThread) =>
    console.log(JSON.stringify({ before, inThread, after: os.getPriority() })));`;

const wholeProcess = `
  import { readdirSync } from 'node:fs';
  const before = os.getPriority();
  (await import(${module})).lowerProcessPriority();
  const threads = readdirSync('/proc/self/task').map((id) => os.getPriority(Number(id)));
  console.log(JSON.stringify({ before, threads }));`;

const v8Threads = `
  import { readdirSync, readFileSync } from 'node:fs';
  const before = os.getPriority();
  (await import(${module})).lowerV8Priority();
  const threads = readdirSync('/proc/self/task').map((id) => [
    readFileSync('/proc/self/task/' + id + '/comm', 'utf8').startsWith('V8Worker'),
    os.getPriority(Number(id)),
  ]);
  console.log(JSON.stringify({
    before,
    v8: threads.filter(([isV8]) => isV8).map(([, nice]) => nice),
    others: threads.filter(([isV8]) => !isV8).map(([, nice]) => nice),
  }));`;

describe.runIf(process.platform === 'linux')('on Linux', () => {
  test('a thread lowers its own priority and not that of the others', async () => {
    const { before, inThread, after } = (await printed(thread)) as Record<string, number>;
    expect(inThread).toBe(Math.max(before!, 5));
    expect(after).toBe(before);
  });

  test('a process lowers that of all its threads', async () => {
    const { before, threads } = (await printed(wholeProcess)) as {
      readonly before: number;
      readonly threads: readonly number[];
    };
    expect(threads.length).toBeGreaterThan(3);
    expect([...new Set(threads)]).toEqual([Math.max(before, 10)]);
  });

  test('a process lowers that of the threads of V8 alone', async () => {
    const { before, v8, others } = (await printed(v8Threads)) as {
      readonly before: number;
      readonly v8: readonly number[];
      readonly others: readonly number[];
    };
    expect(v8.length).toBeGreaterThan(0);
    expect([...new Set(v8)]).toEqual([Math.max(before, 5)]);
    expect(others.length).toBeGreaterThan(0);
    expect([...new Set(others)]).toEqual([before]);
  });

  test('a service that has a lower priority already keeps it', async () => {
    const { before, inThread } = (await printed(thread, 19)) as Record<string, number>;
    expect([before, inThread]).toEqual([19, 19]);
  });
});
