// Compares the forecasts of lists with the simulated bounces.

import { count, emptyTally } from '../../src/lists/tally.ts';
import { type Forecast, forecast } from '../../src/verdict/forecast.ts';
import type { VerdictResponse } from '../../src/verdict/response.ts';
import type { Random } from './random.ts';
import type { SimulatedService } from './service.ts';
import type { World } from './world.ts';

/** Returns for how many of `lists` new lists the bounce rate is within the 90% interval of the forecast. */
export async function coveredForecasts(
  { world, service, random }: { world: World; service: SimulatedService; random: Random },
  { lists, rows }: { lists: number; rows: number },
): Promise<number> {
  let covered = 0;
  for (let list = 0; list < lists; list++) {
    // Half of the lists have one source, as real lists do. The others are a mixture of all sources.
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
  const tally = emptyTally();
  for (const [index, verdict] of verdicts.entries())
    count(tally, verdict, sources[index]!, { rows: 1, duplicates: 0, kept: false });
  return forecast(Object.values(tally.strata));
}
