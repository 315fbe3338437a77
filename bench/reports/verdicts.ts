// Asks for verdicts at a constant rate, in a process of its own. It has no garbage collection to wait for, nor threads that take a
// processor from the service (see the flags with which reports.ts starts it).

import { setTimeout as delay } from 'node:timers/promises';
import { answerWith } from '../programs.ts';
import { ask } from './ask.ts';

export interface VerdictTask {
  readonly url: string;
  readonly seconds: number;
  readonly verdictsASecond: number;
}

const headers = { 'content-type': 'application/json' };
const body = JSON.stringify({ email: 'jane.doe@brisk-otter.com' });

/** Sends each request when it is due, whether the earlier ones are answered or not, and returns the latencies in milliseconds. */
answerWith<VerdictTask, number[]>(async ({ url, seconds, verdictsASecond }) => {
  const latencies: number[] = [];
  const all: Promise<void>[] = [];
  const began = performance.now();
  for (let sent = 0; sent < seconds * verdictsASecond; sent++) {
    const wait = began + (sent * 1000) / verdictsASecond - performance.now();
    if (wait > 0) await delay(wait);
    const start = performance.now();
    all.push(
      ask(`${url}/v1/validate`, 'POST', headers, body).then(() => {
        latencies.push(performance.now() - start);
      }),
    );
  }
  await Promise.all(all);
  return latencies;
});
