// Runs simulations with many seeds: `npm run simulate -- KIND --seeds A-B`. The kinds are `months` (synthetic months with
// incidents), `years` (quiet years), `gate-years` (years of sends with and without the gate), `diagnoses` and `mailboxes` (probes
// of stand-in mail hosts; 2 minutes a seed). The last line on stdout is JSON with the summary.

import { parseArgs } from 'node:util';
import { simulateGateYears } from './gate-years/simulate.ts';
import { simulateMailboxSeeds } from './mailbox/simulate.ts';
import { simulateDiagnoses, simulateMonths, simulateYears } from './months/simulate.ts';

const simulations = {
  months: simulateMonths,
  years: simulateYears,
  diagnoses: simulateDiagnoses,
  'gate-years': simulateGateYears,
  mailboxes: simulateMailboxSeeds,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string' } },
});
const [kind] = positionals;
// A seed of `mailboxes` takes minutes.
const seeds = /^(\d+)-(\d+)$/.exec(values.seeds ?? (kind === 'mailboxes' ? '1-1' : '1-200'));

if (positionals.length !== 1 || kind === undefined || !Object.hasOwn(simulations, kind) || seeds === null) {
  console.error(
    `usage: simulate KIND [--seeds A-B], where KIND is one of: ${Object.keys(simulations).join(', ')}`,
  );
  process.exitCode = 2;
} else {
  const simulate = simulations[kind as keyof typeof simulations];
  const summary = await simulate(Number(seeds[1]), Number(seeds[2]), (line) => console.error(line));
  console.log(JSON.stringify(summary));
}
