// DNS resolvers that lie. Measures how many verdicts of the library are then wrong, and how many more DNS questions it
// asks because it lets other resolvers confirm a bad answer.

import { fetchTransport } from '../src/dns/transport/fetch.ts';
import { createValidator } from '../src/index.ts';
import { createResponder, fetchFrom, type Records, type Responder, type Zone } from '../test/dns/zone.ts';

const count = 100;
const numbered = (kind: string, many = count): string[] =>
  Array.from({ length: many }, (_, index) => `${kind}${index}.brisk-otters.net`);

const alive: Records = { MX: [[10, 'mx.brisk-otter.com']] };
const zoneOf = (live: readonly string[]): Zone => ({
  'mx.brisk-otter.com': { A: ['198.41.0.4'] },
  ...Object.fromEntries(live.map((name) => [name, alive])),
});

/** A zone in which every name has the same records. */
const everywhere = (records: Records): Zone => new Proxy<Zone>({}, { get: () => records });

/** Returns `zone` with `records` in place of the true ones of the same types, for every name that exists. */
const changed = (zone: Zone, records: Records): Zone =>
  new Proxy<Zone>(zone, {
    get: (real, name: string) => (real[name] === undefined ? undefined : { ...real[name], ...records }),
  });

/**
 * Returns `zone`, but with an address for every name that does not exist. Some internet providers do so to show a
 * search page.
 */
const withSearchPage = (zone: Zone): Zone =>
  new Proxy<Zone>(zone, { get: (real, name: string) => real[name] ?? { A: ['198.41.0.4'] } });

const liesAbout = (zone: Zone): Readonly<Record<string, Zone>> => ({
  NXDOMAIN: {},
  NODATA: everywhere({}),
  'null MX': everywhere({ MX: [[0, '.']] }),
  '0.0.0.0': changed(zone, { A: ['0.0.0.0'] }),
  '0.0.0.0 without MX': everywhere({ A: ['0.0.0.0'], AAAA: ['::'] }),
  'the address of a portal': everywhere({ A: ['10.0.0.1'] }),
  'an MX that does not exist': new Proxy<Zone>(
    {},
    {
      get: (_, name: string) =>
        name.startsWith('gone.') ? undefined : { MX: [[0, 'gone.brisk-otters.net']] },
    },
  ),
  'records of another type': everywhere({ fault: 'captive portal' }),
});

interface Judged {
  readonly undeliverable: number;
  readonly deliverable: number;
  readonly questions: number;
}

async function judged(responders: readonly Responder[], domains: readonly string[]): Promise<Judged> {
  let questions = 0;
  const fetches = responders.map(fetchFrom);
  const fetchOf: typeof fetch = async (url, init) => {
    questions++;
    return fetches[Number(/r(\d)\./.exec(String(url))![1])]!(url, init);
  };
  const validator = createValidator({
    dohUrls: responders.map((_, index) => `https://r${index}.example/dns-query`),
    transport: fetchTransport(fetchOf),
    timeoutMs: 20_000,
    batchTimeoutMs: 60_000,
  });
  const { verdicts } = await validator.validateBatch(domains.map((domain) => ({ email: `jane@${domain}` })));
  const having = (result: string) => verdicts.filter((verdict) => verdict.result === result).length;
  return { undeliverable: having('undeliverable'), deliverable: having('deliverable'), questions };
}

export interface LieFigures {
  /** Number of verdicts about domains that accept mail, and how many of these verdicts were `undeliverable`. */
  readonly aboutLive: number;
  readonly liveUndeliverable: number;
  /**
   * Number of verdicts about dead domains while one resolver returns an address for each, and how many were
   * `deliverable`.
   */
  readonly aboutWildcard: number;
  readonly deadDeliverable: number;
  /** Percentage of dead domains that are `undeliverable` if all resolvers are honest. */
  readonly honestDead: number;
  /**
   * DNS questions for a list of 95% live domains, divided by those with a single resolver whose answers nobody
   * confirms.
   */
  readonly questions: number;
}

/** Measures every lie, by each of the three resolvers in turn. */
export async function measureLies(): Promise<LieFigures> {
  const live = numbered('live');
  const dead = numbered('dead');
  const zone = zoneOf(live);
  const honest = createResponder(zone);
  const beside = (lie: Zone, place: number): Responder[] =>
    [0, 1, 2].map((index) => (index === place ? createResponder(lie) : honest));
  const sums = { aboutLive: 0, liveUndeliverable: 0, aboutWildcard: 0, deadDeliverable: 0 };
  for (const place of [0, 1, 2]) {
    for (const lie of Object.values(liesAbout(zone))) {
      sums.liveUndeliverable += (await judged(beside(lie, place), live)).undeliverable;
      sums.aboutLive += count;
    }
    sums.deadDeliverable += (await judged(beside(withSearchPage(zone), place), dead)).deliverable;
    sums.aboutWildcard += count;
  }
  const three = [honest, honest, honest];
  const { undeliverable } = await judged(three, dead);
  const many = numbered('live', 950);
  const list = [...many, ...numbered('dead', 50)];
  const ofList = createResponder(zoneOf(many));
  const witnessed = await judged([ofList, ofList, ofList], list);
  const believed = await judged([ofList], list);
  return {
    ...sums,
    honestDead: (100 * undeliverable) / count,
    questions: witnessed.questions / believed.questions,
  };
}
