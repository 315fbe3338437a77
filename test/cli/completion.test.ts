// The completion scripts: bash really runs its script; those of other shells have the same commands and options.

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isGroup, optionNamesOf } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { completionsOf } from '../../src/cli/completion.ts';
import { bashScript, fishScript, zshScript } from '../../src/cli/completion-scripts.ts';
import { emptyFolder, presend } from './program.ts';

const completions = await completionsOf(commands);

/** What bash offers when the cursor is at the end of these words. */
function offered(words: readonly string[], cwd = emptyFolder()): string[] {
  writeFileSync(join(cwd, '.completion'), bashScript(completions));
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const script = `source .completion; COMP_WORDS=(presend ${quoted}); COMP_CWORD=${words.length}; _presend; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['--norc', '-c', script], { cwd, encoding: 'utf8' });
  return output.split('\n').filter((line) => line !== '');
}

describe('bash', () => {
  test('offers commands', () => {
    expect(offered([''])).toEqual([...Object.keys(commands), 'help']);
    expect(offered(['c'])).toEqual(['check', 'clean', 'calibration', 'completion']);
    expect(offered(['--v'])).toEqual(['--version']);
    expect(offered(['help', 'ke'])).toEqual(['keys']);
  });

  test('offers actions and their options', () => {
    expect(offered(['keys', ''])).toEqual(['create', 'list', 'rotate', 'revoke']);
    expect(offered(['keys', '-'])).toEqual(['-h', '--help']);
    expect(offered(['keys', 'create', '--'])).toEqual([
      '--name',
      '--scopes',
      '--origins',
      '--json',
      '--help',
    ]);
    expect(offered(['completion', ''])).toEqual(['bash', 'zsh', 'fish']);
  });

  test('offers the values of an option', () => {
    expect(offered(['clean', '--format', ''])).toEqual(['csv', 'ndjson']);
    expect(offered(['clean', 'list.csv', '--repair', ''])).toEqual(['safe']);
    expect(offered(['clean', '--goal', ''])).toEqual([]);
  });

  test('offers files, with spaces in their names', () => {
    const cwd = emptyFolder();
    writeFileSync(join(cwd, 'my list.csv'), '');
    mkdirSync(join(cwd, 'my results'));
    expect(offered(['clean', 'my'], cwd).toSorted()).toEqual(['my list.csv', 'my results']);
    expect(offered(['clean', 'x', '-o', 'my l'], cwd)).toEqual(['my list.csv']);
    expect(offered(['reply', 'my'], cwd)).toEqual([]);
  });

  test('a value that is the name of a command is a value', () => {
    expect(offered(['keys', 'create', '--name', 'list', '--sc'])).toEqual(['--scopes']);
    expect(offered(['clean', '-o', 'keys', '--forma'])).toEqual(['--format']);
  });
});

test.each([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
] as const)('the script for %s has every command, action and option', async (shell, scriptOf) => {
  const script = scriptOf(completions);
  expect((await presend(['completion', shell])).stdout).toBe(script);
  for (const { load } of Object.values(commands)) {
    const { command } = await load();
    for (const { name, options } of isGroup(command) ? command.actions : [command]) {
      const last = name.split(' ').at(-1)!;
      expect(script).toContain(last);
      for (const option of optionNamesOf(options))
        expect(script).toContain(
          shell !== 'fish'
            ? option
            : option.startsWith('--')
              ? `-l ${option.slice(2)}`
              : `-s ${option.slice(1)}`,
        );
    }
  }
});

test('another shell is a mistake', async () => {
  const { status, stdout, stderr } = await presend(['completion', 'zhs']);
  expect([status, stdout, stderr]).toEqual([
    2,
    '',
    'presend: completion needs one of: bash, zsh, fish. Did you mean zsh? See: presend completion --help\n',
  ]);
});
