// `presend check` in a terminal.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { version } from '../../src/version.ts';
import { type DohServer, startDohServer } from '../dns/doh-server.ts';
import { zone } from '../http/zone.ts';
import { emptyFolder, presend } from './program.ts';

let doh: DohServer;
beforeAll(async () => {
  doh = await startDohServer(zone);
});
afterAll(() => doh.close());

const run = (args: readonly string[], input = '', settings: Readonly<Record<string, string>> = {}) =>
  presend(args, { input, environment: { DOH_URLS: doh.url, ...settings } });

test('prints the verdict on each address with its reason on the next line', async () => {
  const { stdout, stderr } = await run(['check', 'jane@brisk-otter.com', 'jane@gmial.com']);
  expect(stderr).toBe('');
  expect(stdout).toBe(
    [
      'deliverable          jane@brisk-otter.com',
      '              no_known_obstacle: No known obstacle.',
      'undeliverable 5.1.2  jane@gmial.com',
      '              domain_typo: The domain looks misspelled and accepts no mail. Did you mean jane@gmail.com?',
      '',
    ].join('\n'),
  );
});

test.each([
  [0, 'deliverable', ['jane@brisk-otter.com', 'jane@gmail.com']],
  [1, 'undeliverable', ['jane@brisk-otter.com', 'jane@no-mail-please.org', 'info@brisk-otter.com']],
  [3, 'risky', ['jane@brisk-otter.com', 'info@brisk-otter.com']],
  [3, 'unknown', ['jane@broken-zone.org']],
])('the exit status is %i when the worst is %s', async (status, _, addresses) => {
  expect((await run(['check', ...addresses])).status).toBe(status);
});

test('--json prints one object per line, as POST /v1/validate returns it it', async () => {
  const { stdout } = await run(['check', '--json', 'jane@gmial.com', 'null-mx@presend.test']);
  const verdicts = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(verdicts).toMatchObject([
    { email: 'jane@gmial.com', reason: 'domain_typo', did_you_mean: 'jane@gmail.com' },
    { email: 'null-mx@presend.test', reason: 'null_mx', bounce: { status: '5.1.10' } },
  ]);
});

test('without arguments, reads thousands of addresses from standard input in order', async () => {
  const addresses = Array.from({ length: 1203 }, (_, index) => `jane${index}@brisk-otter.com`);
  const { stdout, status } = await run(['check', '--json'], `${addresses.join('\r\n')}\n\n`);
  const checked = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).email);
  expect(checked).toEqual(addresses);
  expect(status).toBe(0);
});

test.each([
  [['bounce', '.'], '. is a folder'],
  [['clean', '.'], '. is a folder'],
  [['suppressions', 'import', '.'], '. is a folder'],
  [['check', '--allow', '.', 'jane@brisk-otter.com'], '. is a folder'],
  [['bounce', 'nowhere.eml'], 'nowhere.eml: no such file. See: presend bounce --help'],
])('%j: a folder, or nothing, is no file', async (args, message) => {
  const { status, stderr } = await run(args);
  expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
});

describe('--allow and --deny', () => {
  const listFile = (text: string) => {
    const file = join(emptyFolder(), 'domains.txt');
    writeFileSync(file, text);
    return file;
  };

  test('override the data for the listed domains', async () => {
    const files = [
      '--allow',
      listFile('# fine by us\nmailinator.com\n'),
      '--deny',
      listFile('*.brisk-otter.com\n'),
    ];
    const { stdout } = await run(['check', ...files, 'jane@mailinator.com', 'jane@brisk-otter.com']);
    expect(stdout).toContain('no_known_obstacle');
    expect(stdout).toContain('denied_domain');
  });

  test('add to the files that the settings name', async () => {
    const settings = { DENY_FILE: listFile('*.brisk-otter.com\n') };
    const args = ['check', '--deny', listFile('mailinator.com\n'), 'a@mailinator.com', 'b@brisk-otter.com'];
    expect((await run(args, '', settings)).stdout.match(/denied_domain/g)).toHaveLength(2);
    const allowed = await run(['check', 'a@mailinator.com'], '', {
      ALLOW_FILE: listFile('mailinator.com\n'),
    });
    expect(allowed.stdout).toContain('no_known_obstacle');
  });

  test('an invalid domain is reported and nothing is checked', async () => {
    const { status, stdout, stderr } = await run([
      'check',
      '--deny',
      listFile('fine.com\nnot fine\n'),
      'a@b.com',
    ]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/domains\.txt:2: invalid domain/);
  });
});

test('control characters in an address do not reach the terminal', async () => {
  const { stdout } = await run(['check', 'jane\x1b[2J@brisk-otter.com']);
  expect(stdout).not.toContain('\x1b');
});

describe('invalid arguments end with status 2 and one line that names the help', () => {
  test.each([
    [[]],
    [['chekc', 'jane@gmail.com']],
    [['check', '--colour', 'jane@gmail.com']],
    [['serve', 'now']],
  ])('%j', async (args) => {
    const { status, stdout, stderr } = await run(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^presend: \S.*[.?] See: presend (\w+ )?--help\n$/);
    expect(stderr).not.toContain('jane');
  });

  test.each([[['--help']], [['-h']], [['help']]])('%j prints the commands', async (args) => {
    const { status, stdout } = await run(args);
    expect([status, stdout]).toEqual([0, expect.stringContaining('Usage: presend COMMAND')]);
  });

  test.each(['check', 'clean', 'bounce', 'reply', 'suppressions', 'erase', 'serve', 'keys'])(
    '%s --help prints its options and an example',
    async (command) => {
      const { status, stdout, stderr } = await run([command, '--help']);
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(new RegExp(`^Usage: presend ${command}`));
      expect(stdout).toMatch(/\nExamples?:\n {2}\S/);
    },
  );

  test('an address after -- is an address', async () => {
    expect((await run(['check', '--', '--help'])).stdout).toContain('syntax_error');
    expect((await run(['help', 'check'])).stdout).toMatch(/^Usage: presend check/);
  });

  test.each(['--version', '-v', 'version'])('%s prints the version', async (argument) => {
    const { status, stdout } = await run([argument]);
    expect([status, stdout]).toEqual([0, `${version}\n`]);
  });
});

test('without a network, the verdict arrives before the deadline', async () => {
  // Port 9 (discard) of loopback: nothing listens there, so that every resolver is out.
  const environment = {
    DOH_URLS: 'http://127.0.0.1:9/dns-query,http://127.0.0.1:9/other',
    VALIDATE_TIMEOUT_MS: '1500',
  };
  const addresses = [
    'jane..doe@gmail.com',
    'jane@gmial.com',
    'jane@mailinator.com',
    'info@gmail.com',
    'jane@gmail.com',
  ];
  const { stdout } = await presend(['check', '--json', ...addresses], { environment });
  const verdicts = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(verdicts).toMatchObject([
    { reason: 'syntax_error' },
    { reason: 'domain_typo', did_you_mean: 'jane@gmail.com' },
    { reason: 'dns_undetermined', disposable: true },
    { reason: 'dns_undetermined', role: true },
    { result: 'unknown', reason: 'dns_undetermined', bounce: { status: '4.4.3' } },
  ]);
  for (const { took_ms } of verdicts) expect(took_ms).toBeLessThanOrEqual(1550);
});
