// Runs the programs of src/entry as a person would: as processes.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const cli = new URL('../../src/cli/cli.ts', import.meta.url).pathname;

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

/** An empty folder that is gone after the test. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'presend-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Circumstances {
  readonly environment?: Environment;
  /** What stands in standard input. */
  readonly input?: string;
  /** The working folder; an empty one where absent. */
  readonly cwd?: string;
}

/** `presend ARGUMENTS…` to its end. */
export const presend = (args: readonly string[], circumstances: Circumstances = {}): Promise<Finished> =>
  program(cli, args, circumstances);

/** A program in `file` to its end, with nothing in its environment but what is given. */
export async function program(
  file: string,
  args: readonly string[] = [],
  { environment = {}, input = '', cwd = emptyFolder() }: Circumstances = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [file, ...args], { cwd, env: environment });
  const output = collect(child);
  child.stdin!.end(input);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...output };
}

export interface Running {
  readonly url: string;
  readonly output: { readonly stdout: string; readonly stderr: string };
  /** Sends the signal and gives the exit status. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

/** `presend serve` on a free port, until the test ends. */
export async function presendServe(cwd: string, environment: Environment): Promise<Running> {
  const child = spawn(process.execPath, [cli, 'serve'], { cwd, env: { PORT: '0', ...environment } });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const output = collect(child);
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.on('data', () => {
      const found = /listens on (\S+)/.exec(output.stdout);
      if (found) resolve(found[1]!);
    });
    child.once('exit', () => reject(new Error(`it ended: ${output.stderr}`)));
  });
  return {
    url,
    output,
    async stop(signal) {
      // Not 'exit': the last output may arrive after it.
      const ended = once(child, 'close');
      child.kill(signal);
      return ((await ended) as [number | null])[0];
    },
  };
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  return output;
}
