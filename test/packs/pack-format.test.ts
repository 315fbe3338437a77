// The format of a data pack: what is written is read, and nothing else is.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPack, writePack } from '../../src/packs/pack-format.ts';
import { newKey } from './packs.ts';

const key = newKey();
const pack = {
  version: '2026-11-27.2',
  parts: new Map([
    ['relays', 'relay.example apple'],
    ['empty', ''],
  ]),
};
const bytes = await writePack(pack, key.sign);

/** Signs a text as if it were the signed part of a pack. */
const signed = (text: string): Uint8Array<ArrayBuffer> => {
  const content = new TextEncoder().encode(text);
  const signature = Buffer.from(key.sign(content)).toString('base64');
  return new Uint8Array(Buffer.concat([Buffer.from(`presend-data-pack 1 ${signature}\n`), content]));
};

test('a pack is read as it was written', async () => {
  expect(await readPack(bytes, [key.raw])).toEqual({ ok: true, pack });
});

test('one of several keys is enough, so a key can be replaced', async () => {
  expect(await readPack(bytes, [newKey().raw, key.raw])).toMatchObject({ ok: true });
  expect(await readPack(bytes, [newKey().raw])).toEqual({ ok: false, why: 'bad_signature' });
  expect(await readPack(bytes, [])).toEqual({ ok: false, why: 'bad_signature' });
});

test('the first lines say what the file is', () => {
  const [first, header] = new TextDecoder().decode(bytes).split('\n');
  expect(first).toMatch(/^presend-data-pack 1 [\w+/]{86}==$/);
  expect(JSON.parse(header!)).toEqual({
    version: '2026-11-27.2',
    date: '2026-11-27',
    parts: [
      { name: 'relays', bytes: 19, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { name: 'empty', bytes: 0, sha256: expect.stringMatching(/^e3b0c442/) },
    ],
  });
});

test('no change of a byte, and no shorter file, is read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const changed = bytes.slice();
      changed[at]! ^= change;
      const reading = await readPack(changed, [key.raw]);
      // Base64 ignores some bits of its last digit, so the signature may still be the same.
      if (reading.ok) expect(reading.pack).toEqual(pack);
      else expect(reading.why).toMatch(/^(not_a_pack|other_format|bad_signature)$/);
      expect((await readPack(bytes.slice(0, at), [key.raw])).ok).toBe(false);
    }),
  );
});

test.each([
  ['', 'not_a_pack'],
  ['<!doctype html>\n<title>Not found</title>\n', 'not_a_pack'],
  ['presend-data-pack 1 AAAA', 'not_a_pack'],
  ['presend-data-pack 2 AAAA\n{}', 'other_format'],
  ['presend-data-pack 1 \n{}', 'bad_signature'],
  ['presend-data-pack 1 not base64!\n{}', 'bad_signature'],
])('%j is %s', async (text, why) => {
  expect(await readPack(new TextEncoder().encode(text), [key.raw])).toEqual({ ok: false, why });
});

const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const header = (fields: object) =>
  `${JSON.stringify({ version: '2026-11-27', date: '2026-11-27', parts: [], ...fields })}\n`;
const part = (fields: object) => header({ parts: [{ name: 'a', bytes: 0, sha256: empty, ...fields }] });

test('a signed header with every field is read', async () => {
  expect(await readPack(signed(part({})), [key.raw])).toMatchObject({ ok: true });
  expect(await readPack(signed(header({ added_later: 1 })), [key.raw])).toMatchObject({ ok: true });
});

test.each([
  ['no header', 'text without a line end'],
  ['a header that is not JSON', '{\n'],
  ['a header that is no object', 'null\n'],
  ['no version', header({ version: undefined })],
  ['a version that is no day', header({ version: '2026-02-30', date: '2026-02-30' })],
  ['another date', header({ date: '2026-11-28' })],
  ['no parts', header({ parts: undefined })],
  ['a part that is no object', header({ parts: [null] })],
  ['a part without a name', part({ name: 7 })],
  ['a part without a hash', part({ sha256: null })],
  ['a part of another content', part({ sha256: empty.replace('e', 'f') })],
  ['a negative size', part({ bytes: -1 })],
  ['a broken size', part({ bytes: 0.5 })],
  ['a size without end', part({ bytes: 1e300 })],
  ['a part beyond the end', part({ bytes: 1 })],
  ['content after the last part', `${part({})}x`],
  ['a part that is there twice', header({ parts: Array(2).fill({ name: 'a', bytes: 0, sha256: empty }) })],
])('signed, but malformed: %s', async (_, text) => {
  expect(await readPack(signed(text), [key.raw])).toEqual({ ok: false, why: 'malformed' });
});
