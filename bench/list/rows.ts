// Writes lists with any number of rows and domains, and checks whether a result has the rows of its list.

import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * Returns the number of the domain for a row. As in real lists, a few domains have most of the rows; every domain has
 * at least one.
 */
function domainOf(row: number, domains: number): number {
  if (row < domains) return row;
  const random = ((row * 2_654_435_761) % 2 ** 32) / 2 ** 32;
  return Math.floor(random ** 4 * domains);
}

export function writeList(path: string, rows: number, domains: number): void {
  const file = openSync(path, 'w');
  writeSync(file, 'id,first_name,last_name,email,signup_date,city,source\r\n');
  for (let from = 0; from < rows; from += 10_000) {
    let text = '';
    for (let row = from; row < Math.min(rows, from + 10_000); row++)
      text += `${row},"Jane, ${row % 977}",Doe,jane.doe${row}@d${domainOf(row, domains)}.otter.net,2024-0${1 + (row % 9)}-11,Rome,${row % 3 ? 'shop' : 'fair'}\r\n`;
    writeSync(file, text);
  }
  closeSync(file);
}

/**
 * Returns the number of lines of `list` that are not at the same position in `result`, followed by presend's columns.
 */
export async function rowsAstray(list: string, result: string): Promise<number> {
  const results = createInterface({ input: createReadStream(result) })[Symbol.asyncIterator]();
  let astray = 0;
  for await (const row of createInterface({ input: createReadStream(list) })) {
    const { value, done } = await results.next();
    if (done || !value.startsWith(`${row},`)) astray++;
  }
  return (await results.next()).done ? astray : astray + 1;
}
