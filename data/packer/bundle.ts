// A step of `npm run build`: joins the modules in dist that the library, the service and the command line load at their start,
// because Node takes a third of a millisecond for each file. `node data/packer/bundle.ts FOLDER`. The forms and the client are
// not joined: the bundler of their page leaves out what the page does not use.

import { globSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { type ModuleGraph, type PackedModule, type Part, partsOf } from './parts.ts';

const dist = resolve(process.argv[2] ?? 'dist');
const inDist = (path: string): string => join(dist, path);

/** What is loaded by its path. */
const roots = [
  'src/index.js',
  'src/cli/bin.js',
  'src/cli/cli.js',
  'src/platform/node.js',
  ...globSync('src/platform/*-program.js', { cwd: dist }),
];

/** The entries of the package that are not joined. */
const unjoined = ['src/client/index.js', 'src/react/index.js', 'src/widget/module.js'];

const options = {
  absWorkingDir: dist,
  outdir: dist,
  outbase: dist,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node22',
  format: 'esm',
  logLevel: 'warning',
  metafile: true,
} as const satisfies BuildOptions;

const { metafile } = await build({ ...options, entryPoints: roots, splitting: true, write: false });
const graph = graphOf(metafile);
const parts = partsOf(graph, roots);
const entries = new Set(parts.map(({ entry }) => entry));
const partOf = new Map(parts.flatMap((part) => part.modules.map((module) => [module, part] as const)));

await build({
  ...options,
  entryPoints: parts.map(entryPoint),
  allowOverwrite: true,
  plugins: [joinParts()],
});

// All other modules are parts of these files now. This reads the files again, so an import of what no part exports fails here.
const needed = await build({
  ...options,
  entryPoints: [...roots, ...unjoined],
  splitting: true,
  write: false,
});
for (const module of globSync('**/*.js', { cwd: dist }))
  if (!(module in needed.metafile.inputs)) rmSync(inDist(module));

function graphOf({ inputs, outputs }: Metafile): ModuleGraph {
  const bytes = new Map(
    Object.values(outputs).flatMap((output) =>
      Object.entries(output.inputs).map(([module, { bytesInOutput }]) => [module, bytesInOutput] as const),
    ),
  );
  const graph = new Map<string, PackedModule>();
  for (const [module, { imports }] of Object.entries(inputs)) {
    const imported = (kind: string) => imports.filter((one) => one.kind === kind).map(({ path }) => path);
    const [atOnce, later] = [imported('import-statement'), imported('dynamic-import')];
    for (const { path, external } of imports)
      if (external) graph.set(path, { bytes: foreignBytes(path), isForeign: true, imports: [], later: [] });
    graph.set(module, {
      bytes: bytes.get(module) ?? 0,
      imports: atOnce,
      later: later.filter((path) => path in inputs),
    });
  }
  return graph;
}

/** What a module of Node or of a package costs to load, in bytes of our own code. Measured with Node 24: 1 to 10 ms. */
function foreignBytes(path: string): number {
  return path.startsWith('node:') ? 30_000 : 150_000;
}

/**
 * The file of a part. One without an entry has the name of a module in it that is an entry, or else of its largest. It is in the
 * folder of the modules that find files by their own place.
 */
function fileOf({ entry, modules }: Part): string {
  if (entry !== null) return entry;
  const sized = modules.toSorted((a, b) => graph.get(b)!.bytes - graph.get(a)!.bytes);
  const name = modules.find((module) => entries.has(module)) ?? sized[0]!;
  return `src/platform/part-${name.replace(/^src\/|\.\w+$/g, '').replaceAll('/', '-')}.js`;
}

function entryPoint(part: Part): { in: string; out: string } {
  const out = fileOf(part).replace(/\.js$/, '');
  return { in: part.modules.includes(part.entry ?? '') ? part.entry! : `part:${fileOf(part)}`, out };
}

/** Makes modules of other parts imports of the files of these parts. The names of exports are unique in the whole house. */
function joinParts(): Plugin {
  return {
    name: 'parts',
    setup({ onResolve, onLoad }) {
      const byFile = new Map(parts.map((part) => [fileOf(part), part]));
      onResolve({ filter: /^part:/ }, ({ path }) => ({
        path: path.slice('part:'.length),
        namespace: 'part',
      }));
      onLoad({ filter: /.*/, namespace: 'part' }, ({ path }) => {
        const { entry, modules } = byFile.get(path)!;
        const contents =
          entry === null
            ? modules.map((module) => `export * from './${module}';`)
            : [`export { ${namesOf(entry).join(', ')} } from './${entry}';`];
        return { contents: contents.join('\n'), resolveDir: dist, pluginData: byFile.get(path)! };
      });
      onResolve({ filter: /^\.\.?\// }, ({ path, importer, resolveDir, kind, pluginData }) => {
        if (kind === 'entry-point') return null;
        const module = relative(dist, join(resolveDir, path));
        const from: Part = pluginData ?? partOf.get(relative(dist, importer))!;
        const to = partOf.get(module)!;
        if (from === to && kind !== 'dynamic-import') return null;
        const file = kind === 'dynamic-import' ? module : fileOf(to);
        const place = relative(dirname(fileOf(from)), file);
        return { path: place.startsWith('.') ? place : `./${place}`, external: true, sideEffects: false };
      });
    },
  };
}

/** The exports of a module that is loaded by its path. */
function namesOf(entry: string): string[] {
  return Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint === entry)!.exports;
}
