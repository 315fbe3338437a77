// Installs a set of tools when one of them is first used. Each set is a folder here, with its own lock file. So `npm ci` in the
// checkout takes a third of the time and the space, which is what somebody needs who only wants to run presend.

import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Milliseconds after which an installation of another process must have ended. */
const longestInstallMs = 5 * 60_000;

/** Installs the set `name` unless it is there, and resolves to its node_modules. */
export async function installedSet(name) {
  const folder = join(import.meta.dirname, name);
  while (!isComplete(folder)) {
    const lock = join(folder, '.installing');
    if (!begin(lock)) {
      await wait(200);
      continue;
    }
    try {
      if (isComplete(folder)) break;
      console.error(`presend: installing ${name} into ${folder}, once`);
      // On Windows npm is a script, which only a shell can start.
      const shell = process.platform === 'win32';
      execFileSync('npm', ['ci', '--loglevel=error'], { cwd: folder, stdio: ['ignore', 2, 2], shell });
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
  return join(folder, 'node_modules');
}

/** Whether npm has finished, with the versions that the set wants. npm writes its own lock file last. */
function isComplete(folder) {
  try {
    const read = (file) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const { packages } = read('node_modules/.package-lock.json');
    const wanted = Object.entries(read('package.json').dependencies);
    return wanted.every(([name, version]) => packages[`node_modules/${name}`]?.version === version);
  } catch {
    return false;
  }
}

/** Takes the lock, which is a folder. Returns false if another process has it. */
function begin(lock) {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    const found = statSync(lock, { throwIfNoEntry: false });
    if (found && Date.now() - found.mtimeMs > longestInstallMs)
      rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

/** Runs the script `path` of the set `name` with the arguments of this process, and exits as it does. */
export async function runTool(name, path) {
  const script = join(await installedSet(name), path);
  const child = spawn(process.execPath, [script, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
