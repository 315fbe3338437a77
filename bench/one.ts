// One bench in a process of its own, which no other has warmed or filled.

import { benches } from './benches.ts';
import type { Outcome, Size } from './figures.ts';
import { answerWith, startWorker } from './programs.ts';

interface Task {
  readonly name: string;
  readonly size: Size;
}

/** Rejects where the bench fails; what it says then stands on standard error. */
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
