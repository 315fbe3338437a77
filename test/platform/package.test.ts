// What `npm pack` makes, in an empty folder: the library with its types, and the command.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder, program } from '../cli/program.ts';

const root = new URL('../..', import.meta.url).pathname;

/** Installs the package with its dependencies and nothing else, without a registry. */
function install(): string {
  const folder = emptyFolder();
  const run = (command: string, args: readonly string[], cwd: string) =>
    execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const tarball = run('npm', ['pack', '--silent', '--pack-destination', folder], root)
    .trim()
    .split('\n')
    .at(-1)!;
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  run('tar', ['-xzf', join(folder, tarball), '-C', modules], folder);
  run('mv', ['package', 'presend'], modules);
  for (const name of dependenciesOf('presend', join(modules, 'presend/package.json'))) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  return folder;
}

function dependenciesOf(name: string, manifest: string): Set<string> {
  const { dependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
  const direct = Object.keys(dependencies).filter((dependency) => dependency !== name);
  const deeper = direct.map((dependency) =>
    dependenciesOf(dependency, join(root, 'node_modules', dependency, 'package.json')),
  );
  return new Set([...direct, ...deeper.flatMap((names) => [...names])]);
}

test('the library and the widget import, are typed, and the command runs', { timeout: 60_000 }, async () => {
  const folder = install();
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(
    join(folder, 'signup.ts'),
    `import { createValidator, type Verdict } from 'presend';
     import { attach, type PresendOptions } from 'presend/widget';
     const options: PresendOptions = { key: 'pk_', policy: { role_account: 'warn' } };
     const attachLater = (): (() => void) => attach(document, options);
     const validator = createValidator({ dohUrls: ['http://127.0.0.1:9/dns-query'] });
     const verdict: Verdict = await validator.validate({ email: 'jane@gmial.com' });
     const suggestion: string | null = verdict.didYouMean;
     // @ts-expect-error: the types are there, and strict.
     const wrong: number = verdict.reason;
     console.log(verdict.reason, suggestion);`,
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(
    process.execPath,
    [tsc, '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', '', 'signup.ts'],
    { cwd: folder, encoding: 'utf8' },
  );
  const printed = execFileSync(process.execPath, ['signup.ts'], { cwd: folder, encoding: 'utf8' });
  expect(printed).toBe('domain_typo jane@gmail.com\n');

  const command = join(folder, 'node_modules/presend/dist/src/cli/bin.js');
  const { status, stdout } = await program(command, ['check', 'null-mx@presend.test'], { cwd: folder });
  expect([status, stdout]).toEqual([1, expect.stringContaining('null_mx')]);
});
