// Real DNS servers on loopback for the system tests: BIND with root.zone, and dnsdist before it speaking DoH and plain DNS.
//
// Besides the names in root.zone: servfail.net and what is below it is SERVFAIL, refused.net is REFUSED, and slow.net takes
// longer than any deadline.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createDohResolver } from '../../src/dns/transport/doh.ts';
import type { DnsServer } from '../../src/dns/transport/plain.ts';

export interface DnsServers {
  /** DoH over plain HTTP. */
  readonly url: string;
  /** Plain DNS, by UDP and TCP. */
  readonly plain: DnsServer;
  /** DoH over TLS, with a certificate for `localhost` that nobody knows. */
  readonly tlsUrl: string;
  /** That certificate, and the key to it, in PEM. */
  readonly certificate: string;
  readonly key: string;
  close(): Promise<void>;
}

const packages = { named: 'bind9', dnsdist: 'dnsdist', openssl: 'openssl' };
const places = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/bin'];
const find = (program: string) =>
  places.map((place) => join(place, program)).find((path) => existsSync(path));
const missing = Object.entries(packages).flatMap(([program, name]) => (find(program) ? [] : [name]));

/**
 * Whether tests that need these servers are to be skipped, saying so in one line. Never with CI=true: there
 * `startDnsServers` then fails.
 */
export function skipWithoutDnsServers(what: string): boolean {
  if (missing.length === 0 || process.env['CI'] === 'true') return false;
  console.warn(`Skipped: ${what}. To run them: apt-get install ${missing.join(' ')}`);
  return true;
}

/** Starts the servers and answers when they do. Throws where a program is missing or does not come up. */
export async function startDnsServers(): Promise<DnsServers> {
  if (missing.length > 0) throw new Error(`These tests need Debian's ${missing.join(', ')}`);
  const directory = mkdtempSync(join(tmpdir(), 'presend-dns-'));
  const slow = await openSilentSocket();
  const [bind, dns, doh, tls] = await freePorts(4);
  prepare(directory, { bind, dns, doh, tls, slow: slow.address().port });
  const children = [
    run('named', ['-c', join(directory, 'named.conf'), '-g'], directory),
    run('dnsdist', ['--supervised', '--disable-syslog', '-C', join(directory, 'dnsdist.conf')], directory),
  ];
  const close = async () => {
    await Promise.all(children.map(stop));
    slow.close();
    rmSync(directory, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${doh}/dns-query`;
  try {
    await answers(url, children);
  } catch (error) {
    await close();
    throw error;
  }
  const [certificate, key] = ['cert.pem', 'key.pem'].map((file) =>
    readFileSync(join(directory, file), 'utf8'),
  );
  return {
    url,
    plain: { address: '127.0.0.1', port: dns! },
    tlsUrl: `https://localhost:${tls}/dns-query`,
    certificate: certificate!,
    key: key!,
    close,
  };
}

type Ports = Record<'bind' | 'dns' | 'doh' | 'tls' | 'slow', number | undefined>;

const nobody = 65534;
const isRoot = process.getuid?.() === 0;

function prepare(directory: string, ports: Ports): void {
  const path = (file: string) => join(directory, file);
  copyFileSync(new URL('./root.zone', import.meta.url), path('root.zone'));
  writeFileSync(
    path('named.conf'),
    `options { directory "${directory}"; pid-file "${path('named.pid')}"; session-keyfile none;
       managed-keys-directory "${directory}"; listen-on port ${ports.bind} { 127.0.0.1; }; listen-on-v6 { none; };
       recursion no; dnssec-validation no; notify no; empty-zones-enable no; };
     controls { };
     zone "." { type primary; file "root.zone"; };
     zone "servfail.net" { type primary; file "there-is-none.zone"; };`,
  );
  writeFileSync(
    path('dnsdist.conf'),
    `setSecurityPollSuffix("")
     setLocal("127.0.0.1:${ports.dns}")
     setACL({"127.0.0.0/8"})
     newServer({address="127.0.0.1:${ports.bind}"}):setUp()
     newServer({address="127.0.0.1:${ports.slow}", pool="slow"}):setUp()
     addDOHLocal("127.0.0.1:${ports.doh}", nil, nil, "/dns-query")
     addDOHLocal("127.0.0.1:${ports.tls}", "${path('cert.pem')}", "${path('key.pem')}", "/dns-query")
     addAction(QNameRule("refused.net."), RCodeAction(DNSRCode.REFUSED))
     addAction(QNameRule("slow.net."), PoolAction("slow"))`,
  );
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2'];
  const files = ['-keyout', path('key.pem'), '-out', path('cert.pem')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync(find('openssl')!, ['req', '-x509', ...key, ...files, ...subject], { stdio: 'ignore' });
  if (!isRoot) return;
  for (const file of ['root.zone', 'named.conf', 'dnsdist.conf', 'cert.pem', 'key.pem'])
    chownSync(path(file), nobody, nobody);
  chownSync(directory, nobody, nobody);
  chmodSync(directory, 0o755);
}

/** Neither program needs root, and named refuses to serve files it does not own as root. */
function run(program: string, args: readonly string[], directory: string): ChildProcess {
  const command = [find(program)!, ...args];
  const asNobody = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
  const [file, ...rest] = isRoot ? [...asNobody, ...command] : command;
  return spawn(file!, rest, { cwd: directory, stdio: 'ignore' });
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

/** There is no other sign that both servers are ready than that they answer. */
async function answers(url: string, children: readonly ChildProcess[]): Promise<void> {
  const resolver = createDohResolver({ url, fetch });
  for (const until = Date.now() + 15_000; Date.now() < until; ) {
    const outcome = await resolver.resolve({ name: 'null-mx.net', type: 'MX' }, AbortSignal.timeout(1000));
    if (outcome.kind === 'mx') return;
    if (children.some(({ exitCode }) => exitCode !== null)) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('BIND and dnsdist did not come up');
}

async function freePorts(count: number): Promise<number[]> {
  const listeners = await Promise.all(
    Array.from({ length: count }, async () => {
      const listener = createServer();
      await new Promise<void>((resolve) => {
        listener.listen(0, '127.0.0.1', resolve);
      });
      return listener;
    }),
  );
  const ports = listeners.map((listener) => (listener.address() as AddressInfo).port);
  await Promise.all(listeners.map((listener) => new Promise((resolve) => listener.close(resolve))));
  return ports;
}

function openSilentSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.bind(0, '127.0.0.1', () => resolve(socket));
  });
}
