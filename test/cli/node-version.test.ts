// An old Node gets one sentence instead of a syntax error.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeRefusal, oldestNode } from '../../src/cli/node-version.ts';
import { version } from '../../src/version.ts';

const root = new URL('../..', import.meta.url).pathname;
const read = (file: string) => readFileSync(join(root, file), 'utf8');

test.each(['22.16.0', '22.17.1', '24.0.0', '100.0.0'])('Node %s runs presend', (text) => {
  expect(nodeRefusal(text)).toBeNull();
});

test.each(['18.20.4', '20.19.0', '22.15.1', '9.11.2'])('Node %s is refused in one sentence', (text) => {
  expect(nodeRefusal(text)).toMatch(
    new RegExp(`^presend needs Node 22\\.16 or newer, and this is Node ${text}\\. Install .+$`),
  );
});

test('the oldest version is that of package.json', () => {
  expect(JSON.parse(read('package.json')).engines.node).toBe(`>=${oldestNode.join('.')}`);
});

test('the entry of the package loads nothing else before the check', () => {
  expect(JSON.parse(read('package.json')).bin.presend).toBe('./dist/src/cli/bin.js');
  const specifiers = [...read('src/cli/bin.ts').matchAll(/^import .* from '(.*)'/gm)].map(([, from]) => from);
  expect(specifiers).toEqual(['./node-version.ts']);
  expect(read('src/cli/node-version.ts')).not.toMatch(/^import /m);
});

test('the entry runs the command, or refuses before it is loaded', () => {
  const bin = join(root, 'src/cli/bin.ts');
  const run = (...args: string[]) => spawnSync(process.execPath, args, { encoding: 'utf8', env: {} });
  expect(run(bin, '--version')).toMatchObject({ status: 0, stdout: `${version}\n` });
  const older = `data:text/javascript,${encodeURIComponent(
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.11.1" } });',
  )}`;
  expect(run('--import', older, bin, '--version')).toMatchObject({
    status: 2,
    stdout: '',
    stderr: `presend: ${nodeRefusal('20.11.1')}\n`,
  });
});
