// Forecasts of lists, by verdicts of the service, against what the lists turn out to bounce.

import { type Forecast, forecast, type Stratum } from '../../src/verdict/forecast.ts';
import type { VerdictResponse } from '../../src/verdict/response.ts';
import type { Random } from './random.ts';
import type { SimulatedService } from './service.ts';
import type { World } from './world.ts';

/** How many of `lists` new lists turn out as forecast, within the 90 % interval. */
export async function coveredForecasts(
  { world, service, random }: { world: World; service: SimulatedService; random: Random },
  { lists, rows }: { lists: number; rows: number },
): Promise<number> {
  let covered = 0;
  for (let list = 0; list < lists; list++) {
    // A list has one source, as lists have, or is a mixture of all.
    const source = list % 2 === 0 ? random.pick(world.sources) : undefined;
    const addresses = Array.from({ length: rows }, () => world.address(source));
    const verdicts = await service.validate(addresses);
    const { low, high } = forecastOf(
      verdicts,
      addresses.map((address) => address.source),
    );
    const rate = addresses.filter(({ truth }) => random.unit() < truth).length / rows;
    if (rate >= low && rate <= high) covered++;
  }
  return covered;
}

function forecastOf(verdicts: readonly VerdictResponse[], sources: readonly string[]): Forecast {
  const strata = new Map<string, Stratum>();
  for (const [index, { reason, result, bounce }] of verdicts.entries()) {
    const source = sources[index]!;
    const bounces = bounce.class !== null;
    const key = `${reason} ${bounces} ${source}`;
    const stratum = strata.get(key) ?? {
      reason,
      result,
      bounces,
      source,
      rows: 0,
      expected: 0,
      low: 0,
      high: 0,
    };
    stratum.rows++;
    stratum.expected += bounce.probability;
    stratum.low += bounce.low;
    stratum.high += bounce.high;
    strata.set(key, stratum);
  }
  return forecast([...strata.values()]);
}
