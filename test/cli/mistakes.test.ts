// Mistakes of strangers: each is answered by one line that leads on, with the right exit status and without a stack trace.

import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type DohServer, startDohServer } from '../dns/doh-server.ts';
import { zone } from '../http/zone.ts';
import { emptyFolder, presend } from './program.ts';

let doh: DohServer;
beforeAll(async () => {
  doh = await startDohServer(zone);
});
afterAll(() => doh.close());

/** A folder with a good list, and with files that are not what they should be. */
function folder(): string {
  const cwd = emptyFolder();
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(cwd, name), content);
  write('list.csv', 'email\njane@brisk-otter.com\n');
  write('empty.csv', '');
  write('names.csv', 'name,town\nJane,York\n');
  write('photo.csv', readFileSync(new URL('../../docs/images/try.webp', import.meta.url)));
  write('broken.xlsx', Buffer.from('PK\x03\x04 and nothing else'));
  write('key.pem', 'not a key\n');
  write('domains.txt', 'fine.com\nnot fine\n');
  mkdirSync(join(cwd, 'folder'));
  return cwd;
}

const onlyWay = /See: presend( [a-z]+)* --help$/;

const mistakes: readonly [
  what: string,
  args: readonly string[],
  status: number,
  answer: string | RegExp,
  settings?: Readonly<Record<string, string>>,
][] = [
  ['no command', [], 2, 'a command is required, such as check or clean. See: presend --help'],
  [
    'a misspelled command',
    ['chekc'],
    2,
    'there is no command chekc. Did you mean check? See: presend --help',
  ],
  ['another command', ['validate'], 2, /there is no command validate\. .*--help/],
  ['an address without a command', ['jane@example.com'], 2, /Did you mean check\?/],
  ['an option without a command', ['--jsno'], 2, /a command is required before the options/],
  ['help for a misspelled command', ['help', 'claen'], 2, /Did you mean clean\?/],
  ['a group without an action', ['keys'], 2, /keys needs one of: create, list, rotate, revoke\./],
  ['a misspelled action', ['keys', 'craete'], 2, /Did you mean create\? See: presend keys --help/],
  ['an action of another group', ['jobs', 'rotate'], 2, /jobs needs one of: create, list, /],
  ['a misspelled option', ['check', '--jsno', 'a@b.co'], 2, /unknown option --jsno\. Did you mean --json\?/],
  ['another option', ['check', '--colour', 'a@b.co'], 2, onlyWay],
  ['an option of another action', ['keys', 'list', '--name', 'x'], 2, /unknown option --name/],
  ['a missing value', ['clean', 'list.csv', '-o'], 2, /-o needs a value: -o FILE/],
  ['an option in place of a value', ['clean', 'list.csv', '-o', '--resume'], 2, /-o needs a value/],
  ['a value for a flag', ['check', '--json=true', 'a@b.co'], 2, /--json takes no value/],
  ['a value that is not a choice', ['clean', 'list.csv', '--format', 'cvs'], 2, /Did you mean csv\?/],
  [
    'a number that is none',
    ['clean', 'list.csv', '--patience', 'long'],
    2,
    /--patience must be a whole number/,
  ],
  ['a rate that is none', ['clean', 'list.csv', '-o', 'c.csv', '--goal', 'low'], 2, /such as 2% or 0\.02/],
  ['no list', ['clean'], 2, /clean needs one list, such as contacts\.csv/],
  ['two lists', ['clean', 'list.csv', 'list.csv'], 2, /clean needs one list/],
  ['a file that is not there', ['clean', 'lst.csv'], 2, /lst\.csv: no such file/],
  ['a folder', ['clean', 'folder'], 2, /folder is a folder\. Name a file in it/],
  ['an empty file', ['clean', 'empty.csv', '-o', 'c.csv'], 1, /no_rows/],
  ['a list without addresses', ['clean', 'names.csv', '-o', 'c.csv'], 1, /no_address_column/],
  ['a picture', ['clean', 'photo.csv', '-o', 'c.csv'], 1, /\(binary\)/],
  ['a broken workbook', ['clean', 'broken.xlsx', '-o', 'c.csv'], 1, /bad_workbook/],
  ['a column that is not there', ['clean', 'list.csv', '--email-column', 'mail'], 1, /unknown_column/],
  [
    'an encoding that nobody knows',
    ['clean', 'list.csv', '--encoding', 'cp9999'],
    2,
    /--encoding must be one of/,
  ],
  [
    'a folder of the result that is not there',
    ['clean', 'list.csv', '-o', 'no/c.csv'],
    5,
    /its folder must exist/,
  ],
  ['a result that is a folder', ['clean', 'list.csv', '-o', 'folder'], 5, /folder.* in it/],
  [
    'the list as the result',
    ['clean', 'list.csv', '-o', './list.csv'],
    2,
    /the list and -o name the same file/,
  ],
  [
    'two outputs alike',
    ['clean', 'list.csv', '-o', 'c.csv', '--report', 'c.csv'],
    2,
    /-o and --report name the same/,
  ],
  ['--resume without files', ['clean', 'list.csv', '--resume'], 2, /--resume needs files/],
  [
    '--resume of a sample',
    ['clean', 'list.csv', '-o', 'c', '--sample', '1', '--resume'],
    2,
    /cannot be combined/,
  ],
  ['an address that is none', ['suppressions', 'check', 'jane'], 2, /jane is not a valid e-mail address/],
  ['no reason', ['suppressions', 'add', 'jane@example.com'], 2, /needs --reason with bounce, complaint/],
  [
    'a date that is none',
    ['suppressions', 'lift', '--from', 'monday', '--to', '2026-11-20'],
    2,
    /--from must be a time such as/,
  ],
  [
    'a date that does not exist',
    ['backtest', 'list.csv', '--events', '--sent', '2026-02-30'],
    2,
    /--sent must be a date such as/,
  ],
  [
    'an end before the start',
    ['backtest', 'list.csv', '--events', '--from', '2026-11-20', '--to', '2026-11-01'],
    2,
    /the first day \(--from or --sent\) must not be after/,
  ],
  [
    'a key id that is unknown',
    ['keys', 'revoke', 'key_0'],
    1,
    /Unknown key id\. List the keys with: presend keys list/,
  ],
  [
    'a job id that is unknown',
    ['jobs', 'show', 'job_0'],
    1,
    /unknown job id\. List the jobs with: presend jobs list/,
  ],
  [
    'an origin that is none',
    ['keys', 'create', '--name', 'x', '--origins', 'shop.example'],
    2,
    /such as https:\/\/shop\.example/,
  ],
  ['a scope that is none', ['keys', 'create', '--name', 'x', '--scopes', 'job'], 2, /Did you mean jobs\?/],
  [
    'a private key that is none',
    ['data', 'pack', '--key', 'key.pem', '-o', 'x'],
    2,
    /not an Ed25519 private key in PEM/,
  ],
  ['no public key', ['data', 'update', '--file', 'list.csv'], 2, /DATA_PUBLIC_KEY is required/],
  [
    'a bad URL of the data',
    ['data', 'update', '--url', 'nonsense'],
    1,
    /not updated/,
    { DATA_PUBLIC_KEY: `${'A'.repeat(43)}=` },
  ],
  [
    'a file of domains with a mistake',
    ['check', '--deny', 'domains.txt', 'a@b.co'],
    2,
    /domains\.txt:2: invalid domain/,
  ],
  [
    'a bad setting',
    ['check', 'a@b.co'],
    2,
    /PORT must be .*\. Check all settings with: presend doctor/,
    { PORT: 'x' },
  ],
  ['a bad URL in a setting', ['check', 'a@b.co'], 2, /DOH_URLS must be/, { DOH_URLS: 'dns.example' }],
  [
    'several bad settings',
    ['check', 'a@b.co'],
    2,
    /and 2 more\. Check all settings/,
    { PORT: 'x', SMTPUTF8: 'x', PROFILE: 'x' },
  ],
  [
    'a database that is none',
    ['keys', 'list'],
    2,
    /DATABASE_PATH\) cannot be used/,
    { DATABASE_PATH: 'list.csv' },
  ],
  ['an empty reply', ['reply', ''], 2, /reply needs the text of an SMTP reply/],
  ['no recorded events', ['backtest', 'list.csv', '--events'], 2, /no recorded delivery event matches/],
  [
    'an option in place of a setting',
    ['serve', '--port', '80'],
    2,
    /takes settings from the environment, such as PORT=8080/,
  ],
  ['an operand of serve', ['serve', '8080'], 2, /such as PORT=8080 presend serve\. See/],
  [
    'a misspelled value of many',
    ['clean', 'list.csv', '--language', 'dee'],
    2,
    /--language must be one of en, .*\. Did you mean de\?/,
  ],
  [
    'a folder of outputs that is a file',
    ['clean', 'list.csv', '--outputs', 'names.csv'],
    5,
    /Choose another name/,
  ],
  [
    'a report that cannot be written, before the run starts',
    ['clean', 'list.csv', '-o', 'c.csv', '--report', 'no/r.html'],
    5,
    /^presend: no\/r\.html: .* its folder must exist\.$/,
  ],
  [
    'a report of a backtest that would overwrite the list',
    ['backtest', 'list.csv', 'names.csv', '--report', 'list.csv'],
    2,
    /the list and --report name the same file/,
  ],
  [
    'a delimiter of two characters',
    ['clean', 'list.csv', '--delimiter', ',,'],
    2,
    /--delimiter must be one character/,
  ],
  ['a value for --help', ['clean', '--help=me'], 2, /--help takes no value/],
  ['an export without a list', ['events', 'export'], 2, /events export needs --with LIST, such as --with/],
  [
    'a day that does not exist',
    ['events', 'export', '--with', 'list.csv', '--from', '2026-02-30'],
    2,
    /--from must be a day such as 2026-11-20 or a time/,
  ],
  [
    'a misspelled class',
    ['events', 'export', '--with', 'list.csv', '--class', 'hrad'],
    2,
    /Did you mean hard\?/,
  ],
  ['a list of events without addresses', ['events', 'export', '--with', 'names.csv'], 1, /no_address_column/],
  ['no address to find', ['events', 'find'], 2, /events find needs one address/],
  ['a shell that is unknown', ['completion', 'csh'], 2, /completion needs one of: bash, zsh, fish/],
];

test.each(mistakes)('%s', async (_, args, status, answer, settings = {}) => {
  const { stdout, stderr, ...finished } = await presend(args, {
    cwd: folder(),
    environment: { DOH_URLS: doh.url, ...settings },
  });
  expect([finished.status, stdout]).toEqual([status, '']);
  const [line, ...more] = stderr.split('\n');
  expect(more, stderr).toEqual(['']);
  expect(line!.length, line).toBeLessThanOrEqual(200);
  if (typeof answer === 'string') expect(line).toBe(`presend: ${answer}`);
  else expect(line).toMatch(answer);
});

test('with --json, the same line is also a document', { timeout: 120_000 }, async () => {
  const cwd = folder();
  const environment = { DOH_URLS: doh.url };
  const failures = [
    [['check', '--json', '--jsno'], 'usage', 2],
    [['nonsense', '--json'], 'usage', 2],
    [['jobs', 'show', 'job_0', '--json'], 'not_found', 1],
    [['clean', 'empty.csv', '-o', 'c.csv', '--json'], 'no_rows', 1],
    [['clean', 'list.csv', '-o', 'no/c.csv', '--json'], 'system', 5],
    [['backtest', 'names.csv', 'list.csv', '--json'], 'no_address_column', 1],
    [['keys', 'list', '--json'], 'settings', 2, { PORT: 'x' }],
  ] as const;
  for (const [args, code, status, settings = {}] of failures) {
    const finished = await presend(args, { cwd, environment: { ...environment, ...settings } });
    expect([finished.status, JSON.parse(finished.stdout).error.code], args.join(' ')).toEqual([status, code]);
    expect(finished.stderr).toContain(JSON.parse(finished.stdout).error.message);
  }
  // Where the list itself goes to standard output, the document must not be in it.
  const { stdout, stderr } = await presend(['clean', 'empty.csv', '--json'], { cwd, environment });
  expect(stdout).toBe('');
  expect(JSON.parse(stderr.trim().split('\n').at(-1)!).error.code).toBe('no_rows');
  // After `--`, it is an operand.
  expect((await presend(['nonsense', '--', '--json'], { cwd })).stdout).toBe('');
});

test('a port in use', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { status, stderr } = await presend(['serve'], {
    environment: { PORT: String(port), DOH_URLS: doh.url },
  });
  expect([status, stderr]).toEqual([
    2,
    `presend cannot start.\n  Port ${port} on 127.0.0.1 is already in use. Set PORT to another port.\n`,
  ]);
});

test('a result that cannot be written', async () => {
  const cwd = folder();
  chmodSync(join(cwd, 'folder'), 0o500);
  const { status, stderr } = await presend(['clean', 'list.csv', '-o', 'folder/c.csv'], {
    cwd,
    environment: { DOH_URLS: doh.url },
  });
  // The superuser may write anyway.
  if (process.getuid?.() === 0) expect(status).toBe(0);
  else
    expect([status, stderr]).toEqual([
      5,
      'presend: folder/c.csv.partial: permission denied (EACCES). Check the permissions.\n',
    ]);
});
