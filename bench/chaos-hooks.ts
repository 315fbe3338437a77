// Measures how long an unsigned webhook of the largest size blocks the event loop: every hook route of a service on loopback
// gets every hostile body over HTTP.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { systemTimers } from '../src/clock.ts';
import { hookSettings, hookTargets, hookTime, hostileBodies } from '../test/http/hostile-hooks.ts';
import { startNodeService } from '../test/http/node-service.ts';
import type { PostedRequest } from './chaos-post.ts';

export interface Hold {
  readonly ms: number;
  readonly route: string;
  readonly body: string;
}

/** A case that takes longer than this is measured three times, and the shortest time counts. */
const repeatAfterMs = 20;

/**
 * Returns the longest time that the event loop was blocked, in milliseconds of processor time. `cases` is the number of cases
 * (a route and a body), `served` the number of those that were not refused with 400 or 401.
 */
export async function longestHold(): Promise<{ longest: Hold; cases: number; served: number }> {
  const service = await startNodeService({
    zone: {},
    // Requests of one client would be limited after 60 refusals.
    settings: {
      ...(await hookSettings()),
      ADMIN_KEY: 'admin-key-of-the-bench',
      TRUSTED_PROXIES: '127.0.0.1',
    },
    timers: { ...systemTimers, now: () => hookTime },
  });
  const client = new Worker(new URL('chaos-post.ts', import.meta.url));
  let sent = 0;
  const post = async (
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array<ArrayBuffer>,
  ) => {
    sent += 1;
    const from = `10.${sent >> 16}.${(sent >> 8) & 255}.${sent & 255}`;
    const request: PostedRequest = {
      url: service.url + path,
      headers: { ...headers, 'x-forwarded-for': from },
      body,
    };
    client.postMessage(request);
    const [status] = (await once(client, 'message')) as [number];
    return status;
  };

  let longest: Hold = { ms: 0, route: '', body: '' };
  let cases = 0;
  let served = 0;
  const targets = await hookTargets();
  for (const [body, { type, make }] of Object.entries(hostileBodies)) {
    const made = new Map<number, Uint8Array<ArrayBuffer>>();
    for (const { path, maxBytes, headers } of targets) {
      const bytes = made.get(maxBytes) ?? new TextEncoder().encode(make(maxBytes));
      made.set(maxBytes, bytes);
      let ms = Number.POSITIVE_INFINITY;
      for (let attempt = 0; attempt < 3 && ms > repeatAfterMs; attempt++) {
        let status = 0;
        const turn = await longestTurnMs(async () => {
          status = await post(path, { ...headers, 'content-type': type }, bytes);
        });
        if (attempt === 0 && status !== 400 && status !== 401) served += 1;
        ms = Math.min(ms, turn);
      }
      cases += 1;
      if (ms > longest.ms) longest = { ms, route: path, body };
    }
  }
  await client.terminate();
  await service.stop();
  return { longest, cases, served };
}

/** Returns the longest turn of the event loop while `work` runs, in milliseconds of processor time. */
async function longestTurnMs(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = process.threadCpuUsage();
  let isRunning = true;
  const measure = (): void => {
    const now = process.threadCpuUsage();
    longest = Math.max(longest, (now.user + now.system - last.user - last.system) / 1000);
    last = now;
    if (isRunning) setImmediate(measure);
  };
  await new Promise(setImmediate);
  last = process.threadCpuUsage();
  setImmediate(measure);
  await work();
  await new Promise(setImmediate);
  isRunning = false;
  return longest;
}
