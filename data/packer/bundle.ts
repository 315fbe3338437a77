// A step of `npm run build`: joins the modules in dist that the library, the service and the command line load at their start,
// because Node takes a third of a millisecond for each module. `node data/packer/bundle.ts FOLDER`. The forms and the client are
// not joined: the bundler of their page leaves out what the page does not use.

import { globSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const dist = resolve(process.argv[2] ?? 'dist');

// What is loaded by its path. All other modules in dist are parts of these.
const entries = [
  'index.js',
  'cli/bin.js',
  'cli/cli.js',
  'platform/node.js',
  ...globSync('platform/*-program.js', { cwd: join(dist, 'src') }),
];

// The names of the parts of an earlier build may differ.
for (const part of globSync('src/platform/part-*.js', { cwd: dist })) rmSync(join(dist, part));

await build({
  entryPoints: entries.map((entry) => join(dist, 'src', entry)),
  outdir: dist,
  outbase: dist,
  allowOverwrite: true,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node22',
  format: 'esm',
  splitting: true,
  // The modules that find files by their own place are in this folder.
  chunkNames: 'src/platform/part-[hash]',
  logLevel: 'warning',
});
