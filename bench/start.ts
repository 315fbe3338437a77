// How soon the library and the service are ready, and what they hold in memory, above an empty Node process.

import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { type Bench, median } from './figures.ts';

const rounds = 9;
const root = new URL('../', import.meta.url);

/** As it is published: in a checkout Node would strip the types of every module. */
const built = (file: string): string => JSON.stringify(new URL(`dist/src/${file}`, root).href);

/** Each prints milliseconds since the process began, and bytes of heap and buffers. */
const report = `gc(); const { heapUsed, arrayBuffers } = process.memoryUsage();
  console.log(JSON.stringify({ ms, bytes: heapUsed + arrayBuffers })); process.exit(0);`;

const programs = {
  'empty process': `const ms = performance.now(); ${report}`,
  'library ready': `await import(${built('index.js')}); const ms = performance.now(); ${report}`,
  'library after its first verdict': `
    const { createValidator } = await import(${built('index.js')});
    const addresses = ['jane@gmial.com', 'null-mx@presend.test', 'jane@mailinator.com', 'info@xn--gmal-nza.com'];
    const validator = createValidator({ transport: () => Promise.reject(new Error('no network')) });
    await validator.validateBatch(addresses.map((email) => ({ email })));
    const ms = performance.now(); ${report}`,
  'service listening': `
    process.env.PORT = '0';
    process.env.DATABASE_PATH = ':memory:';
    const { serve } = await import(${built('entry/node.js')});
    const write = process.stdout.write;
    process.stdout.write = (text) => {
      const ms = performance.now();
      process.stdout.write = write;
      ${report}
    };
    await serve(process.env);`,
} as const;

export async function run(): ReturnType<Bench['run']> {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const names = Object.keys(programs) as (keyof typeof programs)[];
  const ms = new Map(names.map((name) => [name, [] as number[]]));
  const bytes = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++)
    for (const name of names) {
      const args = ['--expose-gc', '--input-type=module', '--eval', programs[name]];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      const measured = JSON.parse(stdout) as { ms: number; bytes: number };
      ms.get(name)!.push(measured.ms);
      bytes.get(name)!.push(measured.bytes);
    }
  const above = (all: typeof ms, name: keyof typeof programs) =>
    median(all.get(name)!) - median(all.get('empty process')!);
  const library = above(ms, 'library ready');
  const service = above(ms, 'service listening');
  const megabytes = above(bytes, 'library after its first verdict') / 1e6;
  return {
    figures: names.flatMap((name) => [
      { name: `${name}: since the process began`, value: median(ms.get(name)!), unit: 'ms' },
      { name: `${name}: heap and buffers`, value: median(bytes.get(name)!) / 1e6, unit: 'MB' },
    ]),
    targets: [
      {
        claim: `library ready ${library.toFixed(0)} ms above an empty process ≤ 40 ms`,
        holds: library <= 40,
      },
      {
        claim: `service listening ${service.toFixed(0)} ms above an empty process ≤ 160 ms`,
        holds: service <= 160,
      },
      {
        claim: `heap and buffers with all data loaded ${megabytes.toFixed(1)} MB above an empty process ≤ 8 MB`,
        holds: megabytes <= 8,
      },
    ],
  };
}
