// Our programs in processes of their own, and what the system says of a process.

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

/** What the Dockerfile and docs/presend.service start the service with. */
export const asInstalled = { NODE_OPTIONS: '--max-semi-space-size=4', MALLOC_ARENA_MAX: '1' };

/** Builds what is published: in a checkout Node would strip the types of every module. */
export function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** The URL of a module of `src/` as it is published. */
export const built = (file: string): string => new URL(`dist/src/${file}`, root).href;

export interface Server {
  readonly url: string;
  readonly child: ChildProcess;
}

/** A program of ours, by its path from here, that says where it listens. Rejects where it ends instead. */
export async function startServer(
  file: string,
  args: readonly string[],
  options: SpawnOptions,
): Promise<Server> {
  const child = spawn(process.execPath, [join(import.meta.dirname, file), ...args], options);
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    // Read to the end, since a full pipe would stop the program.
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
  /** Rejects where the program ends without an answer. */
  ask(task: Task): Promise<Answer>;
  close(): void;
}

/** Starts a worker, which ends when it is disconnected. */
export function startWorker<Task extends object, Answer>(
  file: string,
  options: ForkOptions & { readonly args?: readonly string[] } = {},
): Worker<Task, Answer> {
  // What is not a number stays so; JSON would make null of it.
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

/** Has the worker that this process is answer each task, and end with whoever asks. */
export function answerWith<Task, Answer>(work: (task: Task) => Promise<Answer>): void {
  process.on('disconnect', () => process.exit());
  process.on('message', async (task) => process.send!(await work(task as Task)));
}

/** Seconds that the process has been on a processor; NaN where the system has no /proc. */
export function cpuSeconds({ pid }: ChildProcess): number {
  if (!existsSync(`/proc/${pid}/stat`)) return Number.NaN;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Bytes of memory that the process holds, now and at most; NaN where the system has no /proc. */
export function residentBytes({ pid }: ChildProcess): { readonly now: number; readonly most: number } {
  if (!existsSync(`/proc/${pid}/status`)) return { now: Number.NaN, most: Number.NaN };
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)![1]) * 1024;
  return { now: bytes('VmRSS'), most: bytes('VmHWM') };
}
