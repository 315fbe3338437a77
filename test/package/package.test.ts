// The package as npm packs it: every entry can be imported, its types are found, and what a browser loads is small.

import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { build } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = new URL('../..', import.meta.url).pathname;
const modules = join(root, 'node_modules');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** A folder of a stranger in which the package is installed. */
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'presend-package-'));
  const own = join(folder, 'node_modules/presend');
  mkdirSync(own, { recursive: true });
  for (const part of ['package.json', ...manifest.files])
    if (part !== 'dist') cpSync(join(root, part), join(own, part), { recursive: true });
  const builds = [...manifest.scripts.build.matchAll(/tsc -p (\S+)/g)].map(([, project]) => project!);
  expect(builds).toHaveLength(3);
  for (const project of builds)
    await run(
      process.execPath,
      [join(modules, 'typescript/bin/tsc'), '-p', project, '--outDir', join(own, 'dist')],
      {
        cwd: root,
      },
    );
  for (const step of ['dist.ts', 'bundle.ts'])
    await run(process.execPath, [join(root, 'data/packer', step), join(own, 'dist')]);
  // The dependencies are found from the package, not from the stranger's folder.
  symlinkSync(modules, join(own, 'node_modules'));
  for (const peer of ['react', 'react-dom', '@types'])
    symlinkSync(join(modules, peer), join(folder, 'node_modules', peer));
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const node = (code: string): string =>
  execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: folder, encoding: 'utf8' });

test('publint finds nothing', async () => {
  const { messages, pkg } = await publint({
    pkgDir: join(folder, 'node_modules/presend'),
    pack: false,
    strict: true,
  });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test('attw finds every entry and its types, with every resolution of ES modules', async () => {
  const own = join(folder, 'node_modules/presend');
  const { stdout } = await run('npm', ['pack', own, '--ignore-scripts', '--json'], { cwd: folder });
  const [{ filename }] = JSON.parse(stdout);
  const packed = createPackageFromTarballData(readFileSync(join(folder, filename)));
  const analysis = await checkPackage(packed);
  if (!analysis.types) expect.fail('no types');
  expect(Object.keys(analysis.entrypoints)).toEqual(['.', './client', './react', './widget']);
  // The package has ES modules only: `require` and the resolution of Node 10 are not supported.
  const counted = analysis.problems.filter(
    (problem) => !('resolutionKind' in problem && /^node1(0|6-cjs)$/.test(problem.resolutionKind)),
  );
  expect(counted).toEqual([]);
}, 120_000);

test('every entry can be imported, and is what the map says', async () => {
  const entries = Object.keys(manifest.exports).filter((entry) => entry !== './package.json');
  const code = `for (const entry of ${JSON.stringify(entries)})
    console.log(entry, Object.keys(await import('presend' + entry.slice(1))).sort().join(' '));`;
  const exports = Object.fromEntries(
    node(code)
      .trim()
      .split('\n')
      .map((line) => [line.split(' ')[0], line.split(' ').slice(1)]),
  );
  expect(exports).toMatchObject({
    './client': ['PresendError', 'PresendWebhookError', 'createClient', 'verifyWebhook'],
    './react': ['EmailField', 'useEmailVerdict'],
    './widget': ['attach', 'texts'],
  });
  expect(exports['.']).toEqual(Object.keys(await import('../../src/index.ts')).toSorted());
});

test('it has no module that nothing loads, and its programs load few files', async () => {
  const dist = join(folder, 'node_modules/presend/dist');
  /** How many files `entries` load: at once, and also later. */
  const filesOf = async (...entries: string[]) => {
    const { metafile } = await build({
      entryPoints: entries.map((entry) => join(dist, entry)),
      absWorkingDir: dist,
      outdir: join(folder, 'unused'),
      bundle: true,
      splitting: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      write: false,
      metafile: true,
    });
    const [start] = entries;
    const atOnce = new Set([start!]);
    for (const file of atOnce)
      for (const { kind, path } of metafile.inputs[file]!.imports)
        if (kind === 'import-statement' && path in metafile.inputs) atOnce.add(path);
    return { atOnce: atOnce.size, all: Object.keys(metafile.inputs) };
  };
  const programs = globSync('src/platform/*-program.js', { cwd: dist });
  const [library, service, command] = ['src/index.js', 'src/platform/node.js', 'src/cli/bin.js'];
  expect((await filesOf(library)).atOnce).toBeLessThanOrEqual(15);
  expect((await filesOf(service)).atOnce).toBeLessThanOrEqual(60);
  const unjoined = ['src/client/index.js', 'src/react/index.js', 'src/widget/module.js'];
  const { all } = await filesOf(library, service, command, ...programs, ...unjoined);
  expect(all.toSorted()).toEqual(globSync('**/*.js', { cwd: dist }).toSorted());
});

test('the entry of React is a client module', () => {
  const entry = readFileSync(join(folder, 'node_modules/presend/dist/src/react/index.js'), 'utf8');
  expect(entry).toMatch(/^'use client';\n/);
});

test.each([
  ['of a browser', ['ES2022', 'DOM', 'DOM.Iterable'], []],
  ['of Node', ['ES2022'], ['node']],
])('a project %s compiles against the types, without skipLibCheck', async (_, lib, types) => {
  const isNode = types.length > 0;
  writeFileSync(
    join(folder, 'use.ts'),
    `import { createClient, type Verdict, verifyWebhook } from 'presend/client';
    ${isNode ? '' : "import { EmailField, useEmailVerdict } from 'presend/react'; import { attach } from 'presend/widget';"}
    const client = createClient({ endpoint: 'https://presend.example.com', fetch });
    export const verdict: Promise<Verdict> = client.validate('jane@example.com');
    export const event = verifyWebhook(new Request('https://shop.example'), 'whsec_');
    ${isNode ? '' : 'export { EmailField, useEmailVerdict, attach };'}`,
  );
  const compilerOptions = {
    strict: true,
    noEmit: true,
    module: 'NodeNext',
    target: 'ES2022',
    exactOptionalPropertyTypes: true,
    lib,
    types,
  };
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
  const tsc = join(modules, 'typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [tsc, '-p', folder]).catch((error) => error);
  expect(stdout).toBe('');
});

/** What of the package a page loads, minified and compressed, in bytes. */
async function bundled(contents: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    external: ['react', 'react-dom'],
  });
  const { text } = outputFiles[0]!;
  const [output] = Object.values(metafile.outputs);
  const imported = new Set(output!.imports.map(({ path }) => path));
  return { text, imported, gzip: gzipSync(text, { level: 9 }).length };
}

test.each([
  ['the client', "export { createClient } from 'presend/client'", 4096],
  ['verifyWebhook alone', "export { verifyWebhook } from 'presend/client'", 1280],
  ['EmailField', "export { EmailField } from 'presend/react'", 5120],
  ['the widget', "export { attach } from 'presend/widget'", 5632],
])('%s is at most as large as it is said to be', async (_, code, most) => {
  const { gzip } = await bundled(code);
  expect(gzip).toBeLessThanOrEqual(most);
  // Else the limit says nothing.
  expect(gzip).toBeGreaterThan(most * 0.8);
});

test('the client and the field import no runtime and nothing but React', async () => {
  const { text, imported } = await bundled("export * from 'presend/client'; export * from 'presend/react'");
  expect(imported).toEqual(new Set(['react', 'react-dom']));
  expect(text).not.toMatch(/\bprocess\.|\bBuffer\b|\brequire\(/);
});
