// Measures the published `presend clean` in a new process without cached DNS: the order of rows, DNS queries, time and
// memory.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { exactly, type Figure, type Outcome, ratioOf, secondsOf, spread, type Target } from '../figures.ts';
import { build, built } from '../programs.ts';
import { rowsAstray } from './rows.ts';
import { type List, lists, nameOf, type Setting } from './setting.ts';

/** A module that makes a process print its peak memory in MiB as the last line. */
const tellMemory = `data:text/javascript,${encodeURIComponent(
  "process.on('exit', () => console.log(process.resourceUsage().maxRSS / 1024));",
)}`;

interface Run {
  readonly seconds: number;
  /** Peak memory in MiB. */
  readonly mib: number;
  readonly queries: number;
}

export async function cold(setting: Setting): Promise<Outcome> {
  const { coldRounds, domains, server, folder, rows, longTimes } = setting;
  const runs: Record<List, Run[]> = { short: [], list: [], long: [] };
  const result = join(folder, 'cold.csv');
  build();
  for (let round = 0; round < coldRounds; round++)
    for (const list of ['short', 'long', 'list'] as const)
      runs[list].push(await clean(list, result, setting));
  const astray = await rowsAstray(join(folder, 'list'), result);

  const of = (list: List, key: keyof Run) => runs[list].map((run) => run[key]);
  const needed = domains + Math.min(server.hosts, domains);
  const figures: Figure[] = lists.flatMap((list) => [
    { name: `cold, ${nameOf(list, setting)}`, value: spread(of(list, 'seconds')), unit: 's' },
    {
      name: `peak memory, ${nameOf(list, setting)}`,
      value: spread(of(list, 'mib')),
      unit: 'MiB',
      ...(list !== 'list' && { ratio: ratioOf(of(list, 'mib'), of('list', 'mib')) }),
    },
  ]);
  const target = (name: string, measured: Target['measured'], limit: number, unit: string): Target => ({
    name,
    measured,
    bound: 'at most',
    limit,
    unit,
  });
  const count = (number: number) => number.toLocaleString('en');
  return {
    figures: [...figures, { name: 'DNS queries', value: spread(of('list', 'queries')), unit: '' }],
    targets: [
      target(`rows of ${count(rows)} that are lost or out of order`, exactly(astray), 0, ''),
      target(
        `DNS queries for ${count(domains)} domains, against those needed`,
        spread(of('list', 'queries').map((queries) => queries / needed)),
        1.02,
        '×',
      ),
      target(`peak memory, ${count(rows)} rows`, spread(of('list', 'mib')), 180, 'MiB'),
      target(`peak memory, ${count(rows)} rows, by the wider limit`, spread(of('list', 'mib')), 200, 'MiB'),
      target(`peak memory, ${count(rows * longTimes)} rows`, spread(of('long', 'mib')), 200, 'MiB'),
      target(
        `peak memory, ${longTimes} times the rows against all rows`,
        ratioOf(of('long', 'mib'), of('list', 'mib')),
        1.05,
        '×',
      ),
    ],
  };
}

async function clean(
  list: List,
  result: string,
  { server, certificate, folder, queries }: Setting,
): Promise<Run> {
  const program = fileURLToPath(built('cli/cli.js'));
  const args = ['--import', tellMemory, program, 'clean', join(folder, list), '-o', result, '--json'];
  const env = { DOH_URLS: server.url, NODE_EXTRA_CA_CERTS: certificate };
  await queries();
  let output = '';
  const seconds = await secondsOf(async () => {
    output = (await promisify(execFile)(process.execPath, args, { env, cwd: folder })).stdout;
  });
  return { seconds, mib: Number(output.trim().split('\n').at(-1)), queries: await queries() };
}
