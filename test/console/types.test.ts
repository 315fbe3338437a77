// The script of the console is compiled with the types of the API: what is renamed there does not compile here.

import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const routes = readFileSync(join(root, 'src/client/routes.ts'), 'utf8');

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'presend-types-'));
  cpSync(join(root, 'tsconfig.json'), join(copy, 'tsconfig.json'));
  writeFileSync(join(copy, 'package.json'), '{"type":"module"}');
  cpSync(join(root, 'src/console'), join(copy, 'src/console'), { recursive: true });
  cpSync(join(root, 'src/client'), join(copy, 'src/client'), { recursive: true });
  cpSync(join(root, 'src/number-text.ts'), join(copy, 'src/number-text.ts'));
});
afterAll(() => rmSync(copy, { recursive: true }));

/** What the compiler says about the script if these are the types of the API. */
async function complaintsWith(types: string): Promise<string> {
  writeFileSync(join(copy, 'src/client/routes.ts'), types);
  const tsc = join(root, 'node_modules/.bin/tsc');
  const args = ['-p', join(copy, 'src/console')];
  return promisify(execFile)(tsc, args).then(
    () => '',
    ({ stdout }: { readonly stdout: string }) => stdout,
  );
}

test('it compiles with the types as they are', async () => {
  expect(await complaintsWith(routes)).toBe('');
});

/** The schema of a job, and the same one with something else in the place of `field`. */
const renamed = (field: string): string => {
  const job = /\n {2}JobAnswer: \{[\s\S]*?\n {2}\};/.exec(routes)![0];
  return routes.replace(job, job.replace(new RegExp(`(\\s)${field}:`), `$1${field}_renamed:`));
};

test.each([
  ['state', 'job-progress.ts'],
  ['rows', 'job-progress.ts'],
  ['rows_done', 'page-data.ts'],
  ['seconds_left', 'page-data.ts'],
  ['proof', 'page-data.ts'],
  ['settled', 'page-data.ts'],
  ['below', 'goal-slider.ts'],
])('it does not compile when the field %s of a job is renamed', async (field, file) => {
  expect(renamed(field)).not.toBe(routes);
  expect(await complaintsWith(renamed(field))).toContain(file);
});

test('nor when a state is renamed, or the stream of events has another path', async () => {
  expect(await complaintsWith(routes.replaceAll("'cancelled'", "'canceled'"))).toContain('job-progress.ts');
  expect(await complaintsWith(routes.replaceAll('/v1/jobs/{id}/events', '/v1/jobs/{id}/stream'))).toContain(
    'page-data.ts',
  );
});
