// The page and the picture of the benchmarks are made of the results, and of nothing else.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { exactly } from '../../bench/figures.ts';
import { chart } from '../../bench/report/chart.ts';
import { table, withGenerated } from '../../bench/report/table.ts';
import { report } from '../../bench/report.ts';
import type { Result } from '../../bench/results.ts';

const result: Result = {
  bench: 'start',
  date: '2026-01-31',
  command: 'npm run bench',
  node: '24.0.0',
  cpu: 'Some Processor',
  cores: 4,
  seconds: 60,
  figures: [],
  targets: [
    {
      name: 'service <listening>',
      measured: { median: 176, low: 166, high: 200.4 },
      bound: 'at most',
      limit: 160,
      unit: 'ms',
    },
    { name: 'rows astray', measured: exactly(0), bound: 'at most', limit: 0, unit: '' },
  ],
};

test.each(Object.entries(report()))('%s is what `node bench/report.ts` writes', (file, text) => {
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('the table names the figure, the limit and the machine', () => {
  expect(table([result])).toBe(`1 of 2 targets are met.

| bench   | what is measured    | measured: median (range) | target   |            |
| ------- | ------------------- | ------------------------ | -------- | ---------- |
| \`start\` | service <listening> | 176 ms (166–200)         | ≤ 160 ms | **missed** |
|         | rows astray         | 0                        | ≤ 0      | met        |

\`start\`: 2026-01-31, 4 cores of Some Processor, Node 24.0.0, \`npm run bench\`.`);
});

test('keeps the text around the generated part', () => {
  const page = withGenerated(
    'before\n<!-- Written by `node bench/report.ts`. -->\nold\n<!-- Here the written part ends. -->\nafter\n',
    'new',
  );
  expect(page).toBe(
    'before\n<!-- Written by `node bench/report.ts`. -->\n\nnew\n\n<!-- Here the written part ends. -->\nafter\n',
  );
  expect(() => withGenerated('no marks', 'new')).toThrow('marks');
});

test('the picture names every target, draws what has a margin, and escapes what is text', () => {
  const picture = chart([result]);
  expect(picture).toContain('service &#60;listening&#62;');
  expect(picture).toContain('✗ 176  (≤ 160 ms)');
  expect(picture).toContain('✓ 0  (≤ 0)');
  expect(picture.match(/<rect class="(met|missed)"/g)).toEqual(['<rect class="missed"']);
  expect(picture).not.toContain('NaN');
});
