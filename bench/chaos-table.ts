// Prints figures with their limits: each on one line when it is measured, and all in a table at the end.

interface Row {
  readonly fault: string;
  readonly figure: string;
  readonly limit: string;
  readonly state: 'held' | 'slow' | 'FAILED';
}

/** Units whose figures depend on the machine. All others count wrong answers. */
const measured = new Set(['ms', 's', 'MiB', '% of before', '×', '× idle']);

export function createChaosTable() {
  const rows: Row[] = [];
  const add = (row: Row): void => {
    rows.push(row);
    console.log(`${row.state.padEnd(6)} ${row.fault}: ${row.figure} (${row.limit})`);
  };
  return {
    /** Adds a figure. Its limit is `most`. */
    report(fault: string, value: number, most: number, unit: string): void {
      const state = value <= most ? 'held' : measured.has(unit) ? 'slow' : 'FAILED';
      add({ fault, figure: `${Math.round(value * 10) / 10} ${unit}`, limit: `≤ ${most} ${unit}`, state });
    },
    /** Adds a failure in place of figures, because a part of the test or a process ended unexpectedly. */
    fail(fault: string, error: unknown): void {
      const figure = String(error).replaceAll(/\s+/g, ' ').slice(0, 200);
      add({ fault, figure, limit: 'no error', state: 'FAILED' });
    },
    /**
     * Prints all rows and ends the process: with 1 if a count of wrong answers is over its limit. A time or an amount of
     * memory over its limit is only a warning, because it depends on the machine.
     */
    end(): never {
      console.log('\n| fault | figure | limit | |\n| --- | ---: | ---: | --- |');
      for (const { fault, figure, limit, state } of rows)
        console.log(`| ${fault} | ${figure} | ${limit} | ${state === 'held' ? state : `**${state}**`} |`);
      const slow = rows.filter(({ state }) => state === 'slow').length;
      if (slow > 0)
        console.error(`warning: ${slow} times or amounts of memory are over their limits on this machine`);
      process.exit(rows.every(({ state }) => state !== 'FAILED') ? 0 : 1);
    },
  };
}
