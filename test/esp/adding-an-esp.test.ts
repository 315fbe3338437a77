// The example of docs/adding-an-esp.md does what the page says.

import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { expect, test } from 'vitest';
import type { EspAdapter } from '../../src/esp/esp-adapter.ts';
import { receiveWebhook } from '../../src/esp/receive-webhook.ts';
import { eventIn, inShort } from './reading.ts';
import { noCertificates, withHexHmac } from './signing.ts';

const page = readFileSync(new URL('../../docs/adding-an-esp.md', import.meta.url), 'utf8');

async function adapterOfThePage(): Promise<EspAdapter> {
  const [, example] = /```ts\n([\s\S]+?)```/.exec(page)!;
  const room = new URL('../../src/esp/', import.meta.url).href;
  const code = stripTypeScriptTypes(example!)
    .replaceAll("from './", `from '${room}`)
    .replaceAll("from '../", `from '${new URL('..', room).href}`);
  const module = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`);
  return module.pigeonPost;
}

const letter = (what: string, heard?: string) => ({
  what,
  heard,
  ring: 'r-1',
  to: 'Jane <jane@example.net>',
});

test.each([
  [letter('landed'), 'delivered none delivered'],
  [letter('no such roost'), 'bounce hard mailbox_unknown, suppressed'],
  [letter('returned'), 'bounce soft unknown'],
  [letter('returned', '550 5.1.1 user unknown'), 'bounce hard mailbox_unknown, suppressed'],
  [letter('circling', '550 5.1.1 user unknown'), 'deferred soft mailbox_unknown'],
  [letter('stayed in the loft'), 'rejected none suppressed_by_provider, echo'],
  [letter('pecked at'), 'complaint complaint feedback, suppressed'],
  [letter('a word of tomorrow'), 'unknown none unknown'],
])('%j', async (body, expected) => {
  expect(inShort(await eventIn(await adapterOfThePage(), body))).toBe(expected);
});

test('it lets in what is signed, and nothing else', async () => {
  const adapter = await adapterOfThePage();
  const signed = await withHexHmac('x-pigeon-signature', JSON.stringify(letter('landed')));
  const receive = (signingKeys: string[]) =>
    receiveWebhook(adapter, signed.request, { signingKeys }, noCertificates);
  expect((await receive([...signed.secrets.signingKeys!])).kind).toBe('events');
  expect((await receive(['another'])).kind).toBe('refused');
  expect((await receive([])).kind).toBe('refused');
});

test('the files the page names are there', () => {
  const paths = [...page.matchAll(/`((?:src|test)\/[\w/.-]+\.ts)`/g)].map((match) => match[1]!);
  expect(paths.length).toBeGreaterThan(5);
  for (const path of paths.filter((path) => !path.includes('pigeon')))
    expect(() => readFileSync(new URL(`../../${path}`, import.meta.url))).not.toThrow();
});
