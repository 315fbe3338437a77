// Ctrl-C in `presend clean`: one line has the command that goes on, and that command works.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { resumeCommand } from '../../src/cli/resume-command.ts';
import { startDohServer } from '../dns/doh-server.ts';
import { emptyFolder, presend } from './program.ts';

const cli = new URL('../../src/cli/cli.ts', import.meta.url).pathname;

test.each([
  [['clean', 'a.csv', '-o', 'b.csv'], 'presend clean a.csv -o b.csv --resume'],
  [['clean', 'a.csv', '-o', 'b.csv', '--resume'], 'presend clean a.csv -o b.csv --resume'],
  [['clean', "it's mine.csv", '-o', 'b.csv'], "presend clean 'it'\\''s mine.csv' -o b.csv --resume"],
  [['clean', '-o', 'b.csv', '--', '--resume'], 'presend clean -o b.csv --resume -- --resume'],
  [['clean', 'a.csv', '--delimiter', ';', '-o', 'b'], "presend clean a.csv --delimiter ';' -o b --resume"],
  [['clean', 'a.csv', '--sheet', '', '-o', 'b'], "presend clean a.csv --sheet '' -o b --resume"],
])('%j continues with %s', (args, command) => {
  expect(resumeCommand(args)).toBe(command);
});

/** Starts a run that waits for DNS, and interrupts it when the first question has arrived. */
async function interrupted(args: readonly string[]) {
  const cwd = emptyFolder();
  writeFileSync(join(cwd, 'my list.csv'), 'email\njane@silent-zone.org\n');
  const doh = await startDohServer({ 'silent-zone.org': { fault: 'hang' } });
  onTestFinished(() => doh.close());
  const child = spawn(process.execPath, [cli, 'clean', 'my list.csv', ...args], {
    cwd,
    env: { DOH_URLS: doh.url },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  await doh.heard('MX silent-zone.org');
  const ended = once(child, 'close');
  child.kill('SIGINT');
  const [status] = await ended;
  return { cwd, status, ...output };
}

test('names the command that continues, which then completes the result', async () => {
  const { cwd, status, stdout, stderr } = await interrupted(['-o', 'clean.csv']);
  expect([status, stdout, stderr]).toEqual([
    130,
    '',
    "presend: interrupted. Continue with: presend clean 'my list.csv' -o clean.csv --resume\n",
  ]);
  expect(existsSync(join(cwd, 'clean.csv'))).toBe(false);
  const doh = await startDohServer({});
  onTestFinished(() => doh.close());
  const resumed = await presend(['clean', 'my list.csv', '-o', 'clean.csv', '--resume'], {
    cwd,
    environment: { DOH_URLS: doh.url },
  });
  expect(resumed.status).toBe(0);
  expect(readFileSync(join(cwd, 'clean.csv'), 'utf8')).toContain('domain_nonexistent');
});

test('without a file there is nothing to continue, and --json has a document', async () => {
  const { status, stderr, stdout } = await interrupted([]);
  expect([status, stderr]).toEqual([130, expect.stringContaining('can be continued')]);
  expect(stdout).not.toContain('error');
  const sample = await interrupted(['--sample', '1', '--json']);
  expect(JSON.parse(sample.stdout).error.code).toBe('interrupted');
});

test('--resume without an unfinished run says so, and starts', async () => {
  const cwd = emptyFolder();
  writeFileSync(join(cwd, 'list.csv'), 'email\nnull-mx@presend.test\n');
  const { status, stderr } = await presend(['clean', 'list.csv', '-o', 'clean.csv', '--resume'], { cwd });
  expect([status, stderr]).toEqual([
    0,
    'presend: there is no unfinished run of clean.csv, so this one starts with the first row.\n',
  ]);
});
