// Programs of the examples: commands that end, servers that listen, and the installed presend service that they ask.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, inject } from 'vitest';
import { type DohServer, startDohServer } from '../dns/doh-server.ts';
import { zone } from '../http/zone.ts';

/** The folder of an example, or of `.` for all of them. */
export const exampleFolder = (name: string): string => join(inject('examples'), name);

type Environment = Readonly<Record<string, string>>;

/** The environment of a program: the Node of this process, no telemetry, and nothing else from this machine. */
const environmentOf = (more: Environment): Environment => ({
  PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
  HOME: tmpdir(),
  NEXT_TELEMETRY_DISABLED: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  CI: '1',
  NO_COLOR: '1',
  ...more,
});

export interface Circumstances {
  readonly cwd: string;
  readonly environment?: Environment;
}

/** Runs a command to its end and returns what it printed. Rejects with its output if it fails. */
export async function run(
  [command, ...args]: readonly [string, ...string[]],
  { cwd, environment = {} }: Circumstances,
): Promise<string> {
  const child = spawn(command, args, {
    cwd,
    env: environmentOf(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = collect(child);
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${printed.text()}`);
  return printed.text();
}

export interface Server {
  readonly url: string;
  /** Resolves to the match as soon as the output has it. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal to its processes. */
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** Starts a server that listens on 127.0.0.1 and prints something that matches `ready`. */
export async function startServer(
  [command, ...args]: readonly [string, ...string[]],
  { cwd, environment = {}, ready, url }: Circumstances & { readonly ready: RegExp; readonly url?: string },
): Promise<Server> {
  // A process group, so that the children of the command end with it.
  const child = spawn(command, args, {
    cwd,
    env: environmentOf(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const output = collect(child);
  const closed = once(child, 'close');
  const signal = (name: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, name);
  };
  const server: Server = {
    url: url ?? '',
    signal,
    printed: (pattern) => output.until(pattern, `${command} ${args.join(' ')}`),
    async stop() {
      signal('SIGKILL');
      await closed;
    },
  };
  try {
    const [, found] = await server.printed(ready);
    return { ...server, url: url ?? found! };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Longer than any program takes on a busy machine, and shorter than vitest waits, so that its output is in the failure. */
const patienceMs = 100_000;

interface Output {
  text(): string;
  until(pattern: RegExp, what: string): Promise<RegExpExecArray>;
}

function collect(child: ChildProcess): Output {
  let text = '';
  const waiting = new Set<() => void>();
  const settle = () => {
    for (const look of waiting) look();
  };
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      settle();
    });
  let ended = false;
  child.once('close', () => {
    ended = true;
    settle();
  });
  return {
    text: () => text,
    until: (pattern, what) =>
      new Promise((resolve, reject) => {
        const finish = (settle: () => void) => {
          waiting.delete(look);
          clearTimeout(timer);
          settle();
        };
        const fail = (why: string) => finish(() => reject(new Error(`${what} ${why}:\n${text}`)));
        const look = () => {
          const found = pattern.exec(text);
          if (found) finish(() => resolve(found));
          else if (ended) fail('ended');
        };
        const timer = setTimeout(() => fail(`did not print ${pattern}`), patienceMs);
        waiting.add(look);
        look();
      }),
  };
}

/** A port that nothing else takes until `release` is called. */
export async function reservePort(): Promise<{ readonly port: number; release(): Promise<void> }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    port,
    async release() {
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

export interface Presend {
  readonly url: string;
  /** Of `POST /v1/validate`. */
  readonly endpoint: string;
  readonly secretKey: string;
  /** The secret of its webhooks. */
  readonly webhookSecret: string;
  /** Creates a publishable key for the pages of an origin. */
  publishableKey(origin: string): Promise<string>;
  /** Calls the API with the secret key. */
  call(path: string, body: object | string, contentType?: string): Promise<unknown>;
  /** Makes the service deaf: it accepts connections and answers nothing. `resume` ends that. */
  pause(): void;
  resume(): void;
}

const adminKey = 'an-admin-key-for-the-examples';
const webhookSecret = `whsec_${Buffer.from('a secret for tests of the examples').toString('base64')}`;

/** Starts the installed service for the tests of a file, with the DNS of `zone`, and returns it once `beforeAll` has run. */
export function presendService(): Presend {
  let service: Server;
  let doh: DohServer;
  let folder: string;
  let secretKey: string;
  const post = async (path: string, key: string, body: object | string, type = 'application/json') => {
    const response = await fetch(service.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': type },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.json();
  };
  const createKey = async (key: object): Promise<string> =>
    ((await post('/v1/keys', adminKey, key)) as { key: string }).key;
  beforeAll(async () => {
    doh = await startDohServer(zone);
    folder = mkdtempSync(join(tmpdir(), 'presend-examples-var-'));
    const cli = exampleFolder('node_modules/presend/dist/src/cli/cli.js');
    service = await startServer([process.execPath, cli, 'serve'], {
      cwd: folder,
      environment: {
        PORT: '0',
        DOH_URLS: doh.url,
        ADMIN_KEY: adminKey,
        CALLBACK_SECRET: webhookSecret,
        CALLBACK_TARGETS: 'loopback',
        // All pages have one IP address, and a fast machine asks more often than a person.
        LIMITS: 'publishable_ip=3000/60,key_lookup_ip=3000/60',
      },
      ready: /listens on (\S+)/,
    });
    secretKey = await createKey({ kind: 'secret', name: 'examples' });
  });
  afterAll(async () => {
    await service?.stop();
    await doh?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    get url() {
      return service.url;
    },
    get endpoint() {
      return `${service.url}/v1/validate`;
    },
    get secretKey() {
      return secretKey;
    },
    webhookSecret,
    publishableKey: (origin) => createKey({ kind: 'publishable', name: 'examples', origins: [origin] }),
    call: (path, body, type) => post(path, secretKey, body, type),
    pause: () => service.signal('SIGSTOP'),
    resume: () => service.signal('SIGCONT'),
  };
}
