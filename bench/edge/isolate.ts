// Starts the Worker in workerd with `wrangler dev`, and DoH servers for its questions.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createResponder } from '../../test/dns/zone.ts';
import { endlessZone } from '../../test/workerd/endless-zone.ts';

const root = join(import.meta.dirname, '../..');

export interface Isolate {
  readonly url: string;
  /** The folder in which the local D1 keeps its files. */
  readonly folder: string;
  /** The lines that `wrangler dev` has printed so far. */
  readonly log: readonly string[];
  /** Resident memory in MiB of the workerd process that runs the Worker, its local D1 and its local R2. */
  residentMiB(): number;
  /** Resident memory in MiB of all other workerd processes, that is, of the proxy of `wrangler dev`. */
  proxyMiB(): number;
  stop(): Promise<void>;
}

const environment = {
  ...process.env,
  CI: '1',
  NO_COLOR: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
};

const wrangler = join(root, 'node_modules/.bin/wrangler');

/** Starts bench/edge/entry.ts with an empty database and the bindings of wrangler.toml. */
export async function startIsolate(vars: Readonly<Record<string, string>>): Promise<Isolate> {
  const folder = mkdtempSync(join(tmpdir(), 'presend-edge-'));
  const common = ['--local', '--persist-to', folder];
  execFileSync(wrangler, ['d1', 'migrations', 'apply', 'presend', ...common], {
    cwd: root,
    env: environment,
  });
  const [port, inspectorPort] = [await freePort(), await freePort()];
  const child = spawn(
    wrangler,
    [
      ...['dev', 'bench/edge/entry.ts', ...common, '--ip', '127.0.0.1'],
      ...[
        '--port',
        `${port}`,
        '--inspector-port',
        `${inspectorPort}`,
        '--show-interactive-dev-session=false',
      ],
      ...Object.entries({
        KEYLESS: 'loopback',
        ADDRESS_HASH_KEY: 'a key of 32 bytes for the bench.',
        ...vars,
      }).flatMap(([name, value]) => ['--var', `${name}:${value}`]),
    ],
    { cwd: root, env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const log: string[] = [];
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (chunk: Buffer) => log.push(...`${chunk}`.split('\n').filter(Boolean)));
  const url = `http://127.0.0.1:${port}`;
  await isUp(child, url, log);
  return {
    url,
    folder,
    log,
    residentMiB: () => residentMiB(child.pid!, (pid) => hasOpen(pid, folder)),
    proxyMiB: () => residentMiB(child.pid!, (pid) => !hasOpen(pid, folder)),
    async stop() {
      const ended = once(child, 'exit');
      process.kill(-child.pid!, 'SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function isUp(child: ChildProcess, url: string, log: readonly string[]): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) break;
    const status = await fetch(`${url}/healthz`).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    await delay(200);
  }
  throw new Error(`wrangler dev does not answer: ${log.join('\n')}`);
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Returns the resident memory of the workerd processes in the process group for which `isMeant` is true. */
function residentMiB(group: number, isMeant: (pid: string) => boolean): number {
  let kib = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [, name, , , ofGroup] = /^\d+ \((.*)\) (\S+) (\d+) (\d+)/.exec(fields)!;
      if (name !== 'workerd' || Number(ofGroup) !== group || !isMeant(pid)) continue;
      kib += Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
    } catch {
      // The process has ended.
    }
  return kib / 1024;
}

/** Whether a process holds a database in `folder` open. */
const hasOpen = (pid: string, folder: string): boolean =>
  readdirSync(`/proc/${pid}/fd`).some((fd) => {
    try {
      const file = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return file.startsWith(folder) && file.endsWith('.sqlite');
    } catch {
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
