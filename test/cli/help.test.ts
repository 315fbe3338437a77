// The help of every command: it names all options, its examples run, and the docs and the completion know the same options.

import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Command, isGroup, optionNamesOf } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { helpText, optionSpelling } from '../../src/cli/help-text.ts';
import { usage } from '../../src/cli/usage.ts';
import { type DohServer, startDohServer } from '../dns/doh-server.ts';
import { zone } from '../http/zone.ts';
import { emptyFolder, presend, presendServe } from './program.ts';

const root = new URL('../..', import.meta.url).pathname;
const loaded = await Promise.all(
  Object.entries(commands).map(async ([name, { load, summary }]) => ({
    name,
    summary,
    command: (await load()).command,
  })),
);
const leaves: Command[] = loaded.flatMap(({ command }) => (isGroup(command) ? command.actions : [command]));

describe.each(loaded)('presend $name --help', ({ name, summary, command }) => {
  const help = helpText(command);

  test('begins with the usage, and has an example', () => {
    expect(help).toMatch(new RegExp(`^Usage: presend ${name}`));
    expect(help).toMatch(/\nExamples?:\n {2}\S/);
    expect(command.name).toBe(name);
    expect(command.summary).toBe(summary);
    expect(usage).toContain(`  ${name}`);
    expect(usage).toContain(summary);
  });

  test('fits into a terminal', () => {
    for (const line of help.split('\n')) expect(line.length, line).toBeLessThanOrEqual(120);
  });
});

test.each(leaves.map((command) => [command.name, command] as const))(
  'presend %s --help names every option',
  (name, command) => {
    const help = helpText(command);
    expect(help).toMatch(new RegExp(`^Usage: presend ${name}`));
    for (const [option, description] of Object.entries(command.options)) {
      expect(help).toContain(`  ${optionSpelling(option, description)}`);
      for (const choice of description.choices ?? []) expect(help.replace(/\s+/g, ' ')).toContain(choice);
    }
  },
);

test('the layout: usage, text, options, exit status, examples', () => {
  const command = {
    name: 'list',
    operands: 'FILE',
    summary: 'list',
    about: 'Lists.\n  kept   as it is',
    options: {
      output: { type: 'string', short: 'o', value: 'FILE', help: 'the file' },
      kind: { type: 'string', value: 'KIND', choices: ['a', 'b'], default: 'a', help: 'the kind' },
      header: { type: 'boolean', negatable: true, help: `${'word '.repeat(30)}end` },
    },
    exit: '1 if not.',
    examples: ['presend list a', 'presend list b'],
    run: async () => {},
  } as const;
  expect(helpText(command)).toBe(`Usage: presend list [OPTION…] FILE

Lists.
  kept   as it is

Options:
  -o, --output FILE      the file
  --kind KIND            the kind: a, b; a by default
  --header, --no-header  ${'word '.repeat(16)}word
                         ${'word '.repeat(13)}end

Exit status: 1 if not.

Examples:
  presend list a
  presend list b
`);
});

test('help COMMAND and COMMAND --help print the same, for actions too', { timeout: 120_000 }, async () => {
  const outputs = await Promise.all([
    presend(['help', 'keys', 'create']),
    presend(['keys', 'create', '--help']),
    presend(['keys', 'create', '-h', '--nonsense']),
    presend(['help', 'keys', '--help']),
    presend(['keys', '--help']),
  ]);
  const [create, ...rest] = outputs.map(({ stdout, stderr, status }) => {
    expect([status, stderr]).toEqual([0, '']);
    return stdout;
  });
  expect(create).toMatch(/^Usage: presend keys create/);
  expect(rest.slice(0, 2)).toEqual([create, create]);
  expect(rest[2]).toMatch(/^Usage: presend keys create .*\n {7}presend keys list/);
  expect(rest[3]).toBe(rest[2]);
});

describe('the docs', () => {
  const pages = [
    'README.md',
    ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md') && !name.startsWith('decisions'))
      .map((name) => `docs/${name}`),
  ].map((page) => [page, readFileSync(join(root, page), 'utf8')] as const);
  const cliPage = readFileSync(join(root, 'docs/cli.md'), 'utf8');

  test.each(leaves.map((command) => [command.name, command] as const))(
    'docs/cli.md has all options of presend %s, and no others',
    (name, command) => {
      const row = new RegExp(`^\\| \`${name}( [^\`]*)?\` +\\| (.*) \\|$`, 'm').exec(cliPage);
      expect(row, `a row that begins with | \`${name}`).not.toBeNull();
      const named = [...row![2]!.matchAll(/`--([\w-]+)`/g)].map(([, option]) => option);
      expect(named.toSorted()).toEqual(Object.keys(command.options).toSorted());
    },
  );

  test('a command line in any page has a known command and known options', () => {
    let lines = 0;
    for (const [page, text] of pages)
      for (const [line] of text.matchAll(/\bpresend (?:[a-z]+ ).*/g)) {
        const [, first, second] = /presend ([a-z]+)(?: ([a-z]+))?/.exec(line)!;
        const found = leaves.find(({ name }) => name === `${first} ${second}` || name === first);
        if (found === undefined) continue;
        const rest = line.slice('presend '.length).split(/[`|>;]/)[0]!;
        for (const [option] of rest.matchAll(/(?<=\s)--[a-z][\w-]*/g)) {
          expect(optionNamesOf(found.options), `${page}: ${line}`).toContain(option);
          lines++;
        }
      }
    expect(lines).toBeGreaterThan(15);
  });
});

describe('every example runs', () => {
  let doh: DohServer;
  beforeAll(async () => {
    doh = await startDohServer(zone);
  });
  afterAll(() => doh.close());

  /** A folder with the files that the examples name, and an environment in which they work. */
  async function surroundings() {
    const cwd = emptyFolder();
    const write = (name: string, content: string) => writeFileSync(join(cwd, name), content);
    write('addresses.txt', 'jane@brisk-otter.com\n');
    write('contacts.csv', 'email\njane@brisk-otter.com\njoe@no-mail-please.org\n');
    write('clean.csv', readFileSync(join(cwd, 'contacts.csv'), 'utf8'));
    write('bounces.csv', 'email\njoe@no-mail-please.org\n');
    write('mailgun-bounces.csv', 'address,code\njoe@no-mail-please.org,550\n');
    write('returned.eml', 'From: a@example.com\n\nHello\n');
    write('newsletter.eml', 'From: a@example.com\n\nHello\n');
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    write('data-key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
    const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url').toString('base64');
    const environment = { DOH_URLS: doh.url, DATA_PUBLIC_KEY: raw, PREFLIGHT_DOMAINS: 'brisk-otter.com' };
    return { cwd, environment };
  }

  const wordsOf = (line: string): string[] =>
    [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);

  const examples = [
    ...new Set(
      loaded.flatMap(({ command }) => [
        ...command.examples,
        ...(isGroup(command) ? command.actions.flatMap((action) => action.examples) : []),
      ]),
    ),
    // A probe needs a mail host: test/cli/probe.test.ts.
  ].filter((example) => !/presend (serve|jobs|probe)\b/.test(example));

  test.each(examples)('%s', { timeout: 120_000 }, async (example) => {
    const { cwd, environment } = await surroundings();
    let line = example;
    const stdin = / < (\S+)$/.exec(line);
    line = line.replace(/ [<>] \S+$/, '').replace(/ --events .*/, ' --events --from 2026-11-01');
    if (line.includes('key_')) {
      await presend(['keys', 'create', '--name', 'x'], { cwd, environment });
      const [id] = /key_\w+/.exec((await presend(['keys', 'list'], { cwd, environment })).stdout)!;
      line = line.replace(/key_\w+/, id);
    }
    if (line.includes('contacts.xlsx'))
      await presend(['clean', 'contacts.csv', '-o', 'contacts.xlsx'], { cwd, environment });
    if (line.includes('--file presend.pack'))
      await presend(['data', 'pack', '--key', 'data-key.pem', '-o', 'presend.pack'], { cwd, environment });
    const [, set, value, command] = /^(?:(\w+)=(\S+) )?presend (.*)$/.exec(line)!;
    // The resolver of the example is not there: the check may fail, but the command must be right.
    const { status, stderr } = await presend(wordsOf(command!), {
      cwd,
      environment: set === undefined ? environment : { [set]: value! },
      input: stdin === null ? '' : readFileSync(join(cwd, stdin[1]!), 'utf8'),
    });
    expect(stderr).not.toMatch(/--help|\n {4}at /);
    const ofRecordedBounces = line.includes('--events');
    expect(status === 2, stderr).toBe(ofRecordedBounces);
    expect(status).not.toBe(5);
  });

  test('presend serve', async () => {
    const running = await presendServe(emptyFolder(), { DOH_URLS: doh.url });
    onTestFinished(async () => void (await running.stop('SIGTERM')));
    expect((await fetch(`${running.url}/healthz`)).status).toBe(200);
  });
});
