// Simulates the days of a sender. Lists are verified and mailed, and the outcomes are reported. Every prediction is
// compared with the true probability.

import type { VerdictResponse } from '../../src/verdict/response.ts';
import type { Random } from './random.ts';
import type { Happened, SimulatedService } from './service.ts';
import type { Address, World } from './world.ts';

/** An address with its true probability, the verdict on it, and whether mail to it bounced. */
export interface Seen {
  readonly address: Address;
  readonly verdict: VerdictResponse;
  readonly bounced: boolean;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/**
 * Simulates `count` days. Each day, `lists` lists of `rows` addresses are verified, and mailed in the hour after that.
 */
export async function days(
  { world, service, random }: { world: World; service: SimulatedService; random: Random },
  { count, lists, rows }: { count: number; lists: number; rows: number },
): Promise<Seen[]> {
  const seen: Seen[] = [];
  let late: Happened[] = [];
  for (let day = 0; day < count; day++) {
    // Twice a month DNS fails for an hour. Once in ten days a provider refuses all mail for policy reasons.
    const blocked = day % 10 === 9 ? random.pick(['gmail.com', 'outlook.com', 'yahoo.com']) : null;
    const events: Happened[] = late;
    late = [];
    for (let list = 0; list < lists; list++) {
      service.outage(day % 15 === 14 && list === 0);
      const addresses = Array.from({ length: rows }, () => world.address());
      const verdicts = await service.validate(addresses);
      service.sleep(hourMs);
      const at = service.now() - minuteMs;
      for (const [index, address] of addresses.entries()) {
        const bounced = random.unit() < address.truth;
        const what = fate(address, bounced, blocked, random);
        if (what === null) continue;
        if (what === 'bounced' && random.unit() < 0.1) {
          events.push({ address, what: 'delivered', at });
          late.push({ address, what: 'bounced', at: at + dayMs / 2 });
        } else events.push({ address, what, at });
        if (what === 'delivered' || what === 'bounced')
          seen.push({ address, verdict: verdicts[index]!, bounced });
      }
      await tellAll(service, events.splice(0));
    }
    service.outage(false);
    service.sleep(dayMs - lists * hourMs);
  }
  await tellAll(service, late);
  return seen;
}

/**
 * Returns what happens to a message. A few are refused for policy reasons or find a full mailbox, and for a few nothing
 * is reported (null). The service does not learn from these.
 */
function fate(
  { domain }: Address,
  bounced: boolean,
  blocked: string | null,
  random: Random,
): Happened['what'] | null {
  if (domain === blocked) return 'blocked';
  const chance = random.unit();
  if (chance < 0.02) return 'blocked';
  if (chance < 0.03) return 'full';
  if (chance < 0.04) return null;
  return bounced ? 'bounced' : 'delivered';
}

async function tellAll(service: SimulatedService, events: readonly Happened[]): Promise<void> {
  for (let start = 0; start < events.length; start += 1000) {
    const status = await service.tell(events.slice(start, start + 1000));
    if (status !== 200) throw new Error(`the webhook was answered with ${status}`);
  }
}

export interface Scores {
  readonly outcomes: number;
  readonly brier: { readonly told: number; readonly truth: number; readonly prior: number };
  readonly ece: number;
  /** The share of predictions whose interval contains the true probability. */
  readonly coverage: number;
}

const bins = 20;

/** Computes the scores independently, so the report of the service can be checked against them. */
export function scoresOf(seen: readonly Seen[], priorOf: (one: Seen) => number): Scores {
  const brier = { told: 0, truth: 0, prior: 0 };
  const gaps = new Array<number>(bins).fill(0);
  let covered = 0;
  for (const one of seen) {
    const { truth } = one.address;
    const { probability, low, high } = one.verdict.bounce;
    const happened = one.bounced ? 1 : 0;
    brier.told += (probability - happened) ** 2 / seen.length;
    brier.truth += (truth - happened) ** 2 / seen.length;
    brier.prior += (priorOf(one) - happened) ** 2 / seen.length;
    gaps[Math.min(bins - 1, Math.floor(probability * bins))]! += probability - happened;
    // The service rounds the ends of the interval to four digits.
    if (truth >= low - 5e-5 && truth <= high + 5e-5) covered++;
  }
  return {
    outcomes: seen.length,
    brier,
    ece: gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / seen.length,
    coverage: covered / seen.length,
  };
}
