// The Worker as it is deployed: its size, and its start in the local runtime, both as wrangler says them.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');

/** Wrangler asks nobody and reports to nobody. */
const environment = {
  ...process.env,
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
};

/** The number behind `words` in what wrangler prints. */
async function wrangler(args: readonly string[], words: RegExp): Promise<number> {
  const program = join(root, 'node_modules/.bin/wrangler');
  const { stdout } = await promisify(execFile)(program, args, { cwd: root, env: environment });
  const found = words.exec(stdout);
  if (found === null) throw new Error(`wrangler ${args[0]} says no ${words}: ${stdout}`);
  return Number(found[1]);
}

/** KiB of the bundle, minified and compressed, and milliseconds that each of `rounds` starts kept the processor busy. */
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
