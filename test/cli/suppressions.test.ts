// `presend suppressions` beside the service: import, export, and the way from one instance to another.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inlineRows, workbookOf } from '../xlsx/workbooks.ts';
import { emptyFolder, presend } from './program.ts';

const environment = { ADDRESS_HASH_KEY: 'a key for tests that has 32 bytes' };

describe('presend suppressions', () => {
  test('import counts rows, prints each invalid row and ends with status 1 if there is one', async () => {
    const cwd = emptyFolder();
    writeFileSync(join(cwd, 'ses.csv'), 'jane@example.com,BOUNCE\nnobody,BOUNCE\n');
    const { stdout, status } = await presend(['suppressions', 'import', 'ses.csv'], { cwd, environment });
    expect(stdout).toBe(
      '1 added, 0 updated, 0 unchanged, 1 rejected\n' +
        'row 2, address: An e-mail address needs an @ sign between the name and the domain.\n',
    );
    expect(status).toBe(1);
  });

  test('import reads a sheet of a workbook, and names the sheets that it leaves out', async () => {
    const cwd = emptyFolder();
    const sheets = [
      { name: 'About', rows: inlineRows([['Bounces of August.']]) },
      {
        name: 'Bounces',
        rows: inlineRows([
          ['Email', 'Reason'],
          ['jane@example.com', 'Hard bounce'],
        ]),
      },
    ];
    writeFileSync(join(cwd, 'list.xlsx'), workbookOf({ sheets }));
    const { stdout, stderr } = await presend(['suppressions', 'import', 'list.xlsx'], { cwd, environment });
    expect(stdout).toBe('1 added, 0 updated, 0 unchanged, 0 rejected\n');
    expect(stderr).toContain('list.xlsx: sheets that are not imported: About');
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

  test('add, check and lift share the list of the service', async () => {
    const cwd = emptyFolder();
    const suppressions = async (...args: string[]) => {
      const { stdout, status } = await presend(['suppressions', ...args], { cwd, environment });
      return { stdout, status };
    };
    const addresses = ['jane@example.com', 'John@Example.com'];
    expect(await suppressions('add', '--reason', 'bounce', '--status', '5.1.1', ...addresses)).toEqual({
      stdout: '2 added, 0 updated, 0 unchanged\n',
      status: 0,
    });
    await suppressions('add', '--reason', 'unsubscribe', '--scope', 'list:news', 'jim@example.com');
    const { stdout, status } = await suppressions('check', 'john@example.com', 'jim@example.com');
    expect(stdout).toMatch(
      /^john@example\.com {2}block {2}all bounce {2}since \d{4}-.*Z\njim@example\.com {2}clear\n$/,
    );
    expect(status).toBe(1);
    const ofNews = await suppressions(
      'check',
      '--list',
      'news',
      '--purpose',
      'transactional',
      'jim@example.com',
    );
    expect(ofNews.stdout).toMatch(/inform {2}list:news unsubscribe/);
    expect(ofNews.status).toBe(0);
    const lift = ['lift', '--from', '2020-01-01', '--to', '2100-01-01', '--status', '5.1.1'];
    expect((await suppressions(...lift, '--mail-host', 'Google.com')).stdout).toMatch(/^0 bounces/);
    expect(JSON.parse((await suppressions(...lift, '--json')).stdout)).toEqual({
      matches: 2,
      events_from: null,
    });
    expect(JSON.parse((await suppressions(...lift, '--source', 'form', '--json')).stdout)).toEqual({
      matches: 0,
      events_from: expect.stringMatching(/^20\d\d-\d\d-\d\dT00:00:00.000Z$/),
    });
    expect(await suppressions(...lift)).toEqual({
      stdout: '2 bounces on the suppression list match. Run the command again with --yes to lift them.\n',
      status: 0,
    });
    expect(await suppressions(...lift, '--yes')).toEqual({ stdout: '2 lifted\n', status: 0 });
    expect((await suppressions('check', ...addresses)).status).toBe(0);
  });

  test.each([
    ['no reason', ['add', 'jane@example.com']],
    ['an address that is none', ['add', '--reason', 'manual', 'jane']],
    ['another scope', ['add', '--reason', 'manual', '--scope', 'everything', 'jane@example.com']],
    ['another status', ['add', '--reason', 'bounce', '--status', '550', 'jane@example.com']],
    ['no address', ['check']],
    ['another purpose', ['check', '--purpose', 'spam', 'jane@example.com']],
    ['no end', ['lift', '--from', '2026-11-20']],
    ['an end before the beginning', ['lift', '--from', '2026-11-20', '--to', '2026-11-19']],
    ['no file', ['import']],
    ['a file that is not there', ['import', 'nowhere.csv']],
    ['another reason', ['import', '--reason', 'soft', '-']],
    ['another format', ['export', '--format', 'xml']],
    ['nothing', []],
  ])('%s is not understood', async (_, args) => {
    expect((await presend(['suppressions', ...args], { environment })).status).toBe(2);
  });
});
