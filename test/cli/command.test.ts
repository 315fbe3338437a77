// How arguments are read, and what is said about those that cannot be.

import { describe, expect, test } from 'vitest';
import { type CommandOptions, optionNamesOf, parseArguments } from '../../src/cli/command.ts';
import { meantName } from '../../src/cli/meant-name.ts';

const options = {
  output: { type: 'string', short: 'o', value: 'FILE', help: 'the file' },
  format: { type: 'string', choices: ['csv', 'ndjson'], help: 'the format' },
  only: { type: 'string', choices: ['accept', 'reject'], multiple: true, help: 'the actions' },
  header: { type: 'boolean', negatable: true, help: 'whether there is a header' },
  json: { type: 'boolean', help: 'print JSON' },
  scope: {
    type: 'string',
    choices: ['validate', 'suppressions:read', 'suppressions:write', 'bounces:write', 'reports:read'],
    help: 'the scope',
  },
  patience: { type: 'integer', value: 'SECONDS', default: 300, help: 'the patience' },
  sample: { type: 'integer', range: [1, 10], help: 'how many' },
} as const satisfies CommandOptions;

const parse = (...args: string[]) => parseArguments({ name: 'clean', operands: 'LIST', options }, args);

test('without arguments, options have their defaults', () => {
  expect(parse()).toEqual({ operands: [], values: { json: false, patience: 300 } });
});

test('values are typed, and operands may stand anywhere', () => {
  expect(
    parse('a.csv', '-o', 'b.csv', '--patience=5', '--json', '--format', 'ndjson', '--sample', '10', 'c'),
  ).toEqual({
    operands: ['a.csv', 'c'],
    values: { output: 'b.csv', patience: 5, json: true, format: 'ndjson', sample: 10 },
  });
  expect(parse('-ob.csv').values.output).toBe('b.csv');
  expect(parse('--output=-x').values.output).toBe('-x');
  expect(parse('--output', '-').values.output).toBe('-');
  expect(parse('--output', ' ').values.output).toBe(' ');
  expect(parse('--', '--json', '-o')).toMatchObject({ operands: ['--json', '-o'], values: { json: false } });
});

test('a repeated option collects its values, which commas separate', () => {
  expect(parse('--only', 'accept, reject', '--only', 'accept').values.only).toEqual([
    'accept',
    'reject',
    'accept',
  ]);
});

test('a negatable option is true, false or absent', () => {
  expect(parse('--header').values.header).toBe(true);
  expect(parse('--no-header').values.header).toBe(false);
  expect(parse().values.header).toBeUndefined();
  expect(() => parse('--no-json')).toThrow('unknown option --no-json');
});

describe('a mistake is answered with what leads on', () => {
  test.each([
    [['--outptu', 'x'], 'unknown option --outptu. Did you mean --output?'],
    [['--pat', '3'], 'unknown option --pat. Did you mean --patience?'],
    [['--JSON'], 'unknown option --JSON. Did you mean --json?'],
    [['--halp'], 'unknown option --halp. Did you mean --help?'],
    [['-x'], 'unknown option -x. If it is not an option, write -- before it'],
    [['--jane@example.com'], 'unknown option that contains @. If it is not an option, write -- before it'],
    [['--output'], '--output needs a value: --output FILE'],
    [['--output='], '--output needs a value: --output FILE'],
    [['--output', '--json'], '--output needs a value: --output FILE'],
    [['-o'], '-o needs a value: -o FILE'],
    [['--format'], '--format needs a value: --format csv|ndjson'],
    [['--sample', 'x'], '--sample must be a whole number from 1 to 10'],
    [['--sample', '0'], '--sample must be a whole number from 1 to 10'],
    [['--sample', '11'], '--sample must be a whole number from 1 to 10'],
    [['--patience', '-1'], '--patience must be a whole number from 0 to 999999999'],
    [['--patience', '1.5'], '--patience must be a whole number'],
    [['--patience', '1000000000'], '--patience must be a whole number'],
    [['--format', 'cvs'], '--format must be one of csv, ndjson. Did you mean csv?'],
    [['--format', 'xml'], '--format must be one of csv, ndjson'],
    [['--only', 'accept,reect'], '--only must be one of accept, reject. Did you mean reject?'],
    [['--scope', 'suppressions:raed'], '--scope has no such value. Did you mean suppressions:read?'],
    [['--scope', 'all'], '--scope must be one of validate, suppressions:read, '],
    [['--json=yes'], '--json takes no value'],
  ])('%j: %s', (args, message) => {
    expect(() => parse(...args)).toThrow(message);
    expect(() => parse(...args)).not.toThrow('\n');
  });

  test('a command without operands takes none, and does not repeat them', () => {
    const words = () => parseArguments({ name: 'keys list', options: {} }, ['jane@example.com']);
    expect(words).toThrow('keys list takes no arguments, only options');
    expect(() => parseArguments({ name: 'keys list', options: {} }, ['-x'])).toThrow(/^unknown option -x$/);
    const serve = { name: 'serve', options: {}, instead: 'set PORT' };
    for (const args of [['--port', '80'], ['80']])
      expect(() => parseArguments(serve, args)).toThrow(/^set PORT$/);
  });
});

test('every spelling of the options is known', () => {
  expect(optionNamesOf(options)).toContain('--no-header');
  expect(optionNamesOf(options)).toContain('-o');
});

describe('the name that was meant', () => {
  const names = ['check', 'clean', 'keys', 'suppressions', 'serve'];
  test.each([
    ['chekc', 'check'],
    ['clena', 'clean'],
    ['supp', 'suppressions'],
    ['CHECK', 'check'],
    ['key', 'keys'],
    ['kesy', 'keys'],
    ['serv', 'serve'],
  ])('%s: %s', (text, meant) => {
    expect(meantName(text, names)).toBe(meant);
  });

  test.each(['', 'c', 's', 'jobs', 'validate', 'kxyz'])('%j: none', (text) => {
    expect(meantName(text, names)).toBeUndefined();
  });
});
