// The Dockerfile and the systemd unit, without docker or systemd: what they build from is there, and what they start listens.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { emptyFolder, presend } from '../cli/program.ts';

const root = new URL('../..', import.meta.url).pathname;
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const dockerfile = read('Dockerfile').replaceAll(/^#.*\n/gm, '');
const unit = read('docs/presend.service');
const settingOfUnit = (name: string) =>
  [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value!);

/** The lines of each stage: instruction and the rest. */
const stages = dockerfile
  .split(/^(?=FROM )/m)
  .filter((stage) => stage.startsWith('FROM '))
  .map((stage) => ({
    name: /^FROM \S+ AS (\w+)/.exec(stage)?.[1] ?? 'final',
    lines: [...stage.matchAll(/^([A-Z]+) (.*)$/gm)].map(([, what, rest]) => [what!, rest!] as const),
  }));
const lastStage = stages.at(-1)!;
const inFinal = (instruction: string) =>
  lastStage.lines.filter(([what]) => what === instruction).map(([, rest]) => rest);
const command = (line: string): string[] => JSON.parse(line.slice(line.indexOf('[')));

const ignored = read('.dockerignore').trim().split('\n');

const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);

let image: string;
/**
 * Follows the Dockerfile in folders: a stage is a folder. Only where CI is not set, packages are linked from the checkout, which is
 * faster than `npm ci`.
 */
beforeAll(() => {
  image = mkdtempSync(join(tmpdir(), 'presend-test-'));
  for (const { name, lines } of stages) {
    const folder = join(image, name);
    mkdirSync(folder);
    for (const [what, rest] of lines) {
      if (what === 'COPY') copy(rest, folder);
      if (what !== 'RUN') continue;
      if (rest.startsWith('npm ci')) install(folder, rest);
      else if (rest.startsWith('npm run'))
        execFileSync('sh', ['-c', rest], { cwd: folder, env: { PATH: path } });
    }
  }
}, 240_000);
afterAll(() => rmSync(image, { recursive: true }));

function copy(rest: string, folder: string): void {
  const words = rest.split(' ');
  const stage = words[0]!.startsWith('--from=') ? words.shift()!.slice('--from='.length) : null;
  const target = words.pop()!;
  for (const source of words) {
    const from = stage === null ? join(root, source) : join(image, stage, source.replace(/^\/app\//, ''));
    cpSync(from, target === './' ? join(folder, source) : join(folder, target), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !isIgnored(path),
    });
  }
}

/** Whether .dockerignore keeps a file of the checkout out of the image. */
function isIgnored(path: string): boolean {
  if (!path.startsWith(root)) return false;
  const name = relative(root, path);
  return ignored.some((pattern) =>
    pattern.startsWith('**/') ? name.split('/').includes(pattern.slice(3)) : name === pattern,
  );
}

function install(folder: string, line: string): void {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean; link?: boolean; resolved?: string }>;
  };
  for (const [where, { link, resolved }] of Object.entries(packages))
    if (link) expect(existsSync(join(folder, resolved!, 'package.json')), where).toBe(true);
  if (process.env['CI']) {
    execFileSync('sh', ['-c', line], { cwd: folder, env: { ...process.env, PATH: path }, stdio: 'pipe' });
    return;
  }
  if (!line.includes('--omit=dev')) {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    return;
  }
  for (const [where, { dev }] of Object.entries(packages)) {
    if (!where.startsWith('node_modules/') || dev || !existsSync(join(root, where))) continue;
    mkdirSync(dirname(join(folder, where)), { recursive: true });
    if (!existsSync(join(folder, where))) symlinkSync(join(root, where), join(folder, where));
  }
}

/** Starts it and gives where it listens. */
async function started(
  [program, ...args]: readonly string[],
  options: { cwd: string; env: Record<string, string> },
) {
  const child = spawn(program!, args, { ...options, env: { PATH: path, PORT: '0', ...options.env } });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  child.stderr.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  return new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = /listens on (\S+)/.exec(text);
      if (found) resolve(found[1]!);
    });
    child.once('exit', () => reject(new Error(`it ended: ${text}`)));
  });
}

describe('the Dockerfile', () => {
  const [cmd, healthcheck, env] = ['CMD', 'HEALTHCHECK', 'ENV'].map((what) => inFinal(what)[0]!);

  test('what runs is no root, keeps its state in a volume, and carries no sources', () => {
    expect(inFinal('USER')).toEqual(['node']);
    expect(inFinal('VOLUME')).toEqual(['["/app/var"]']);
    expect(existsSync(join(image, 'final/src'))).toBe(false);
    expect(existsSync(join(image, 'final/node_modules/vitest'))).toBe(false);
  });

  test('its command listens, its health check tells so, and that nobody listens', async () => {
    const cwd = join(image, 'final');
    const settings = Object.fromEntries(env!.split(' ').map((pair) => pair.split('=') as [string, string]));
    const url = await started(command(cmd!), {
      cwd,
      env: { ...settings, PORT: '0', ADMIN_KEY: 'an-admin-key-for-tests' },
    });
    expect(existsSync(join(cwd, 'var/presend.db'))).toBe(true);
    const healthy = async (port: string) => {
      const [program, ...args] = command(healthcheck!);
      const child = spawn(program!, args, { env: { PATH: path, PORT: port } });
      return ((await once(child, 'exit')) as [number])[0];
    };
    expect(await healthy(new URL(url).port)).toBe(0);
    // A port on which fetch asks nobody.
    expect(await healthy('1')).toBe(1);
  });
});

describe('the systemd unit', () => {
  test('its command listens in its state folder alone', async () => {
    const [start] = settingOfUnit('ExecStart');
    const [, program, flag, args] = /^\/usr\/bin\/(node) (--\S+) \/opt\/presend\/(.*)$/.exec(start!)!;
    const state = emptyFolder();
    const [folder] = settingOfUnit('WorkingDirectory');
    expect(folder).toBe(`/var/lib/${settingOfUnit('StateDirectory')[0]}`);
    const environment = settingOfUnit('Environment').map(
      (pair) => pair.replace(folder!, state).split('=') as [string, string],
    );
    const [script, ...rest] = args!.split(' ');
    await started([program!, flag!, join(image, 'final', script!), ...rest], {
      cwd: state,
      env: Object.fromEntries(environment),
    });
    expect(existsSync(join(state, 'presend.db'))).toBe(true);
    expect(existsSync(join(state, 'address-hash-key'))).toBe(true);
  });
});

test('however it is started, its heap is as large as docs/node.md says', () => {
  const { scripts } = JSON.parse(read('package.json'));
  const [flag] = /--max-semi-space-size=\d+/.exec(read('docs/node.md'))!;
  for (const start of [scripts.start, inFinal('CMD')[0], settingOfUnit('ExecStart')[0]])
    expect(start).toContain(flag);
});

describe('docs/node.md', () => {
  const page = read('docs/node.md');

  test('every setting that it names exists', () => {
    const known = ['docs/settings.md', 'docs/esps.md'].map(read).join('\n');
    const named = page.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g)!;
    expect(named.length).toBeGreaterThan(8);
    for (const name of named) expect(known).toContain(`\`${name}\``);
  });

  test('its backup restores the list', async () => {
    const cwd = emptyFolder();
    await presend(['suppressions', 'import', '-'], { cwd, input: 'jane@example.com,BOUNCE\n' });
    const commands = [...page.matchAll(/^npx presend ((?:backup|restore) .*)$/gm)].map(([, args]) => args!);
    expect(commands.length).toBe(3);
    for (const args of commands) expect(await presend(args.split(' '), { cwd })).toMatchObject({ status: 0 });
    expect((await presend(['suppressions', 'export'], { cwd })).stdout).toMatch(/bounce/);
    expect((await presend(['suppressions', 'check', 'jane@example.com'], { cwd })).status).toBe(1);
  });
});
