// Probes stand-in hosts of another process, on a virtual clock, and prints how long it took and the most memory that this process, the
// prober, has had: node bench/mailbox/alone.ts [hosts] [addresses]

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mailbox } from '../../src/address/mailbox.ts';
import { parseMailbox } from '../../src/address/parse.ts';
import type { Connect } from '../../src/mailbox/connect.ts';
import { createProber } from '../../src/mailbox/prober.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { createProbeRepository } from '../../src/storage/sqlite/probe-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { virtualTimers } from '../../test/mailbox/scripted-peer.ts';
import type { FromHosts, ToHosts } from './host-process.ts';

const [hosts = 500, addresses = 20_000] = process.argv.slice(2).map(Number);
const latencyMs = 100;
const seed = 5;
const mebibytes = (bytes: number) => Math.round(bytes / 1_048_576);

const child = fork(
  new URL('./host-process.ts', import.meta.url),
  [hosts, addresses, seed, latencyMs].map(String),
);
const [list] = (await once(child, 'message')) as [string];
const atStart = process.resourceUsage().maxRSS * 1024;

const timers = virtualTimers(Date.UTC(2026, 10, 20));
/** Replies that the other process owes, for which the clock waits. */
let owed = 0;
let arrival: PromiseWithResolvers<void> | null = null;
let connections = 0;
const receivers = new Map<number, (answer: FromHosts) => void>();
child.on('message', (answer: FromHosts) => {
  owed--;
  receivers.get(answer.connection)?.(answer);
  if (owed > 0) return;
  arrival?.resolve();
  arrival = null;
});

const connect: Connect = async ({ host }) => {
  const connection = ++connections;
  const unread: Uint8Array[] = [];
  let waiting: ((bytes: Uint8Array | null) => void) | null = null;
  let isOver = false;
  let text = '';
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const send = (command: string | null) => {
    if (command !== null) {
      owed++;
      arrival ??= Promise.withResolvers();
    }
    child.send({ connection, host, command, now: timers.now() } satisfies ToHosts);
  };
  const give = () => {
    const next = unread.shift();
    if (waiting === null || (next === undefined && !isOver)) {
      if (next !== undefined) unread.unshift(next);
      return;
    }
    const resolve = waiting;
    waiting = null;
    resolve(next ?? null);
  };
  receivers.set(connection, ({ delayMs, text: said, hangsUp }) =>
    timers.setTimeout(() => {
      if (!isOver) unread.push(encoder.encode(said));
      isOver ||= hangsUp;
      give();
    }, delayMs),
  );
  send('');
  return {
    kind: 'connected',
    stream: {
      read: () =>
        new Promise((resolve) => {
          waiting = resolve;
          give();
        }),
      write(bytes) {
        text += decoder.decode(bytes);
        for (let end = text.indexOf('\r\n'); end !== -1; end = text.indexOf('\r\n')) {
          if (!isOver) send(text.slice(0, end));
          text = text.slice(end + 2);
        }
      },
      startTls: async () => null,
      close() {
        isOver = true;
        receivers.delete(connection);
        send(null);
        give();
      },
    },
  };
};

const folder = mkdtempSync(join(tmpdir(), 'presend-alone-'));
const hostOf = new Map<string, string>();
const mailboxes = list.split('\n').map((line): Mailbox => {
  const [address, host] = line.split(' ') as [string, string];
  const parsed = parseMailbox(address);
  if (!parsed.ok) throw new Error(address);
  hostOf.set(parsed.mailbox.domain, host);
  return parsed.mailbox;
});
const prober = createProber({
  session: { connect, identity: { heloName: 'probe.example.org', mailFrom: 'probe@example.org' }, timers },
  targets: { addressesOf: async () => ['192.0.2.1'], random: Math.random },
  repository: createProbeRepository(
    openDatabase(process.env['ALONE_DATABASE'] ?? join(folder, 'presend.db')).database,
  ),
  hasher: nodeHasher(addressHashKey('a key for simulations that is long')),
  mailHostOf: (domain) => ({ kind: 'mx', exchanges: [{ preference: 10, host: hostOf.get(domain)! }] }),
  newSessionName: () => crypto.randomUUID(),
});
const started = timers.now();
const found = await timers.run(
  prober.probe(mailboxes, { until: started + 86_400_000 }),
  () => arrival?.promise ?? null,
);
const counts: Record<string, number> = {};
for (const { proof } of found.values()) counts[proof.kind] = (counts[proof.kind] ?? 0) + 1;
// The host with the most domains has 4: a made-up name in each. A session has 10 recipients, and 5 other commands that are answered.
const questions = Math.ceil(addresses / hosts) + 4;
const sessions = Math.ceil(questions / 10);
const allowedMs = (sessions - 1) * 10_000 + (questions + 5 * sessions) * latencyMs;
const tookMs = timers.now() - started;
const { heapUsed, external } = process.memoryUsage();
console.log(
  JSON.stringify({
    ...{ hosts, addresses, counts, seconds: tookMs / 1000, timesWhatIsAllowed: tookMs / allowedMs },
    maxRssMiB: mebibytes(process.resourceUsage().maxRSS * 1024),
    ...{ atStartMiB: mebibytes(atStart), heapMiB: mebibytes(heapUsed), externalMiB: mebibytes(external) },
  }),
);
rmSync(folder, { recursive: true });
child.disconnect();
