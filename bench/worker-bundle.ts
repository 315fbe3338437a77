// Measures the size of the deployed Worker, and its start in the local runtime, as wrangler reports them.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');

/** Keeps wrangler from asking questions and from sending metrics. */
const environment = {
  ...process.env,
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
};

/** Runs wrangler and returns the number that the group in `words` finds in its output. */
async function wrangler(args: readonly string[], words: RegExp): Promise<number> {
  const program = join(root, 'node_modules/.bin/wrangler');
  const { stdout } = await promisify(execFile)(program, args, { cwd: root, env: environment });
  const found = words.exec(stdout);
  if (found === null) throw new Error(`wrangler ${args[0]} says no ${words}: ${stdout}`);
  return Number(found[1]);
}

/**
 * Returns the size of the bundle in KiB, minified and compressed, and the milliseconds of processor time that each of
 * `rounds` starts took.
 */
export async function workerBundle(rounds: number): Promise<{ gzipKiB: number; startMs: number[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'presend-worker-'));
  try {
    const gzipKiB = await wrangler(
      ['deploy', '--dry-run', '--minify', '--outdir', folder],
      /gzip: ([\d.]+) KiB/,
    );
    const startMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const profile = join(folder, 'start.cpuprofile');
      startMs.push(
        await wrangler(['check', 'startup', '--args=--minify', '--outfile', profile], /Active: ([\d.]+) ms/),
      );
    }
    return { gzipKiB, startMs };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
