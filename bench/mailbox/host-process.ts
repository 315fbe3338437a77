// The stand-in hosts in a process of their own, so the memory of the prober can be measured alone. Answers messages of alone.ts.

import { seededRandom } from './simulate.ts';
import { standInScript, standIns } from './stand-in-hosts.ts';

/** `command` is null when the prober closes the connection, and '' when it opens one. */
export interface ToHosts {
  readonly connection: number;
  readonly host: string;
  readonly command: string | null;
  readonly now: number;
}

export interface FromHosts {
  readonly connection: number;
  readonly delayMs: number;
  readonly text: string;
  readonly hangsUp: boolean;
}

const [hosts, addresses, seed, latencyMs] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number,
  number,
];
const stand = standIns(hosts, addresses, seededRandom(seed), 'honest');
const byName = new Map(stand.hosts.map((host) => [host.name, host]));
const scripts = new Map<number, ReturnType<typeof standInScript>>();
const clock = { now: 0 };

process.on('message', ({ connection, host, command, now }: ToHosts) => {
  if (command === null) {
    scripts.delete(connection);
    return;
  }
  clock.now = now;
  const script =
    scripts.get(connection) ?? standInScript(byName.get(host)!, () => clock.now, latencyMs, false);
  scripts.set(connection, script);
  const reply = { connection, delayMs: 0, text: '', hangsUp: false };
  script(command, {
    say(text) {
      reply.text += text;
    },
    sayBytes: () => {},
    hangUp() {
      reply.hangsUp = true;
    },
    after(milliseconds, action) {
      reply.delayMs += milliseconds;
      action();
    },
  });
  process.send!(reply satisfies FromHosts);
});
process.on('disconnect', () => process.exit());
process.send!(stand.addresses.map(({ address, host }) => `${address} ${host.name}`).join('\n'));
