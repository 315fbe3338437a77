// Asks for verdicts at a constant rate, in a process of its own.

import { constants, setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { answerWith } from '../programs.ts';
import { ask, hangUp, requestBytes } from './ask.ts';

export interface VerdictTask {
  readonly port: number;
  readonly seconds: number;
  readonly verdictsASecond: number;
}

// Callers have processors of their own. Here only the service shall wait for one.
try {
  setPriority(constants.priority.PRIORITY_HIGHEST);
} catch {
  // Only root may raise a priority.
}

const headers = { 'content-type': 'application/json' };
const request = requestBytes(
  'POST',
  '/v1/validate',
  headers,
  JSON.stringify({ email: 'jane.doe@brisk-otter.com' }),
);

/** Sends each request when it is due, whether the earlier ones are answered or not, and returns the latencies in milliseconds. */
answerWith<VerdictTask, number[]>(async ({ port, seconds, verdictsASecond }) => {
  const latencies: number[] = [];
  const all: Promise<void>[] = [];
  const began = performance.now();
  for (let sent = 0; sent < seconds * verdictsASecond; sent++) {
    const wait = began + (sent * 1000) / verdictsASecond - performance.now();
    if (wait > 0) await delay(wait);
    const start = performance.now();
    all.push(
      ask(port, request).then(() => {
        latencies.push(performance.now() - start);
      }),
    );
  }
  await Promise.all(all);
  hangUp();
  return latencies;
});
