// 300 stand-in mail hosts of 12 behaviors, with addresses of which it is known whether their mailbox exists.

import type { Script } from '../../test/mailbox/scripted-peer.ts';

export const behaviors = [
  'honest',
  'honest',
  'greylisting',
  'catch_all',
  'disabled_and_full',
  'recipient_limit',
  'goodbye_in_the_middle',
  'refuses_all_after_six',
  'refuses_everybody',
  'blocks_us',
  'verifies_nobody',
  'accepts_then_bounces',
  'slow',
] as const;
export type Behavior = (typeof behaviors)[number];

export interface KnownAddress {
  readonly address: string;
  readonly truth: 'exists' | 'unknown' | 'disabled' | 'full';
  readonly host: StandInHost;
}

export interface StandInHost {
  readonly name: string;
  readonly behavior: Behavior;
  readonly domains: readonly string[];
  readonly truths: Map<string, KnownAddress['truth']>;
  /** RCPT commands that came, by address. */
  readonly asked: Map<string, number>;
  /** What a greylisting host has seen, and when. */
  readonly seen: Map<string, number>;
  sessions: number;
  open: number;
  mostOpen: number;
}

export interface StandIns {
  readonly hosts: readonly StandInHost[];
  readonly addresses: readonly KnownAddress[];
  readonly hostOfDomain: ReadonlyMap<string, StandInHost>;
}

/** `random` returns numbers from 0 to below 1. `only`: the behavior of all hosts. */
export function standIns(
  hostCount: number,
  addressCount: number,
  random: () => number,
  only?: Behavior,
): StandIns {
  const hosts: StandInHost[] = [];
  const hostOfDomain = new Map<string, StandInHost>();
  for (let index = 0; index < hostCount; index++) {
    const behavior = only ?? behaviors[index % behaviors.length]!;
    const name = behavior === 'accepts_then_bounces' ? `mta${index}.yahoodns.net` : `mx.mail${index}.example`;
    const domains = Array.from({ length: 1 + (index % 4) }, (_, at) => `d${at}.client${index}.example`);
    const host: StandInHost = {
      ...{ name, behavior, domains, truths: new Map(), asked: new Map(), seen: new Map() },
      ...{ sessions: 0, open: 0, mostOpen: 0 },
    };
    for (const domain of domains) {
      hostOfDomain.set(domain, host);
      if (behavior !== 'refuses_everybody') host.truths.set(`postmaster@${domain}`, 'exists');
    }
    hosts.push(host);
  }
  const addresses: KnownAddress[] = [];
  for (let index = 0; index < addressCount; index++) {
    const host = hosts[index % hostCount]!;
    const domain = host.domains[Math.floor(random() * host.domains.length)]!;
    const address = `user${index}@${domain}`;
    const truth = truthFor(host.behavior, random());
    host.truths.set(address, truth);
    addresses.push({ address, truth, host });
  }
  return { hosts, addresses, hostOfDomain };
}

function truthFor(behavior: Behavior, chance: number): KnownAddress['truth'] {
  if (behavior === 'disabled_and_full' && chance > 0.7) return chance > 0.85 ? 'disabled' : 'full';
  return chance < 0.15 ? 'unknown' : 'exists';
}

const ok = '250 2.1.5 Ok\r\n';
const unknown = (address: string) =>
  `550 5.1.1 <${address}>: Recipient address rejected: User unknown in virtual mailbox table\r\n`;

/** One connection to a host. `latencyMs`: how long each reply takes. */
export function standInScript(
  host: StandInHost,
  now: () => number,
  latencyMs: number,
  isBlocked: boolean,
): Script {
  let recipients = 0;
  let isOver = false;
  host.sessions++;
  host.open++;
  host.mostOpen = Math.max(host.mostOpen, host.open);
  const close = () => {
    if (!isOver) host.open--;
    isOver = true;
  };
  const reply = (command: string): string => {
    const verb = command.split(/[ :]/)[0];
    if (verb === '')
      return isBlocked || host.behavior === 'blocks_us'
        ? '554 5.7.1 Service unavailable; client [192.0.2.9] blocked using zen.spamhaus.org\r\n'
        : `220 ${host.name} ESMTP\r\n`;
    if (verb === 'EHLO') return `250-${host.name}\r\n250 SIZE 1000000\r\n`;
    if (verb === 'RSET') recipients = 0;
    if (verb !== 'RCPT') return verb === 'QUIT' ? '221 Bye\r\n' : '250 2.0.0 Ok\r\n';
    const address = /<(.*)>/.exec(command)![1]!;
    host.asked.set(address, (host.asked.get(address) ?? 0) + 1);
    recipients++;
    return recipientReply(host, address, recipients, now());
  };
  return (command, { say, hangUp, after }) => {
    after(host.behavior === 'slow' ? 12 * latencyMs : latencyMs, () => {
      const text = reply(command);
      say(text);
      if (command === 'QUIT' || /^(421|554 5\.7\.1 Service)/.test(text)) {
        close();
        hangUp();
      }
    });
  };
}

function recipientReply(host: StandInHost, address: string, recipients: number, now: number): string {
  const truth = host.truths.get(address) ?? 'unknown';
  const honest =
    truth === 'exists'
      ? ok
      : truth === 'disabled'
        ? `550 5.2.1 <${address}>: mailbox disabled\r\n`
        : truth === 'full'
          ? `452 4.2.2 <${address}>: mailbox is over quota\r\n`
          : unknown(address);
  switch (host.behavior) {
    case 'catch_all':
    case 'accepts_then_bounces':
      return ok;
    case 'greylisting': {
      const first = host.seen.get(address);
      host.seen.set(address, first ?? now);
      return first !== undefined && now - first >= 290_000
        ? honest
        : '450 4.2.0 Recipient address rejected: Greylisted\r\n';
    }
    case 'recipient_limit':
      return recipients > 4 ? '452 4.5.3 Error: too many recipients\r\n' : honest;
    case 'goodbye_in_the_middle':
      return recipients > 7 ? '421 4.7.0 Error: too many errors\r\n' : honest;
    case 'refuses_all_after_six':
      return recipients > 6 ? unknown(address) : honest;
    case 'refuses_everybody':
      return unknown(address);
    case 'verifies_nobody':
      return '252 2.0.0 Cannot verify, will try\r\n';
    default:
      return honest;
  }
}
