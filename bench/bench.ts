// `npm run bench -- NAME…`: runs the benches named, or all, and prints their figures, targets and one line of JSON.

import type { Bench } from './figures.ts';

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  hedge: () => import('./hedge.ts'),
  list: () => import('./list.ts'),
  verdict: () => import('./verdict.ts'),
  http: () => import('./http.ts'),
  start: () => import('./start.ts'),
  typo: () => import('./typo.ts'),
  disposable: () => import('./disposable.ts'),
  simulate: () => import('./simulate.ts'),
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`No bench is named ${unknown.join(', ')}. There is: ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}

const round = (value: number) => Number(value.toPrecision(4));

for (const name of names.length > 0 ? names : Object.keys(benches)) {
  const { run } = await benches[name]!();
  const { figures, targets } = await run();
  console.log(`\n${name}`);
  console.table(
    figures.map((figure) => ({
      figure: figure.name,
      value: round(figure.value),
      unit: figure.unit,
      ratio: figure.ratio === undefined ? '' : round(figure.ratio),
    })),
  );
  for (const { claim, holds } of targets) console.log(`${holds ? 'PASS' : 'FAIL'}  ${claim}`);
  console.log(JSON.stringify({ bench: name, figures, targets }));
  if (targets.some(({ holds }) => !holds)) process.exitCode = 1;
}
