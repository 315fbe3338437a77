// BIND on loopback, serving a zone that a test writes.

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createPlainResolver, type DnsServer } from '../../src/dns/transport/plain.ts';
import { createPlainTransport } from '../../src/dns/transport/plain-node.ts';

const places = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/bin'];
const named = places.map((place) => join(place, 'named')).find((path) => existsSync(path));

/** Whether tests that need BIND are to be skipped, saying so in one line. Never with CI=true. */
export function skipWithoutNamed(what: string): boolean {
  if (named !== undefined || process.env['CI'] === 'true') return false;
  console.warn(`Skipped: ${what}. To run them: apt-get install bind9`);
  return true;
}

export interface Named {
  readonly at: DnsServer;
  /** Serves another zone at the same address. */
  publish(zone: string): Promise<void>;
  close(): Promise<void>;
}

const nobody = 65534;
const isRoot = process.getuid?.() === 0;

/** Serves the root zone with the records in `zone`. `broken` and what is below it is SERVFAIL. Answers when BIND does. */
export async function startNamed(zone: string, broken: string): Promise<Named> {
  if (named === undefined) throw new Error("These tests need Debian's bind9");
  const directory = mkdtempSync(join(tmpdir(), 'presend-named-'));
  const path = (file: string) => join(directory, file);
  const port = await freePort();
  const write = (text: string) =>
    writeFileSync(path('root.zone'), `${text.trim()}\nready.net. TXT "ready"\n`);
  write(zone);
  writeFileSync(
    path('named.conf'),
    `options { directory "${directory}"; pid-file none; session-keyfile none; managed-keys-directory "${directory}";
       listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; dnssec-validation no; notify no;
       empty-zones-enable no; check-names primary ignore; };
     controls { };
     zone "." { type primary; file "root.zone"; };
     zone "${broken}" { type primary; file "there-is-none.zone"; };`,
  );
  if (isRoot) for (const file of ['root.zone', 'named.conf', '.']) chownSync(path(file), nobody, nobody);
  chmodSync(directory, 0o755);
  const command = [named, '-c', path('named.conf'), '-g'];
  // BIND does not serve files that it does not own as root.
  const asNobody = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
  const [file, ...args] = isRoot ? [...asNobody, ...command] : command;
  const at = { address: '127.0.0.1', port };
  let child: ChildProcess;
  const start = async () => {
    child = spawn(file!, args, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr!.on('data', (text) => {
      log += text;
    });
    if (await answers(at, child)) return;
    await close();
    throw new Error(`BIND did not come up: ${log}`);
  };
  const close = async () => {
    await stop(child);
    rmSync(directory, { recursive: true, force: true });
  };
  await start();
  return {
    at,
    // A new process: BIND may take a file of the same second for the one that it has.
    async publish(text) {
      await stop(child);
      write(text);
      await start();
    },
    close,
  };
}

async function answers(at: DnsServer, child: ChildProcess): Promise<boolean> {
  const resolver = createPlainResolver(at, createPlainTransport());
  for (const until = Date.now() + 20_000; Date.now() < until && child.exitCode === null; ) {
    const outcome = await resolver.resolve({ name: 'ready.net', type: 'TXT' }, AbortSignal.timeout(500));
    if (outcome.kind === 'texts') return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => {
    listener.listen(0, '127.0.0.1', resolve);
  });
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return port;
}
