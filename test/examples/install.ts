// Installs the examples once for all tests, with presend as `npm pack` makes it, in a temporary folder.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder with the installed examples. */
    examples: string;
  }
}

const root = join(import.meta.dirname, '../..');
/** What `.gitignore` says of the examples. */
const isBuilt = (path: string) => /^(node_modules|dist|\.next|\.wrangler|presend\.tgz)$/.test(basename(path));

export default function install(project: TestProject): () => void {
  for (const [program, packageName] of [
    ['python3', 'python3'],
    ['php', 'php-cli'],
    ['chromium', 'chromium'],
  ] as const)
    if (!isInstalled(program))
      throw new Error(`The examples need ${program}: apt-get install ${packageName}`);

  const examples = mkdtempSync(join(tmpdir(), 'presend-examples-'));
  cpSync(join(root, 'examples'), examples, { recursive: true, filter: (path) => !isBuilt(path) });
  cpSync(join(root, '.npmrc'), join(examples, '.npmrc'));
  const tarball = npm(['pack', '--silent', '--pack-destination', examples], root).trim().split('\n').at(-1)!;
  renameSync(join(examples, tarball), join(examples, 'presend.tgz'));
  npm(['install', '--no-progress'], examples);
  project.provide('examples', examples);
  return () => rmSync(examples, { recursive: true, force: true });
}

const npm = (args: readonly string[], cwd: string): string =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
