// The event log joined to a list: which events each row gets, and how its columns are written.

import { expect, test } from 'vitest';
import type { EventFilter } from '../../src/events/event-filter.ts';
import { createSeenAddresses } from '../../src/lists/duplicates.ts';
import { joinEvents } from '../../src/lists/joined-events.ts';
import { openList } from '../../src/lists/read-list.ts';
import type { ListOptions } from '../../src/lists/record-format.ts';
import { addressHashKey, suppressionKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { storedEvent } from '../contract/event-log.ts';

const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));
const hashOf = (address: string) => (hasher.hashAll([suppressionKey(address)]) as string[])[0]!;
const noon = Date.UTC(2026, 10, 20, 12);

const events = [
  storedEvent('e1', { addressHash: hashOf('jane@example.org') }),
  storedEvent('e2', { addressHash: hashOf('jane@example.org'), at: noon + 1000, campaign: '=cmd|x' }),
  storedEvent('e3', { addressHash: hashOf('joe@example.org'), list: 'a, "b"', status: null, echo: true }),
];

async function join(text: string, options: ListOptions = {}, filter: EventFilter = {}) {
  const list = await openList(
    (async function* () {
      yield new TextEncoder().encode(text);
    })(),
    options,
  );
  if (!list.ok) throw new Error(list.error.message);
  const asked: { keyId: string; hashes: readonly string[]; filter: EventFilter }[] = [];
  const counts = { rows: 0, addresses: 0, events: 0 };
  let csv = '';
  let error: string | null = null;
  for await (const part of joinEvents({
    list,
    hasher,
    filter,
    seen: createSeenAddresses(),
    repository: {
      async matching(keyId, hashes, wanted) {
        asked.push({ keyId, hashes, filter: wanted });
        return events.filter(({ addressHash }) => hashes.includes(addressHash!)) as never;
      },
    },
  })) {
    if (part.kind === 'error') {
      error = part.error.code;
      continue;
    }
    csv += part.csv;
    counts.rows += part.rows;
    counts.addresses += part.addresses;
    counts.events += part.events;
  }
  const [header, ...rows] = csv.trimEnd().split('\r\n');
  return { header, rows, counts, asked, error };
}

const columns =
  'address,at,kind,class,reason,status,provider,mail_host,gateway,campaign,list,source,reported_by,echo,proof,received_at,id';

test('each event of an address gets the columns of its row', async () => {
  const { header, rows, counts } = await join(
    'name,email,source,list\n"Doe, Jane",Jane@example.org,fair,x\nJoe,joe@example.org,=1+1,\nZoe,zoe@example.org,,\n',
  );
  expect(header).toBe(`${columns},name,email,list_source,list_list`);
  const rest = 'google.com,mimecast';
  const end = `2026-11-20T12:00:00.000Z`;
  expect(rows).toEqual([
    `Jane@example.org,2026-11-20T12:00:00.000Z,bounce,hard,mailbox_unknown,5.1.1,gmail,${rest},spring,news,fair,postmark,false,proven,${end},e1,"Doe, Jane",Jane@example.org,fair,x`,
    `Jane@example.org,2026-11-20T12:00:01.000Z,bounce,hard,mailbox_unknown,5.1.1,gmail,${rest},'=cmd|x,news,fair,postmark,false,proven,${end},e2,"Doe, Jane",Jane@example.org,fair,x`,
    `joe@example.org,2026-11-20T12:00:00.000Z,bounce,hard,mailbox_unknown,,gmail,${rest},spring,"a, ""b""",fair,postmark,true,proven,${end},e3,Joe,joe@example.org,=1+1,`,
  ]);
  expect(counts).toEqual({ rows: 3, addresses: 2, events: 3 });
});

test('an address that occurs twice is joined with its first row, whatever its spelling', async () => {
  const { rows, counts } = await join('email;n\njoe@example.org;1\nJOE@example.org;2\n"joe"@example.org;3\n');
  expect(rows.map((row) => row.split(',').slice(-2))).toEqual([['joe@example.org', '1']]);
  expect(counts).toEqual({ rows: 3, addresses: 1, events: 1 });
});

test('all addresses of a contact are joined, and rows without an address are not', async () => {
  const { rows, asked } = await join(
    'email,secondary email\nnone@example.org,joe@example.org\nnot an address,\n,\n',
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatch(/^joe@example\.org,.*,none@example\.org,joe@example\.org$/);
  expect(asked.flatMap(({ hashes }) => hashes)).toHaveLength(2);
});

test('the filter and the key are those of the caller', async () => {
  const { asked } = await join('email\njoe@example.org\n', {}, { campaign: 'spring' });
  expect(asked).toEqual([
    { keyId: hasher.keyId, hashes: [hashOf('joe@example.org')], filter: { campaign: 'spring' } },
  ]);
});

test('many addresses are looked up in batches', async () => {
  const addresses = Array.from({ length: 1201 }, (_, index) => `a${index}@example.org`);
  const { asked, counts } = await join(`email\n${addresses.join('\n')}\njane@example.org\n`);
  expect(Math.max(...asked.map(({ hashes }) => hashes.length))).toBeLessThanOrEqual(500);
  expect(asked.flatMap(({ hashes }) => hashes)).toHaveLength(1202);
  expect(counts).toEqual({ rows: 1202, addresses: 1, events: 2 });
});

test.each([
  ['joe@example.org\nzoe@example.org\n', '', ''],
  ['zoe@example.org,Zoe\njoe@example.org,Joe\n', ',column_1,column_2', ',joe@example.org,Joe'],
  ['{"email":"joe@example.org","n":1}\n', ',contact', ',"{""email"":""joe@example.org"",""n"":1}"'],
  ['["joe@example.org","zoe@example.org"]', '', ''],
  ['email,\njoe@example.org,x\n', ',email,', ',joe@example.org,x'],
])('%j has the columns %j', async (text, names, cells) => {
  const { header, rows } = await join(text);
  expect(header).toBe(`${columns}${names}`);
  expect(rows).toHaveLength(1);
  expect(rows[0]!.endsWith(`,e3${cells}`)).toBe(true);
});

test('a list that cannot be read to its end ends with the error', async () => {
  const broken = Array.from({ length: 30 }, (_, index) => `x${index}@example.org,"a`).join('\n');
  const { error } = await join(`email,n\njoe@example.org,1\n${broken}\n`);
  expect(error).not.toBeNull();
});
