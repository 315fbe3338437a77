// Starts the Worker of tests of faults in workerd, and DoH servers for its questions.

import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createResponder } from '../../test/dns/zone.ts';
import { bundleWorker, startWorkerd } from '../../test/http/worker-service.ts';
import { endlessZone } from '../../test/workerd/endless-zone.ts';

export interface Isolate {
  readonly url: string;
  /** The folder in which the local D1 keeps its files. */
  readonly folder: string;
  /** The last lines that workerd and the Worker have printed, without the log lines of requests that succeeded. */
  readonly log: readonly string[];
  /** Resident memory in MiB of the workerd process. It runs the Worker, its D1, its R2 and its queue. */
  residentMiB(): number;
  /** Seconds of processor time that the workerd process has used. */
  cpuSeconds(): number;
  stop(): Promise<void>;
}

let bundle: Promise<string> | undefined;

/** Maximum number of lines in `Isolate.log`. */
const keptLines = 1000;

/** Starts bench/edge/entry.ts with an empty database and the bindings of wrangler.toml, except its rate limits. */
export async function startIsolate(vars: Readonly<Record<string, string>>): Promise<Isolate> {
  bundle ??= bundleWorker('bench/edge/entry.ts');
  const code = await bundle;
  const folder = mkdtempSync(join(tmpdir(), 'presend-edge-'));
  const log: string[] = [];
  const onLog = (text: string) => {
    if (text.includes('"level":"info"')) return;
    log.push(...text.split('\n'));
    log.splice(0, log.length - keptLines);
  };
  const before = new Set(children());
  const { url, stop } = await startWorkerd({
    code,
    vars: { KEYLESS: 'loopback', ADDRESS_HASH_KEY: 'a key of 32 bytes for the bench.', ...vars },
    onLog,
    differences: { ratelimits: {}, resourcePersistencePath: join(folder, 'v3') },
  });
  const pid = children().find((child) => !before.has(child))!;
  return {
    url,
    folder,
    log,
    residentMiB: () =>
      Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024,
    cpuSeconds() {
      const fields = statOf(pid);
      return (Number(fields[11]) + Number(fields[12])) / ticks;
    },
    async stop() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Clock ticks per second in /proc/PID/stat; the same on every Linux. */
const ticks = 100;

/** The fields of /proc/PID/stat after the name of the process. */
const statOf = (pid: string): readonly string[] =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');

/** The process ids of the workerd processes that this process started. */
const children = (): readonly string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        readFileSync(`/proc/${pid}/comm`, 'utf8') === 'workerd\n' &&
        statOf(pid)[1] === String(process.pid)
      );
    } catch {
      // The process has ended.
      return false;
    }
  });

export interface DelayedDoh {
  readonly url: string;
  asked: number;
  close(): void;
}

/** Starts a DoH server that answers every question about `endlessZone` after `ms` milliseconds. */
export async function startDelayedDoh(ms: number): Promise<DelayedDoh> {
  const respond = createResponder(
    endlessZone({ 'mx.brisk-otter.com': { A: ['198.41.0.4'] }, 'cloudflare.com': { A: ['198.41.0.4'] } }),
  );
  const doh = { url: '', asked: 0, close: () => server.close() };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    doh.asked++;
    const reply = respond(new Uint8Array(Buffer.concat(chunks)));
    if (reply === null) return;
    if (ms > 0) await delay(ms);
    response.writeHead(reply.status, { 'content-type': reply.contentType }).end(reply.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  doh.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/dns-query`;
  return doh;
}
