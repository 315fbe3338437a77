// Figures with their limits: a line for each as it is measured, and a table at the end.

interface Row {
  readonly fault: string;
  readonly figure: string;
  readonly limit: string;
  readonly ok: boolean;
}

export function createChaosTable() {
  const rows: Row[] = [];
  return {
    /** A figure that may be `most`. */
    report(fault: string, value: number, most: number, unit: string): void {
      const ok = value <= most;
      const row = { fault, figure: `${Math.round(value * 10) / 10} ${unit}`, limit: `≤ ${most} ${unit}`, ok };
      rows.push(row);
      console.log(`${ok ? 'held  ' : 'FAILED'} ${fault}: ${row.figure} (${row.limit})`);
    },
    /** Prints all rows, and ends the process with 1 if a figure is over its limit. */
    end(): never {
      console.log('\n| fault | figure | limit | |\n| --- | ---: | ---: | --- |');
      for (const { fault, figure, limit, ok } of rows)
        console.log(`| ${fault} | ${figure} | ${limit} | ${ok ? 'held' : '**failed**'} |`);
      process.exit(rows.every(({ ok }) => ok) ? 0 : 1);
    },
  };
}
