// Starts our programs in separate processes, and reads what the system says about a process.

import {
  type ChildProcess,
  execFileSync,
  type ForkOptions,
  fork,
  type SpawnOptions,
  spawn,
} from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../', import.meta.url);

/** The environment in which the Dockerfile and docs/presend.service start the service. */
export const asInstalled = { NODE_OPTIONS: '--max-semi-space-size=4', MALLOC_ARENA_MAX: '1' };

/**
 * Builds the published package. It is measured in place of the checkout, where Node strips the types of every module.
 */
export function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Returns the URL of a module of `src/` in the built package. */
export const built = (file: string): string => new URL(`dist/src/${file}`, root).href;

export interface Server {
  readonly url: string;
  readonly child: ChildProcess;
}

/**
 * Starts a server program and waits until it prints where it listens. `file` is its path relative to this folder.
 * Rejects if it ends instead.
 */
export async function startServer(
  file: string,
  args: readonly string[],
  options: SpawnOptions,
): Promise<Server> {
  const child = spawn(process.execPath, [join(import.meta.dirname, file), ...args], options);
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    // Keep reading after the URL was found, because a full pipe would block the program.
    child.stdout!.on('data', (chunk) => {
      if (output.length > 10_000) return;
      output += chunk;
      const found = /listens on (\S+)/.exec(output);
      if (found !== null) resolve(found[1]!);
    });
    child.once('exit', () => reject(new Error(`${file} ended: ${output}`)));
  });
  return { url, child };
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}

/** A program that answers each message with one message. */
export interface Worker<Task, Answer> {
  readonly child: ChildProcess;
  /** Sends a task and resolves to the answer. Rejects if the program ends without an answer. */
  ask(task: Task): Promise<Answer>;
  close(): void;
}

/** Starts a worker, which ends when it is disconnected. */
export function startWorker<Task extends object, Answer>(
  file: string,
  options: ForkOptions & { readonly args?: readonly string[] } = {},
): Worker<Task, Answer> {
  // With this serialization NaN stays NaN; JSON would turn it into null.
  const child = fork(join(import.meta.dirname, file), options.args ?? [], {
    ...options,
    serialization: 'advanced',
  });
  return {
    child,
    ask: (task) =>
      new Promise((resolve, reject) => {
        const ended = () => reject(new Error(`${file} ended`));
        child.once('exit', ended);
        child.once('message', (answer) => {
          child.off('exit', ended);
          resolve(answer as Answer);
        });
        child.send(task);
      }),
    close: () => {
      if (child.connected) child.disconnect();
    },
  };
}

/** Makes this process a worker: it answers each task, and ends when its parent disconnects. */
export function answerWith<Task, Answer>(work: (task: Task) => Promise<Answer>): void {
  process.on('disconnect', () => process.exit());
  process.on('message', async (task) => process.send!(await work(task as Task)));
}

/** Returns the processor time of the process in seconds; NaN if the system has no /proc. */
export function cpuSeconds({ pid }: ChildProcess): number {
  if (!existsSync(`/proc/${pid}/stat`)) return Number.NaN;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Returns the resident memory of the process in bytes, now and at its peak; NaN if the system has no /proc. */
export function residentBytes({ pid }: ChildProcess): { readonly now: number; readonly most: number } {
  if (!existsSync(`/proc/${pid}/status`)) return { now: Number.NaN, most: Number.NaN };
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)![1]) * 1024;
  return { now: bytes('VmRSS'), most: bytes('VmHWM') };
}
