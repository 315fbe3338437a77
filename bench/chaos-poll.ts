// A healthy client in a separate thread. It polls one route until it receives a message, and then reports the 99th
// percentile and the longest of its durations in milliseconds.

import { parentPort, workerData } from 'node:worker_threads';

const { url, path } = workerData as { url: string; path: string };
const init: RequestInit =
  path === '/v1/validate'
    ? {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"email":"jane@brisk-otter.com"}',
      }
    : {};

/** Number of requests that are not measured, because the first requests load modules and compile code. */
const warmUp = 30;

let stopped = false;
parentPort!.once('message', () => {
  stopped = true;
});
const durations: number[] = [];
for (let count = 0; !stopped; count++) {
  if (count === warmUp) parentPort!.postMessage('started');
  const started = performance.now();
  const response = await fetch(url + path, init);
  await response.arrayBuffer();
  if (count >= warmUp) durations.push(response.ok ? performance.now() - started : Number.POSITIVE_INFINITY);
  await new Promise((resolve) => setTimeout(resolve, 5));
}
durations.sort((one, other) => one - other);
parentPort!.postMessage({ p99: durations[Math.floor(durations.length * 0.99)], longest: durations.at(-1) });
