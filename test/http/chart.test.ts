// The charts of the report page: each rectangle has the share of its value.

import { describe, expect, test } from 'vitest';
import { barChart, strip } from '../../src/http/pages/chart.ts';

const rectangles = (svg: string) =>
  [...svg.matchAll(/<rect class="(\w+)" x="([\d.]+)" width="([\d.]+)" y="([\d.]+)" height="([\d.]+)"/g)].map(
    ([, look, x, width, y, height]) => ({ look, x, width, y, height }),
  );

describe('a strip', () => {
  test('has its parts side by side, in percent of the whole', async () => {
    const svg = String(
      await strip(
        [
          { look: 'hard', value: 1 },
          { look: 'soft', value: 2 },
        ],
        4,
        'bounces',
      ),
    );
    expect(rectangles(svg)).toEqual([
      { look: 'hard', x: '0', width: '25', y: '0', height: '1' },
      { look: 'soft', x: '25', width: '50', y: '0', height: '1' },
    ]);
    expect(svg).toContain('aria-label="bounces"');
  });

  test('leaves out parts of nothing, and is empty if the whole is nothing', async () => {
    const parts = [
      { look: 'hard', value: 0 },
      { look: 'soft', value: 2 },
    ];
    expect(rectangles(String(await strip(parts, 4, ''))).map(({ look }) => look)).toEqual(['soft']);
    expect(String(await strip([{ look: 'hard', value: 0 }], 0, ''))).not.toContain('<rect');
  });
});

describe('a bar chart', () => {
  const chart = async (marks: { value: number; look: string }[] = []) =>
    String(
      await barChart({
        label: 'by day',
        bars: [
          {
            title: '<day>',
            parts: [
              { look: 'hard', value: 5 },
              { look: 'none', value: 0 },
              { look: 'soft', value: 5 },
            ],
          },
        ],
        below: ['first'],
        valueText: String,
        leastTop: 10,
        marks,
      }),
    );

  test('stacks the parts of a bar from the bottom, without parts of nothing', async () => {
    const parts = rectangles(await chart()).filter(({ look }) => look !== 'day');
    expect(parts.map(({ look, y, height }) => [look, y, height])).toEqual([
      ['hard', '50', '50'],
      ['soft', '0', '50'],
    ]);
  });

  test('escapes titles', async () => {
    expect(await chart()).toContain('<title>&lt;day&gt;</title>');
  });

  test('draws marks up to the end of its scale', async () => {
    const svg = await chart([
      { value: 5, look: 'inside' },
      { value: 10, look: 'end' },
      { value: 11, look: 'beyond' },
    ]);
    expect(svg).toContain('<line class="mark inside" x1="0" x2="1" y1="50" y2="50"/>');
    expect(svg).toContain('mark end');
    expect(svg).not.toContain('beyond');
  });
});
