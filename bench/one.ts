// Runs one bench in a separate process, so other benches cannot warm its caches or fill its memory.

import { benches } from './benches.ts';
import type { Outcome, Size } from './figures.ts';
import { answerWith, startWorker } from './programs.ts';

interface Task {
  readonly name: string;
  readonly size: Size;
}

/** Runs a bench. Rejects if the bench fails; its error is then on standard error. */
export async function runBench(name: string, size: Size): Promise<Outcome> {
  const worker = startWorker<Task, Outcome>('one.ts');
  try {
    return await worker.ask({ name, size });
  } finally {
    worker.close();
  }
}

if (import.meta.main)
  answerWith(async ({ name, size }: Task) => {
    const { run } = await benches[name]!();
    return run(size);
  });
