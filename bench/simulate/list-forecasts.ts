// Cleans simulated lists as `presend clean` does, and compares their forecasts with who bounced.

import { cleanList } from '../../src/lists/clean-list.ts';
import { createSeenAddresses } from '../../src/lists/duplicates.ts';
import { openList } from '../../src/lists/read-list.ts';
import { addTally, emptyTally } from '../../src/lists/tally.ts';
import { validatorOver } from '../../src/validator/validate.ts';
import { type Forecast, forecast } from '../../src/verdict/forecast.ts';
import { drawList, type ListWorld, type SimulatedRow } from './list-worlds.ts';
import { randomFrom } from './random.ts';

const asOf = Date.UTC(2026, 10, 20);

const validator = validatorOver({
  mailHosts: {
    lookup: () => ({
      mailHost: { kind: 'mx', exchanges: [{ preference: 10, host: 'mx.brisk-otter.com' }] },
      expires: asOf + 1,
    }),
  },
  suppressions: null,
  now: () => asOf,
  timeoutMs: 1000,
  batchTimeoutMs: 1000,
});

async function* csvOf(rows: readonly SimulatedRow[]): AsyncGenerator<Uint8Array> {
  const lines = rows.map(
    ({ email, date }) => `${email},${date === null ? '' : new Date(date).toISOString().slice(0, 10)}\n`,
  );
  yield new TextEncoder().encode(`email,last delivered\n${lines.join('')}`);
}

export async function forecastOfRows(rows: readonly SimulatedRow[]): Promise<Forecast> {
  const opened = await openList(csvOf(rows));
  if (!opened.ok) throw new Error(opened.error.message);
  const tally = emptyTally();
  for await (const part of cleanList(opened.parts, opened.shape, {
    validator,
    asOf,
    maxAgeDays: 0,
    seen: createSeenAddresses(),
    fromByte: 0,
    patienceMs: 0,
    wait: async () => {},
  })) {
    if (part.kind !== 'rows') throw new Error(`the list ends with ${part.kind}`);
    addTally(tally, part.tally);
  }
  return forecast(Object.values(tally.strata));
}

export interface WorldCoverage {
  /** The share of lists whose bounce rate is within the interval of the forecast, below it, and above it. */
  readonly covered: number;
  readonly below: number;
  readonly above: number;
  /** The mean forecast rate divided by the mean true rate. */
  readonly bias: number;
}

/** Draws `lists` lists of 300 to 3,000 rows in one world, and compares each with its forecast. */
export async function coverageIn(world: ListWorld, lists: number, seed: number): Promise<WorldCoverage> {
  const random = randomFrom(seed);
  let below = 0;
  let above = 0;
  let expected = 0;
  let happened = 0;
  for (let list = 0; list < lists; list++) {
    const rows = drawList(world, Math.round(300 * 10 ** random.unit()), asOf, random);
    const told = await forecastOfRows(rows);
    const rate = rows.filter(({ bounced }) => bounced).length / rows.length;
    if (rate < told.low) below++;
    else if (rate > told.high) above++;
    expected += told.rate;
    happened += rate;
  }
  return {
    covered: 1 - (below + above) / lists,
    below: below / lists,
    above: above / lists,
    bias: expected / happened,
  };
}
