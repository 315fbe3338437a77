// `presend check`: the lines for verdicts, and the exit status of all of them.

import { describe, expect, test } from 'vitest';
import { check } from '../../src/cli/check.ts';
import { createValidator } from '../../src/index.ts';

// Addresses whose verdict needs no DNS, or that of the sandbox.
const validator = createValidator({ dohUrls: ['http://127.0.0.1:9/'] });

async function checked(addresses: readonly string[], options: { json?: boolean; colour?: boolean } = {}) {
  const lines: string[] = [];
  const status = await check(validator, addresses, {
    json: false,
    colour: false,
    ...options,
    write: (text) => lines.push(text),
  });
  return { status, lines };
}

const mailbox = (name: string) => `${name}@presend.test`;

describe('the exit status', () => {
  test.each([
    [0, []],
    [0, [mailbox('jane')]],
    [1, [mailbox('jane'), mailbox('null-mx'), mailbox('role-account')]],
    [3, [mailbox('jane'), mailbox('disposable-domain')]],
    [3, [mailbox('dns-undetermined')]],
  ])('is %i for %j', async (status, addresses) => {
    expect((await checked(addresses)).status).toBe(status);
  });
});

test('a line has the result, the status and the address; the next one the reason', async () => {
  expect((await checked([mailbox('jane'), mailbox('null-mx')])).lines).toEqual([
    'deliverable          jane@presend.test\n              no_known_obstacle: No known obstacle.\n',
    expect.stringMatching(/^undeliverable 5\.1\.10 null-mx@presend\.test\n {14}null_mx: .+\n$/),
  ]);
});

test('a suggestion follows the reason', async () => {
  const { lines } = await checked([mailbox('domain-typo')]);
  expect(lines[0]).toMatch(/ Did you mean \S+@\S+\?\n$/);
});

test.each([
  ['deliverable', 'jane', 32],
  ['undeliverable', 'null-mx', 31],
])('a terminal shows %s in colour', async (result, name, colour) => {
  const { lines } = await checked([mailbox(name)], { colour: true });
  expect(lines[0]!.startsWith(`\x1b[${colour}m${result.padEnd(13)}\x1b[0m `)).toBe(true);
});

test('--json has one object a line', async () => {
  const { lines } = await checked([mailbox('null-mx')], { json: true, colour: true });
  expect(JSON.parse(lines[0]!)).toMatchObject({ reason: 'null_mx', took_ms: expect.any(Number) });
});

test('verifies long input in batches and writes each before it reads the next', async () => {
  const lines: string[] = [];
  let writtenAtEnd = 0;
  async function* addresses() {
    for (let index = 0; index < 500; index++) yield mailbox(`p${index}`);
    writtenAtEnd = lines.length;
    yield mailbox('last');
  }
  await check(validator, addresses(), { json: false, colour: false, write: (text) => lines.push(text) });
  expect([writtenAtEnd, lines.length]).toEqual([500, 501]);
});
