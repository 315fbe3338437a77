// Measures `presend clean` on lists whose domains are all cached, and papaparse reading and writing the same file, each
// in a separate process.

import { join } from 'node:path';
import { exactly, inTurns, type Outcome, ratioOf, spread } from '../figures.ts';
import { residentBytes, startWorker } from '../programs.ts';
import { type List, lists, nameOf, type Setting } from './setting.ts';
import type { Copy } from './warm-worker.ts';

export async function warm(setting: Setting): Promise<Outcome> {
  const { server, certificate, folder, rows, longTimes, rounds } = setting;
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificate };
  const presend = startWorker<Copy, number>('list/warm-worker.ts', { env, args: [server.url] });
  const papaparse = startWorker<Copy, number>('list/papaparse-worker.ts', {});
  const copy = (list: List): Copy => ({ from: join(folder, list), to: join(folder, `${list}.copy`) });
  let mib = Number.NaN;
  const seconds = await inTurns(
    {
      short: () => presend.ask(copy('short')),
      papaparse: () => papaparse.ask(copy('list')),
      list: () => presend.ask(copy('list')),
      long: () => presend.ask(copy('long')),
    },
    rounds,
  ).finally(() => {
    mib = residentBytes(presend.child).most / 2 ** 20;
    presend.close();
    papaparse.close();
  });

  const rowsOf = { short: rows / 10, list: rows, long: rows * longTimes };
  const perRow = (list: List) => seconds[list].map((time) => (time / rowsOf[list]) * 1e6);
  const against = ratioOf(seconds.list, seconds.papaparse);
  const name = 'a list with warm DNS, against papaparse reading and writing it';
  return {
    figures: [
      { name: 'papaparse, reading and writing all rows', value: spread(seconds.papaparse), unit: 's' },
      { name: 'warm DNS, all rows', value: spread(seconds.list), unit: 's', ratio: against },
      ...lists.map((list) => ({
        name: `warm DNS, each of ${nameOf(list, setting)}`,
        value: spread(perRow(list)),
        unit: 'µs/row',
        ...(list === 'long' && { ratio: ratioOf(perRow(list), perRow('list')) }),
      })),
      { name: 'peak memory with warm DNS and all that was asked of it', value: exactly(mib), unit: 'MiB' },
    ],
    targets: [
      { name, measured: against, bound: 'at most', limit: 2, unit: '×' },
      { name: `${name}, by the wider limit`, measured: against, bound: 'at most', limit: 2.5, unit: '×' },
      {
        name: `time for a row, ${longTimes} times the rows against all rows`,
        measured: ratioOf(perRow('long'), perRow('list')),
        bound: 'at most',
        limit: 1.1,
        unit: '×',
      },
      {
        name: 'time for a row, all rows against a tenth of them',
        measured: ratioOf(perRow('list'), perRow('short')),
        bound: 'at most',
        limit: 1.1,
        unit: '×',
      },
    ],
  };
}
