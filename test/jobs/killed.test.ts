// A job survives the death of its process at any moment: the file in the end is the one of a run that nobody disturbed.

import { cpSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { emptyFolder, presendServe, type Running } from '../cli/program.ts';
import { createResponder, type Zone } from '../dns/zone.ts';

const kills = 20;
const rows = 48_000;
const domains = 480;

/** Numbers from 0 to 1, the same ones in every run (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A DoH server that takes its time, so that there is a job to interrupt, and counts how far the job has come. */
async function slowDohServer(zone: Zone, delayMs: number) {
  const respond = createResponder(zone);
  let asked = 0;
  let waiting = { until: Number.POSITIVE_INFINITY, resolve: () => {} };
  const server = createServer(async (request: IncomingMessage, response) => {
    if (++asked >= waiting.until) waiting.resolve();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { status, contentType, body } = respond(new Uint8Array(Buffer.concat(chunks)))!;
    setTimeout(() => response.writeHead(status, { 'content-type': contentType }).end(body), delayMs);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/dns-query`,
    /** Settles when so many more questions have come in. */
    heardMore: (count: number): Promise<void> =>
      new Promise((resolve) => {
        waiting = { until: asked + count, resolve };
        if (count === 0) resolve();
      }),
  };
}

const domain = (index: number) => `brisk-otter-${index}.com`;

/** Each slice has domains of its own, some that exist, and rows of slices before it. */
const list = [
  'n,email',
  ...Array.from({ length: rows }, (_, row) => {
    const name = row % 7 === 0 ? 0 : row;
    return `${row},jane.${name}@${domain(name === 0 ? 0 : Math.floor((row * domains) / rows))}`;
  }),
  '',
].join('\n');

const zone: Zone = {
  'mx.brisk-otter.com': { A: ['198.41.0.4'] },
  ...Object.fromEntries(
    Array.from({ length: domains / 2 }, (_, index) => [
      domain(index * 2),
      { MX: [[10, 'mx.brisk-otter.com']] as const },
    ]),
  ),
};

test('killed at 20 random moments, a job loses nothing and repeats nothing', async () => {
  const random = randomNumbers(20261120);
  const doh = await slowDohServer(zone, 30);
  const environment = { DOH_URLS: doh.url, JOB_LANES: '2' };
  const killed = emptyFolder();

  const first = await presendServe(killed, environment);
  const upload = await fetch(`${first.url}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: list,
  });
  const { id } = (await upload.json()) as { id: string };
  await first.stop('SIGKILL');
  // The same job on the same disk, from the same moment on: only the one is disturbed.
  const undisturbed = emptyFolder();
  cpSync(join(killed, 'var'), join(undisturbed, 'var'), { recursive: true });

  const quick = { ...environment, DOH_URLS: (await slowDohServer(zone, 0)).url };
  const expected = await complete(await presendServe(undisturbed, quick), id);
  expect(expected.job).toMatchObject({ state: 'completed', rows, rows_done: rows });

  for (let kill = 0; kill < kills; kill++) {
    const service = await presendServe(killed, environment);
    // Some die while they read the file, the others one or two slices later.
    await doh.heardMore(Math.max(0, Math.floor(random() * 70) - 10));
    await new Promise((resolve) => setTimeout(resolve, random() * 50));
    await service.stop('SIGKILL');
  }
  const last = await presendServe(killed, environment);
  const before = (await (await fetch(`${last.url}/v1/jobs/${id}`)).json()) as { rows_done: number };
  // Some slices were done between the kills, and some were not.
  expect(before.rows_done).toBeGreaterThan(0);
  expect(before.rows_done).toBeLessThan(rows);
  const actual = await complete(last, id);

  expect(actual.file === expected.file).toBe(true);
  expect(actual.job).toEqual({ ...expected.job, ...times(actual.job) });
  const numbers = actual.file.trimEnd().split('\n').slice(1);
  expect(numbers.map((line) => Number(line.split(',')[0]))).toEqual(
    Array.from({ length: rows }, (_, row) => row),
  );
}, 120_000);

type Job = Record<string, unknown>;

const times = ({ started_at, finished_at }: Job): Job => ({ started_at, finished_at });

/** Waits for the end of the job and gives what is to be had then. */
async function complete(service: Running, id: string): Promise<{ job: Job; file: string }> {
  await (await fetch(`${service.url}/v1/jobs/${id}/events`)).text();
  const job = (await (await fetch(`${service.url}/v1/jobs/${id}`)).json()) as Job;
  const file = await (await fetch(`${service.url}/v1/jobs/${id}/result`)).text();
  await service.stop('SIGKILL');
  return { job, file };
}
