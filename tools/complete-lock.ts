// Adds missing optional packages to lock files: those for other platforms that the configured npm registry does not have.
// npm leaves them out when it writes the file, and then `npm ci` rejects the file. Also removes tarballs on this machine,
// whose content differs from one `npm pack` to the next. Run this after every `npm install`: `node tools/complete-lock.ts
// [FOLDER]`. Without a folder, it completes the lock files of the project and of tools/on-demand.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Entry {
  version?: string;
  resolved?: string;
  dev?: boolean;
  cpu?: string[];
  os?: string[];
  libc?: string[];
  optional?: boolean;
  optionalDependencies?: Record<string, string>;
}

interface Lock {
  packages: Record<string, Entry>;
}

const root = join(import.meta.dirname, '..');
const folders =
  process.argv[2] === undefined
    ? ['.', 'tools/on-demand/biome', 'tools/on-demand/workers'].map((folder) => join(root, folder))
    : [process.argv[2]];
const files = folders.map((folder) => join(folder, 'package-lock.json'));

/**
 * The paths at which Node looks for the package `name` when the package at path `key` imports it; outermost folder
 * first.
 */
const places = (key: string, name: string): string[] => {
  const folders = key
    .split('/node_modules/')
    .map((_, index, all) => all.slice(0, index + 1).join('/node_modules/'));
  const nested = folders
    .filter((folder) => folder.startsWith('node_modules/'))
    .map((folder) => `${folder}/node_modules/${name}`);
  return [`node_modules/${name}`, ...nested];
};

const systems: Readonly<Record<string, string>> = { windows: 'win32' };
const processors: Readonly<Record<string, string>> = { 64: 'x64' };

/** Returns the platform that the name of a package contains, such as `@biomejs/cli-linux-x64-musl`. */
function platformOf(name: string): Pick<Entry, 'cpu' | 'os' | 'libc'> {
  const words = name.split(/[/-]/);
  const os = words.find((word) =>
    /^(android|darwin|win32|windows|linux|freebsd|netbsd|openbsd|sunos|aix)$/.test(word),
  );
  const cpu = words.find((word) =>
    /^(arm64|x64|ia32|arm|64|riscv64|ppc64|s390x|loong64|mips64el)$/.test(word),
  );
  return {
    ...(cpu && { cpu: [processors[cpu] ?? cpu] }),
    ...(words.includes('musl') && { libc: ['musl'] }),
    ...(os && { os: [systems[os] ?? os] }),
  };
}

/** Adds what is missing to `lock`, and returns it. Removes packed tarballs. */
function complete(lock: Lock): string[] {
  for (const [key, { resolved }] of Object.entries(lock.packages))
    if (resolved !== undefined && /^file:.*\.tgz$/.test(resolved)) delete lock.packages[key];
  const added: string[] = [];
  for (const [key, { dev, optionalDependencies = {} }] of Object.entries(lock.packages))
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const candidates = places(key, name);
      const exact = /^\d/.test(version);
      const found = candidates.some((place) => {
        const entry = lock.packages[place];
        return entry !== undefined && (!exact || entry.version === version);
      });
      if (found || !exact) continue;
      const place = candidates.find((candidate) => !(candidate in lock.packages))!;
      lock.packages[place] = { version, ...(dev && { dev }), optional: true, ...platformOf(name) };
      added.push(`${place} ${version}`);
    }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  return added;
}

for (const file of files) {
  const lock = JSON.parse(readFileSync(file, 'utf8')) as Lock;
  const added = complete(lock);
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(added.length === 0 ? 'Nothing was missing.' : added.join('\n'));
}
