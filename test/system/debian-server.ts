// Mail servers of Debian whose packages conflict with each other: each is unpacked into a folder of its own, and runs in a network
// namespace and a mount namespace of its own, on port 25. Nothing is installed.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const isRoot = process.getuid?.() === 0;
const tools = ['/usr/bin/apt-get', '/usr/bin/dpkg', '/usr/bin/unshare'];

/**
 * Whether tests against unpacked servers are to be skipped, saying so in one line. They download packages, so they run only if
 * MAIL_SERVERS is set, as `npm run system` and .ci/run do.
 */
export function skipWithoutServers(what: string): boolean {
  const isAble = isRoot && [...tools, ipCommand].every((tool) => existsSync(tool));
  if (isAble && process.env['MAIL_SERVERS']) return false;
  console.warn(
    `Skipped: ${what}. To run them: MAIL_SERVERS=1, as root on Debian, with iproute2, dpkg and apt-get`,
  );
  return true;
}

const ipCommand = existsSync('/usr/sbin/ip') ? '/usr/sbin/ip' : '/sbin/ip';

const folder = (name: string): string => mkdtempSync(join(tmpdir(), `presend-${name}-`));

/** Downloads packages of Debian and unpacks them into one folder, which it returns. */
export function unpack(packages: readonly string[]): string {
  const root = folder('deb');
  execFileSync('chmod', ['755', root]);
  execFileSync('apt-get', ['download', ...packages], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  for (const file of readdirSync(root).filter((name) => name.endsWith('.deb')))
    execFileSync('dpkg', ['-x', join(root, file), root]);
  return root;
}

export interface DebianServer {
  /** The IP address on which it listens, on port 25. */
  readonly address: string;
  close(): Promise<void>;
}

export interface DebianServerOptions {
  readonly name: string;
  /** The folder of the unpacked packages. */
  readonly root: string;
  /** System users that the server needs; they exist only in its mount namespace. */
  readonly users: readonly string[];
  /** Shell commands that start the server in the foreground. `directory` is writable, and everybody may read it. */
  readonly start: (directory: string, address: string) => string;
  readonly files?: (directory: string, address: string) => Readonly<Record<string, string>>;
}

let servers = 0;

/** Starts a server, and resolves once it listens. */
export async function startDebianServer(options: DebianServerOptions): Promise<DebianServer> {
  const { name, users } = options;
  const number = ++servers;
  const namespace = `ps${process.pid}n${number}`;
  const [outside, inside] = [`pa${process.pid}n${number}`, `pb${process.pid}n${number}`];
  const network = `10.213.${process.pid % 256}`;
  const [ours, address] = [`${network}.${4 * number + 1}`, `${network}.${4 * number + 2}`];
  const directory = folder(name);
  execFileSync('chmod', ['755', directory]);
  for (const [file, text] of Object.entries(options.files?.(directory, address) ?? {}))
    writeFileSync(join(directory, file), text);
  const ip = (...words: string[]) => execFileSync(ipCommand, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  ip('netns', 'add', namespace);
  ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', namespace);
  ip('addr', 'add', `${ours}/30`, 'dev', outside);
  ip('link', 'set', outside, 'up');
  for (const words of [
    ['addr', 'add', `${address}/30`, 'dev', inside],
    ['link', 'set', inside, 'up'],
    ['link', 'set', 'lo', 'up'],
  ])
    ip('-n', namespace, ...words);
  const script = `${accounts(directory, users)}\n${options.start(directory, address)}`;
  const child = spawn(
    ipCommand,
    [
      'netns',
      'exec',
      namespace,
      'unshare',
      '--mount',
      '--pid',
      '--fork',
      '--kill-child',
      'sh',
      '-ec',
      script,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => said.push(String(text)));
  const close = async () => {
    await ended(child);
    ip('netns', 'del', namespace);
    rmSync(directory, { recursive: true, force: true });
  };
  for (let times = 0; times < 400 && child.exitCode === null; times++) {
    if (await listensOn25(address)) return { address, close };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await close();
  throw new Error(`${name} does not start: ${said.join('')}`);
}

/** Gives the server its users, without changing those of the machine. */
function accounts(directory: string, users: readonly string[]): string {
  const etc = join(directory, 'accounts');
  mkdirSync(etc);
  const add = (file: string, line: (user: string, id: number) => string) =>
    writeFileSync(
      join(etc, file),
      readFileSync(`/etc/${file}`, 'utf8') + users.map((user, index) => line(user, 9300 + index)).join(''),
    );
  add('passwd', (user, id) => `${user}:x:${id}:${id}::/nonexistent:/usr/sbin/nologin\n`);
  add('group', (user, id) => `${user}:x:${id}:\n`);
  return ['passwd', 'group'].map((file) => `mount --bind ${join(etc, file)} /etc/${file}`).join('\n');
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else {
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    }
  });
}

function listensOn25(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(25, address);
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
