// Streamed bodies may arrive slowly, but not as slowly as the client likes.

import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Timers } from '../../src/clock.ts';
import { keepPace, UploadTooSlow, uploadPaceOf } from '../../src/http/middleware/upload-pace.ts';
import { startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

const kib = 1024;
const second = 1000;

/** A process that the test runs, and a client of it: `sleep` runs every timer in time, `busy` runs none. */
function simulation() {
  let moment = 0;
  let last = 0;
  const timers = new Map<number, { due: number; callback: () => void }>();
  const settle = async () => {
    for (let turn = 0; turn < 10; turn++) await null;
  };
  const runDue = () => {
    for (const [id, { due, callback }] of [...timers]) if (due <= moment && timers.delete(id)) callback();
  };
  return {
    now: () => moment,
    open: () => timers.size,
    timers: {
      now: () => moment,
      setTimeout(callback, milliseconds) {
        timers.set(++last, { due: moment + milliseconds, callback });
        return last;
      },
      clearTimeout: (timer) => void timers.delete(timer as number),
    } satisfies Timers,
    async sleep(milliseconds: number) {
      const until = moment + milliseconds;
      for (;;) {
        const next = Math.min(...[...timers.values()].map(({ due }) => due));
        if (!(next <= until)) break;
        moment = Math.max(moment, next);
        runDue();
        await settle();
      }
      moment = until;
      await settle();
    },
    async busy(milliseconds: number) {
      moment += milliseconds;
      runDue();
      await settle();
    },
  };
}

type Process = ReturnType<typeof simulation>;

/** Sends `bytes` every `everyMs`, `times` times. Resolves to the time at which the upload was ended, or to null. */
async function upload(
  process: Process,
  bytes: number,
  everyMs: number,
  times: number,
  atPace = keepPace(uploadPaceOf(4 * kib, process.timers)!),
): Promise<number | null> {
  for (let sent = 0; sent < times; sent++) {
    const { promise, resolve } = Promise.withResolvers<{ value: Uint8Array }>();
    let endedAt: number | null = null;
    const read = atPace(promise).catch((error: unknown) => {
      expect(error).toBeInstanceOf(UploadTooSlow);
      endedAt = process.now();
    });
    await process.sleep(everyMs);
    if (endedAt !== null) return endedAt;
    resolve({ value: new Uint8Array(bytes) });
    await read;
  }
  return null;
}

describe('an upload', () => {
  test.each([
    ['20 KiB a second over a mobile network, for an hour', kib, 50, 72_000],
    ['a chunk of 16 KiB every 3 s', 16 * kib, 3 * second, 1000],
    ['just the least pace', 4 * kib, second, 3600],
    ['silent for 29 s before each 120 KiB', 120 * kib, 29 * second, 100],
  ])('passes with %s', async (_, bytes, everyMs, times) => {
    const process = simulation();
    expect(await upload(process, bytes, everyMs, times)).toBeNull();
    expect(process.open()).toBe(0);
  });

  test.each([
    ['nothing', 0, 60 * second, 1, 30 * second],
    ['a byte a second', 1, second, 1000, 30 * second],
    // Of each second, 3 KiB pay for three quarters. The silence of a whole second comes before each of them.
    ['3 of the 4 KiB a second', 3 * kib, second, 1000, 118 * second],
    ['a byte a millisecond', 1, 1, 1_000_000, 40 * second],
  ])('ends with %s', async (_, bytes, everyMs, times, at) => {
    const process = simulation();
    const endedAt = await upload(process, bytes, everyMs, times);
    expect(endedAt).not.toBeNull();
    expect(endedAt! / at).toBeGreaterThan(0.97);
    expect(endedAt! / at).toBeLessThan(1.03);
  });

  test('pays with what it has just sent, and not with what it sent long ago', async () => {
    const process = simulation();
    const atPace = keepPace(uploadPaceOf(4 * kib, process.timers)!);
    expect(await upload(process, 100 * 1024 * kib, second, 1, atPace)).toBeNull();
    expect(await upload(process, 0, 60 * second, 1, atPace)).toBe(31 * second);
  });

  test('does not pay for the time in which its chunks are stored', async () => {
    const process = simulation();
    const atPace = keepPace(uploadPaceOf(4 * kib, process.timers)!);
    for (let chunk = 0; chunk < 10; chunk++) {
      expect(await upload(process, kib, 250, 1, atPace)).toBeNull();
      await process.sleep(60 * second);
    }
  });

  test('does not pay for the time in which the process is busy', async () => {
    const process = simulation();
    const atPace = keepPace(uploadPaceOf(4 * kib, process.timers)!);
    for (let chunk = 0; chunk < 100; chunk++) {
      const { promise, resolve } = Promise.withResolvers<{ value: Uint8Array }>();
      const read = atPace(promise);
      await process.busy(100 * second);
      resolve({ value: new Uint8Array(16 * kib) });
      await read;
    }
  });

  test('is not limited by a pace of 0', () => {
    expect(uploadPaceOf(0, simulation().timers)).toBeNull();
  });
});

test.each([
  ['/v1/jobs', 'Content-Length: 1000', 'email\r\njane'],
  ['/v1/jobs', 'Transfer-Encoding: chunked', '5\r\nemail\r\n'],
  ['/v1/suppressions/import', 'Content-Length: 1000', 'email\r\njane'],
])('POST %s with %s, whose body stops, gets 408 and leaves nothing', async (path, length, sent) => {
  const uploadPace = { bytesPerSecond: 1024 * kib, patienceMs: 60 };
  const service = await startNodeService({ zone, serverLimits: { uploadPace } });
  onTestFinished(() => service.stop());
  const { hostname, port } = new URL(service.url);
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text;
  });
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n${length}\r\n\r\n${sent}`,
  );
  await once(socket, 'close');
  expect(received).toMatch(/^HTTP\/1\.1 408 [\s\S]*connection: close/i);
  expect(received).toContain('"type":"urn:presend:problem:body-timeout"');
  expect(received).toContain('arrived too slowly');
  expect(await (await fetch(`${service.url}/v1/jobs`)).json()).toMatchObject({ items: [] });
  expect(service.log.join()).not.toContain('"level":"error"');
});
