// Tests what must not change the predicted probabilities much: a few outcomes of a new source, many outcomes of another
// source, and events without a valid signature.

import type { VerdictResponse } from '../../src/verdict/response.ts';
import { randomFrom } from './random.ts';
import { days } from './run.ts';
import { type Happened, type SimulatedService, startService } from './service.ts';
import { type Address, createWorld, truthAsPriors, type World } from './world.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

async function settled(seed: number): Promise<{ world: World; service: SimulatedService }> {
  const world = createWorld(seed, truthAsPriors);
  const service = await startService(world.zone);
  await days({ world, service, random: randomFrom(seed) }, { count: 20, lists: 3, rows: 200 });
  return { world, service };
}

let made = 0;

/** Returns ordinary addresses of one source, all at one domain that hosts its own mail. */
const ordinary = (source: string, count: number): Address[] =>
  Array.from({ length: count }, () => {
    const domain = 'own-tenant-1.org';
    return { email: `somebody${++made}@${domain}`, source, ageDays: null, domain, truth: 0 };
  });

type Bounce = VerdictResponse['bounce'];

/** The bounce that the service predicts for an ordinary address of this source. */
async function predictionOf(service: SimulatedService, source: string): Promise<Bounce> {
  const [verdict] = await service.validate(ordinary(source, 1));
  return verdict!.bounce;
}

/** Verifies addresses of a source, and reports an event for each of them: the one that `what` returns for its index. */
async function mail(
  service: SimulatedService,
  source: string,
  count: number,
  what: (index: number) => Happened['what'],
  secret?: string,
): Promise<number> {
  const addresses = ordinary(source, count);
  await service.validate(addresses);
  service.sleep(hourMs);
  const at = service.now() - minuteMs;
  const events = addresses.map((address, index) => ({ address, what: what(index), at }));
  let status = 0;
  for (let start = 0; start < events.length; start += 1000)
    status = await service.tell(events.slice(start, start + 1000), secret);
  service.sleep(hourMs);
  await service.validate([]);
  return status;
}

/**
 * Returns the predicted probability for a source without outcomes, and after two of its first five messages have
 * bounced.
 */
export async function newcomer(): Promise<{ before: number; after: number }> {
  const { service } = await settled(51);
  const before = (await predictionOf(service, 'newcomer')).probability;
  await mail(service, 'newcomer', 5, (index) => (index < 2 ? 'bounced' : 'delivered'));
  const after = (await predictionOf(service, 'newcomer')).probability;
  service.close();
  return { before, after };
}

export interface Poisoned {
  /**
   * The prediction for a source with outcomes (`before`), and its probability after another source reported only
   * bounces (`after`).
   */
  readonly before: Bounce;
  readonly after: number;
  /** The probability for a source without outcomes, after those bounces. */
  readonly unseen: number;
  /** True if events with a wrong secret were rejected and did not change the prediction. */
  readonly forged: boolean;
}

export async function poisoned(bounces = 20_000): Promise<Poisoned> {
  const { service } = await settled(52);
  await mail(service, 'shop', 2000, (index) => (index % 100 === 0 ? 'bounced' : 'delivered'));
  const before = await predictionOf(service, 'shop');
  const status = await mail(service, 'shop', 1000, () => 'bounced', 'a-guess');
  const forged = status === 401 && (await predictionOf(service, 'shop')).probability === before.probability;
  await mail(service, 'poison', bounces, () => 'bounced');
  const after = (await predictionOf(service, 'shop')).probability;
  const unseen = (await predictionOf(service, 'unseen')).probability;
  service.close();
  return { before, after, unseen, forged };
}
