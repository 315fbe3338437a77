// Measures how soon the library, the service and the Worker are ready, and how much memory the first two use, compared
// with an empty Node process.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Bench, exactly, type Figure, inTurns, spread, type Target } from './figures.ts';
import { build, built } from './programs.ts';
import { workerBundle } from './worker-bundle.ts';

const rounds = 9;
/** How many times wrangler starts the Worker. */
const workerRounds = 5;
const published = (file: string): string => JSON.stringify(built(file));

/** The end of each program: prints the milliseconds since the process began, and the bytes of heap and buffers. */
const report = `gc(); const { heapUsed, arrayBuffers } = process.memoryUsage();
  console.log(JSON.stringify({ ms, bytes: heapUsed + arrayBuffers })); process.exit(0);`;

const programs = {
  'empty process': `const ms = performance.now(); ${report}`,
  'library ready': `await import(${published('index.js')}); const ms = performance.now(); ${report}`,
  'library after its first verdict': `
    const { createValidator } = await import(${published('index.js')});
    const addresses = ['jane@gmial.com', 'null-mx@presend.test', 'jane@mailinator.com', 'info@xn--gmal-nza.com'];
    const validator = createValidator({ transport: () => Promise.reject(new Error('no network')) });
    await validator.validateBatch(addresses.map((email) => ({ email })));
    const ms = performance.now(); ${report}`,
  'service listening': `
    process.env.PORT = '0';
    process.env.DATABASE_PATH = ':memory:';
    const { serve } = await import(${published('platform/node.js')});
    const write = process.stdout.write;
    process.stdout.write = (text) => {
      const ms = performance.now();
      process.stdout.write = write;
      ${report}
    };
    await serve(process.env);`,
} as const;

type Name = keyof typeof programs;

interface Measured {
  readonly ms: number;
  readonly bytes: number;
}

async function measure(name: Name): Promise<Measured> {
  const args = ['--expose-gc', '--input-type=module', '--eval', programs[name]];
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
}

export const run: Bench['run'] = async () => {
  build();
  const names = Object.keys(programs) as Name[];
  const measured = await inTurns(
    Object.fromEntries(names.map((name) => [name, () => measure(name)])) as Record<
      Name,
      () => Promise<Measured>
    >,
    rounds,
  );
  const { gzipKiB, startMs } = await workerBundle(workerRounds);

  const above = (name: Name, key: keyof Measured) =>
    measured[name].map((one, round) => one[key] - measured['empty process'][round]![key]);
  const target = (name: string, measured: Target['measured'], limit: number, unit: string): Target => ({
    name,
    measured,
    bound: 'at most',
    limit,
    unit,
  });
  return {
    figures: [
      ...names.flatMap((name): Figure[] => [
        {
          name: `${name}: since the process began`,
          value: spread(measured[name].map(({ ms }) => ms)),
          unit: 'ms',
        },
        {
          name: `${name}: heap and buffers`,
          value: spread(measured[name].map(({ bytes }) => bytes / 1e6)),
          unit: 'MB',
        },
      ]),
      { name: 'Worker: bundle, gzip', value: exactly(gzipKiB), unit: 'KiB' },
      { name: 'Worker: busy until it is ready, in the local runtime', value: spread(startMs), unit: 'ms' },
    ],
    targets: [
      target('library ready, above an empty process', spread(above('library ready', 'ms')), 40, 'ms'),
      target(
        'service listening, above an empty process',
        spread(above('service listening', 'ms')),
        160,
        'ms',
      ),
      target(
        'heap and buffers with all data loaded, above an empty process',
        spread(above('library after its first verdict', 'bytes').map((bytes) => bytes / 1e6)),
        8,
        'MB',
      ),
      target('Worker bundle, gzip (wrangler deploy --dry-run --minify)', exactly(gzipKiB), 1536, 'KiB'),
      // Cloudflare allows a Worker this much time before its first request.
      target('Worker start (wrangler check startup)', spread(startMs), 1000, 'ms'),
    ],
  };
};
