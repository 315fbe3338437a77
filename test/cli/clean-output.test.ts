// What `presend clean` shows: a line that is redrawn, and a table at the end.

import { describe, expect, test } from 'vitest';
import { progressLine, summaryTable } from '../../src/cli/clean-output.ts';
import { summaryOf } from '../../src/lists/summary.ts';
import { emptyTally } from '../../src/lists/tally.ts';

describe('the progress line', () => {
  function begun(total: number | null, byte = 0, rows = 0) {
    let now = 1000;
    const written: string[] = [];
    const line = progressLine(
      (text) => written.push(text),
      () => now,
    );
    line.begin(total, byte, rows);
    written.length = 0;
    return {
      line,
      /** What is drawn after so many milliseconds. */
      at(ms: number, atByte: number, atRows: number): string | undefined {
        now = 1000 + ms;
        written.length = 0;
        line.at(atByte, atRows);
        return written.length === 0 ? undefined : written.join('').replace('\r\x1b[K', '');
      },
      written,
    };
  }

  test('has a bar, the share, the rows, their rate and the time left', () => {
    const { at } = begun(1000);
    expect(at(2000, 250, 4000)).toBe(
      `${'█'.repeat(6)}${'░'.repeat(18)}  25 %  4,000 rows  2,000 rows/s  0:06 left`,
    );
  });

  test('a resumed run counts its rate from where it began', () => {
    expect(begun(1000, 500, 1000).at(2000, 750, 3000)).toContain(
      ' 75 %  3,000 rows  1,000 rows/s  0:02 left',
    );
  });

  test('is there from the start, and goes on while nothing else happens', () => {
    let now = 1000;
    const written: string[] = [];
    const drawn = () => written.splice(0).join('').split('\r\x1b[K').at(-1);
    const line = progressLine(
      (text) => written.push(text),
      () => now,
    );
    line.redraw();
    expect(drawn()).toBe('');
    line.reading();
    expect(drawn()).toBe('reading the list  0:00');
    now += 3000;
    line.redraw();
    expect(drawn()).toBe('reading the list  0:03');
    line.begin(1000, -1, 0);
    expect(drawn()).toBe(`${'░'.repeat(24)}   0 %  0 rows  0 rows/s  `);
    now += 2000;
    line.at(500, 10);
    now += 10;
    line.at(600, 12);
    drawn();
    line.redraw();
    expect(drawn()).toContain(' 60 %  12 rows  6 rows/s');
    line.end();
    drawn();
    line.redraw();
    expect(drawn()).toBe('');
  });

  test('hours are shown where there are any', () => {
    expect(begun(1_000_000).at(1000, 100, 1)).toContain('2:46:39 left');
    expect(begun(100_000).at(1000, 100, 1)).toContain(' 16:39 left');
  });

  test('shows all parts at the start, and never more than 100%', () => {
    expect(begun(1000).at(0, 0, 0)).toBe(`${'░'.repeat(24)}   0 %  0 rows  0 rows/s  `);
    expect(begun(1000).at(1000, 1200, 5)).toContain('█ 100 %');
    expect(begun(0).at(1000, 0, 0)).toContain('█ 100 %');
  });

  test('without a total it has rows and their rate alone', () => {
    expect(begun(null).at(1000, 250, 30)).toBe('30 rows  30 rows/s');
  });

  test('counts a start before the first byte as the first byte', () => {
    expect(begun(1000, -1).at(1000, 500, 5)).toContain('0:01 left');
  });

  test('is redrawn at most ten times a second', () => {
    const { at } = begun(1000);
    expect(at(100, 1, 1)).toBeDefined();
    expect(at(199, 2, 2)).toBeUndefined();
    expect(at(200, 3, 3)).toBeDefined();
  });

  test('shows an outage at once and until it ends', () => {
    const { line, at, written } = begun(null);
    line.outage(true);
    expect(written.join('')).toBe('\r\x1b[KDNS is unreachable, waiting');
    expect(at(1000, 1, 1)).toBe('1 row  1 rows/s  DNS is unreachable, waiting');
    written.length = 0;
    line.outage(false);
    expect(written).toEqual(['\r\x1b[K']);
    expect(at(2000, 1, 1)).toBe('1 row  1 rows/s');
    written.length = 0;
    line.end();
    expect(written).toEqual(['\r\x1b[K']);
  });
});

describe('the table', () => {
  const tally = {
    ...emptyTally(),
    rows: 4000,
    verified: 3000,
    kept: 1000,
    duplicates: 7,
    results: { deliverable: 3000, undeliverable: 1000, risky: 0 },
    reasons: { no_known_obstacle: 3000, domain_typo: 1000 },
    actions: { accept: 3000, confirm: 1000 },
  };

  test('shows counts with their shares and leaves out zeros', () => {
    const table = summaryTable(summaryOf(tally));
    expect(table).toMatch(/^4,000 rows: 3,000 verified, 1,000 kept, 7 duplicates\nkept: [^\n]+\n\nresult\n/);
    expect(summaryTable(summaryOf({ ...tally, kept: 0 }))).not.toContain('kept:');
    expect(table).toContain(
      `\n  ${'deliverable'.padEnd(26)}${'3,000'.padStart(12)}${'75.00 %'.padStart(10)}\n`,
    );
    expect(table).toContain('\nreason\n');
    expect(table).toContain('\naction\n');
    expect(table).not.toMatch(/risky|without an address|left out of/);
    expect(table).toContain('\nexpected hard bounces: ');
  });

  test('shows rows without an address and records set aside', () => {
    const summary = summaryOf(tally);
    const table = summaryTable({ ...summary, no_address: 3, set_aside: 2 });
    expect(table).toContain(
      '\n3 rows without an address\n2 records left out of the result: unreadable as a contact\n',
    );
  });

  test('an empty list has no shares', () => {
    const summary = summaryOf(emptyTally());
    expect(summaryTable({ ...summary, results: { ...summary.results, deliverable: 1 } })).toContain('0.00 %');
  });
});
