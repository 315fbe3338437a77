// `presend suppressions` beside the service: import, export, and the way from one instance to another.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyFolder, presend } from './program.ts';

const environment = { ADDRESS_HASH_KEY: 'a key for tests that has 32 bytes' };

describe('presend suppressions', () => {
  test('import counts, tells each wrong row, and ends with 1 where there is one', async () => {
    const cwd = emptyFolder();
    writeFileSync(join(cwd, 'ses.csv'), 'jane@example.com,BOUNCE\nnobody,BOUNCE\n');
    const { stdout, status } = await presend(['suppressions', 'import', 'ses.csv'], { cwd, environment });
    expect(stdout).toBe(
      '1 added, 0 updated, 0 unchanged, 1 rejected\n' +
        'row 2, address: An e-mail address needs an @ sign between the name and the domain.\n',
    );
    expect(status).toBe(1);
  });

  test('an export of one instance is an import of another with the same key, from standard input', async () => {
    const [one, other] = [emptyFolder(), emptyFolder()];
    const input = '{"email":"jane@example.com","reason":"complaint"}\n';
    const options = ['--format', 'ndjson', '-'];
    expect(
      (await presend(['suppressions', 'import', ...options], { cwd: one, environment, input })).status,
    ).toBe(0);
    const exported = (await presend(['suppressions', 'export'], { cwd: one, environment })).stdout;
    expect(exported).toMatch(/^address_hash,key_id,.*\n[0-9a-f]{64},/);
    const imported = () =>
      presend(['suppressions', 'import', '-'], { cwd: other, environment, input: exported });
    expect((await imported()).stdout).toBe('1 added, 0 updated, 0 unchanged, 0 rejected\n');
    expect((await imported()).stdout).toBe('0 added, 0 updated, 1 unchanged, 0 rejected\n');
  });

  test.each([
    ['no file', ['import']],
    ['a file that is not there', ['import', 'nowhere.csv']],
    ['another reason', ['import', '--reason', 'soft', '-']],
    ['another format', ['export', '--format', 'xml']],
    ['nothing', []],
  ])('%s is not understood', async (_, args) => {
    expect((await presend(['suppressions', ...args], { environment })).status).toBe(2);
  });
});
