// `npm run bench -- NAME…`: runs the named benches, or all. Prints their figures, saves them in bench/results/, and
// updates docs/benchmarks.md. `--smoke`: see smoke.ts.

import { parseArgs } from 'node:util';
import { benches, smokeNames } from './benches.ts';
import { type Figure, holds, numberText, spreadText, targetText } from './figures.ts';
import { runBench } from './one.ts';
import { writeReport } from './report.ts';
import { circumstances, writeResult } from './results.ts';
import { smoke } from './smoke.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { smoke: { type: 'boolean', default: false }, commit: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`No bench is named ${unknown.join(', ')}. There is: ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}

/** The command of this run, with the environment variables (BENCH_…) that change what is measured. */
const command = [
  ...Object.entries(process.env).flatMap(([name, value]) =>
    name.startsWith('BENCH_') ? [`${name}=${value}`] : [],
  ),
  'npm run bench',
].join(' ');

const rowOf = ({ name, value, unit, ratio }: Figure) => ({
  figure: name,
  median: numberText(value.median),
  range: value.low === value.high ? '' : `${numberText(value.low)}–${numberText(value.high)}`,
  unit,
  ratio: ratio ? spreadText(ratio, '×') : '',
});

if (values.smoke) await smoke(smokeNames, values.commit);
else {
  for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
    console.log(`\n${name}`);
    const began = performance.now();
    const { figures, targets } = await runBench(name, 'full');
    console.table(figures.map(rowOf));
    for (const target of targets) console.log(targetText(target));
    if (!targets.every(holds)) process.exitCode = 1;
    const seconds = Math.round((performance.now() - began) / 1000);
    writeResult({ bench: name, ...circumstances(command), seconds, figures, targets });
  }
  writeReport();
}
