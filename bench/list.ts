// Measures the time, memory and DNS queries for the rows of a list: with BENCH_ROWS rows, a tenth of that, and five
// times as many.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from './certificate.ts';
import type { DohServer } from './doh-server.ts';
import type { Bench, Outcome, Size } from './figures.ts';
import { cold } from './list/cold.ts';
import { lookUps } from './list/look-ups.ts';
import { writeList } from './list/rows.ts';
import type { ListSize, Setting } from './list/setting.ts';
import { warm } from './list/warm.ts';
import { startWorker } from './programs.ts';

const rows = Number(process.env['BENCH_ROWS'] ?? 1_000_000);
const sizes: Readonly<Record<Size, ListSize>> = {
  full: {
    rows,
    longTimes: 5,
    domains: Math.min(75_000, rows / 10),
    lookUps: 20_000,
    rounds: 5,
    coldRounds: 5,
  },
  smoke: { rows: 50_000, longTimes: 2, domains: 3000, lookUps: 5000, rounds: 3, coldRounds: 1 },
};

export const run: Bench['run'] = async (size) => {
  const folder = mkdtempSync(join(tmpdir(), 'presend-bench-'));
  const { key, cert } = makeCertificate(folder);
  const server = startWorker<object, DohServer>('doh-server.ts', { args: [key, cert] });
  try {
    const { rows, domains, longTimes } = sizes[size];
    writeList(join(folder, 'short'), rows / 10, domains);
    writeList(join(folder, 'list'), rows, domains);
    writeList(join(folder, 'long'), rows * longTimes, domains);
    const setting: Setting = {
      ...sizes[size],
      folder,
      certificate: cert,
      server: await server.ask({}),
      queries: async () => (await server.ask({})).queries,
    };
    const outcomes: Outcome[] = [];
    for (const part of [lookUps, cold, warm]) outcomes.push(await part(setting));
    return {
      figures: outcomes.flatMap(({ figures }) => figures),
      targets: outcomes.flatMap(({ targets }) => targets),
    };
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
};
