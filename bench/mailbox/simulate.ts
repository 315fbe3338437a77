// Probes stand-in mail hosts on a virtual clock, and compares what is found with what is known.

import { parseMailbox } from '../../src/address/parse.ts';
import type { ProbeFinding } from '../../src/mailbox/probe-finding.ts';
import { createProber } from '../../src/mailbox/prober.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { createProbeRepository } from '../../src/storage/sqlite/probe-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { scriptedConnect, virtualTimers } from '../../test/mailbox/scripted-peer.ts';
import { type Behavior, type StandIns, standInScript, standIns } from './stand-in-hosts.ts';

export interface MailboxSimulation {
  readonly hosts: number;
  readonly addresses: number;
  readonly seed: number;
  /** Whether every host blocks the IP address of the prober. */
  readonly blocked?: boolean;
  readonly latencyMs?: number;
  /** The behavior of all hosts; all behaviors in turn if absent. */
  readonly only?: Behavior;
}

export interface MailboxScore {
  readonly unknownToldWrongly: number;
  /** Share of those told to exist that do not. */
  readonly existsToldWrongly: number;
  /** Shares of the addresses behind catch-all domains, of those at providers that are asked: told and true. */
  readonly catchAllTold: number;
  readonly catchAllTrue: number;
  readonly toldUndeliverable: number;
  /** RCPT commands that were not repetitions after a 4xx, less one a domain, by address. */
  readonly probesPerAddress: number;
  readonly askedTwice: number;
  readonly mostSessionsAtOnce: number;
  readonly hours: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly rssMiB: number;
}

const day = 86_400_000;

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export async function simulateMailboxes({
  hosts,
  addresses,
  seed,
  blocked = false,
  latencyMs = 100,
  only,
}: MailboxSimulation): Promise<MailboxScore> {
  const random = seededRandom(seed);
  const stand = standIns(hosts, addresses, random, only);
  const timers = virtualTimers(Date.UTC(2026, 10, 20));
  const byName = new Map(stand.hosts.map((host) => [host.name, host]));
  let sessions = 0;
  const prober = createProber({
    session: {
      connect: async (target, signal) => {
        const script = () => standInScript(byName.get(target.host)!, timers.now, latencyMs, blocked);
        return scriptedConnect(script, timers, { commands: new Discarded(), connections: 0 })(target, signal);
      },
      identity: { heloName: 'probe.example.org', mailFrom: 'probe@example.org' },
      timers,
    },
    targets: { addressesOf: async () => ['192.0.2.1'], random },
    repository: createProbeRepository(openDatabase(':memory:').database),
    hasher: nodeHasher(addressHashKey('a key for simulations that is long')),
    mailHostOf: (domain) => ({
      kind: 'mx',
      exchanges: [{ preference: 10, host: stand.hostOfDomain.get(domain)!.name }],
    }),
    newSessionName: () => String(++sessions),
    maxSessions: 1000,
  });
  const mailboxes = stand.addresses.map(({ address }) => {
    const parsed = parseMailbox(address);
    if (!parsed.ok) throw new Error(address);
    return parsed.mailbox;
  });
  const started = timers.now();
  let rss = 0;
  const onProgress = (settled: number) => {
    if (settled % 500 === 0) rss = Math.max(rss, process.memoryUsage.rss());
  };
  const found = await timers.run(prober.probe(mailboxes, { until: started + 4 * day, onProgress }));
  return score(stand, found, (timers.now() - started) / 3_600_000, rss);
}

/** Commands are counted by the hosts; a log of all of them would only take memory. */
class Discarded extends Array<string> {
  override push(): number {
    return 0;
  }
}

function score(
  stand: StandIns,
  found: ReadonlyMap<string, ProbeFinding>,
  hours: number,
  rss: number,
): MailboxScore {
  const counts: Record<string, number> = {};
  const tally = { exists: 0, existsWrong: 0, unknownWrong: 0, undeliverable: 0 };
  const shares = { told: 0, true: 0, all: 0 };
  for (const { address, truth, host } of stand.addresses) {
    const { proof } = found.get(address)!;
    const told = 'cause' in proof ? `${proof.kind} ${proof.cause}` : proof.kind;
    const key = `${host.behavior}: ${told}`;
    counts[key] = (counts[key] ?? 0) + 1;
    if (proof.kind === 'exists') {
      tally.exists++;
      if (truth === 'unknown' || truth === 'disabled') tally.existsWrong++;
    }
    if (proof.kind === 'unknown_user' || proof.kind === 'disabled') {
      tally.undeliverable++;
      if (truth !== 'unknown' && truth !== 'disabled') tally.unknownWrong++;
    }
    if (proof.kind === 'not_checked') continue;
    shares.all++;
    if (proof.kind === 'catch_all') shares.told++;
    if (host.behavior === 'catch_all') shares.true++;
  }
  return {
    unknownToldWrongly: tally.unknownWrong,
    existsToldWrongly: tally.exists === 0 ? 0 : tally.existsWrong / tally.exists,
    catchAllTold: shares.told / shares.all,
    catchAllTrue: shares.true / shares.all,
    toldUndeliverable: tally.undeliverable,
    ...probes(stand),
    mostSessionsAtOnce: Math.max(...stand.hosts.map(({ mostOpen }) => mostOpen)),
    hours,
    counts,
    rssMiB: Math.round(rss / 1_048_576),
  };
}

function probes({ hosts, addresses }: StandIns): { probesPerAddress: number; askedTwice: number } {
  const people = new Set(addresses.map(({ address }) => address));
  let sent = 0;
  let domains = 0;
  let askedTwice = 0;
  for (const { behavior, asked, domains: own } of hosts) {
    if (asked.size > 0) domains += own.length;
    // Asking again after a 4xx does not count.
    const repeats =
      behavior === 'greylisting' || behavior === 'recipient_limit' || behavior === 'goodbye_in_the_middle';
    for (const [address, times] of asked) {
      sent += repeats && !address.startsWith('postmaster@') ? 1 : times;
      if (!repeats && times > 1 && people.has(address)) askedTwice++;
    }
  }
  return { probesPerAddress: (sent - domains) / addresses.length, askedTwice };
}

/** One run of the full size for each seed, for `npm run simulate -- mailboxes`. Returns the worst figures. */
export async function simulateMailboxSeeds(
  from: number,
  to: number,
  print: (line: string) => void,
): Promise<object> {
  const worst = {
    unknownToldWrongly: 0,
    existsToldWrongly: 0,
    catchAllOff: 0,
    probesPerAddress: 0,
    blockedTold: 0,
  };
  for (let seed = from; seed <= to; seed++) {
    const full = { hosts: 300, addresses: 20_000, seed };
    const { counts, ...figures } = await simulateMailboxes(full);
    const blocked = await simulateMailboxes({ ...full, blocked: true });
    worst.unknownToldWrongly = Math.max(worst.unknownToldWrongly, figures.unknownToldWrongly);
    worst.existsToldWrongly = Math.max(worst.existsToldWrongly, figures.existsToldWrongly);
    worst.catchAllOff = Math.max(worst.catchAllOff, Math.abs(figures.catchAllTold - figures.catchAllTrue));
    worst.probesPerAddress = Math.max(worst.probesPerAddress, figures.probesPerAddress);
    worst.blockedTold = Math.max(worst.blockedTold, blocked.toldUndeliverable);
    print(JSON.stringify({ seed, ...figures, counts }));
  }
  return worst;
}
