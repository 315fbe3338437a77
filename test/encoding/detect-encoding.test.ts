// Bytes of a list → its legacy encoding, and every column as it was meant.

import { describe, expect, test } from 'vitest';
import { detectLegacy } from '../../src/encoding/detect-encoding.ts';
import { continueList, openList } from '../../src/lists/read-list.ts';
import { bytes, cleaned, encoded, inPieces, read } from '../lists/lists.ts';

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const lists: readonly (readonly [string, string, string])[] = [
  ['Russian', 'windows-1251', 'имя,email\nОльга Соколова,o@gmail.com\nПётр,p@gmail.com\n'],
  ['Russian', 'koi8-r', 'имя,email\nОльга Соколова,o@gmail.com\nПётр,p@gmail.com\n'],
  ['Polish', 'windows-1250', 'imię,email\nŻaneta Wąs,z@gmail.com\nPaweł Śmiały,p@gmail.com\n'],
  ['French', 'macintosh', 'prénom,email\nHélène,h@gmail.com\nJoël Noël,j@gmail.com\n'],
  ['Greek', 'windows-1253', 'όνομα,email\nΕλένη,e@gmail.com\nΝίκος,n@gmail.com\n'],
  ['Japanese', 'shift_jis', '名前,email\n鈴木はな,h@gmail.com\n高橋ケン,k@gmail.com\n'],
  ['Japanese', 'euc-jp', '名前,email\n鈴木はな,h@gmail.com\n高橋ケン,k@gmail.com\n'],
  ['Chinese, simplified', 'gbk', '名字,email\n张伟,w@gmail.com\n刘小红,h@gmail.com\n'],
  ['Chinese, traditional', 'big5', '名字,email\n黃大偉,w@gmail.com\n張小紅,h@gmail.com\n'],
  ['Korean', 'euc-kr', '이름,email\n이서준,s@gmail.com\n최하은,h@gmail.com\n'],
  ['Polish', 'iso-8859-2', 'imię,email\nŻaneta Wąs,z@gmail.com\nPaweł Śmiały,p@gmail.com\n'],
  ['Czech', 'windows-1250', 'jméno,email\nŠárka Čížková,z@gmail.com\nJiří Ťok,p@gmail.com\n'],
  ['Turkish', 'windows-1254', 'ad,email\nIşıl Şahin,i@gmail.com\nÇağrı Gündoğdu,c@gmail.com\n'],
  ['Lithuanian', 'windows-1257', 'vardas,email\nŽivilė Šimkutė,z@gmail.com\nĄžuolas Žukas,a@gmail.com\n'],
  ['French with ligatures', 'iso-8859-15', 'nom,email\nÉlodie Lebœuf,e@gmail.com\nZoé Šimek,z@gmail.com\n'],
];

/** Text that is the same in all encodings, and longer than the sample from which an encoding is guessed at the start. */
const ascii = `name,email\n${'Joe Doe,joe@gmail.com\n'.repeat(4000)}`;

describe('a list in a legacy encoding', () => {
  test.each(lists)('%s in %s far below ASCII rows, in pieces of any size', async (_, encoding, text) => {
    const rows = text.slice(text.indexOf('\n') + 1);
    const file = Uint8Array.from([...bytes(ascii), ...encoded(rows, encoding)]);
    for (const pieces of [65_536, 4099]) {
      const { rows: found, error } = await read(file, {}, pieces);
      expect(error).toBeNull();
      expect(
        found
          .slice(4000)
          .map((row) => row.text + row.ending)
          .join(''),
      ).toBe(rows);
    }
  });

  test.each(lists)('%s in %s', async (_, encoding, text) => {
    const file = encoded(text, encoding);
    expect(detectLegacy(file)).toBe(encoding);
    const result = await cleaned(file, {}, 3);
    const before = text.trimEnd().split('\n');
    const after = result.text
      .replace(/^\ufeff/, '')
      .trimEnd()
      .split('\n');
    expect(result.text).toMatch(/^\ufeff/);
    for (const [index, line] of before.entries()) expect(after[index]!.startsWith(`${line},`)).toBe(true);
  });

  test.each(lists)('%s in %s can be read on from any row', async (_, encoding, text) => {
    const file = encoded(text, encoding);
    const whole = (await read(file)).rows;
    const opened = await openList(inPieces(file), { rowsAtOnce: 1 });
    if (!opened.ok) throw new Error(opened.error.message);
    const [first] = await all(opened.parts);
    if (first?.kind !== 'rows') throw new Error('no rows');
    const rest = await all(
      continueList(inPieces(file.subarray(first.next.byte), 2), opened.shape, first.next),
    );
    expect(rest.flatMap((part) => (part.kind === 'rows' ? part.rows : []))).toEqual(whole.slice(1));
  });

  test.each([
    ['ASCII', bytes('email\na@gmail.com\n')],
    ['UTF-8', bytes('名前,email\n鈴木,h@gmail.com\nJürgen,j@gmail.com\n')],
    [
      'German in windows-1252',
      encoded('Name,email\nJürgen Groß,j@gmail.com\nÄnne,a@gmail.com\n', 'windows-1252'),
    ],
    [
      'Swedish in windows-1252',
      encoded('namn,email\nÅsa,a@gmail.com\nÅke Öst,o@gmail.com\n', 'windows-1252'),
    ],
    ['French in windows-1252', encoded('nom,email\nHélène “Léa”,h@gmail.com\n', 'windows-1252')],
  ])('%s is none', (_, file) => {
    expect(detectLegacy(file)).toBeNull();
  });

  test('the caller may name it', async () => {
    const file = encoded('имя,email\nЮ,o@gmail.com\n', 'koi8-r');
    expect((await read(file, { encoding: 'koi8-r' })).rows[0]!.text).toBe('Ю,o@gmail.com');
  });
});

describe('an encoding without a letter of its own', () => {
  test('windows-1252 gets a mark, because the result is UTF-8', async () => {
    const file = encoded('name,email\nZoë Müller,z@gmail.com\n', 'windows-1252');
    expect((await cleaned(file)).text).toMatch(/^\ufeffname,email,.*\nZoë Müller,/);
  });

  test('UTF-16 after a beginning in UTF-8, as PowerShell appends it, is an error, and the rows above are read', async () => {
    for (const encoding of ['utf16le', 'utf-16be']) {
      const appended = Buffer.from('B,b@gmail.com\r\n'.repeat(9), 'utf16le');
      if (encoding === 'utf-16be') appended.swap16();
      const { rows, error } = await read(Buffer.concat([bytes('name,email\r\nA,a@gmail.com\r\n'), appended]));
      expect(rows.map(({ email }) => email)).toEqual(['a@gmail.com']);
      expect(error).toMatchObject({ code: 'mixed_encodings', row: 2 });
    }
  });

  test.each([false, true])('UTF-16 without a mark, mostly Japanese, big-endian: %s', async (isBig) => {
    const text = '名前,email,都市\n山田花子山田花子山田,a@x.org,東京都東京都東京都東京都\n';
    const file = Buffer.from(text.repeat(3), 'utf16le');
    const { rows, error } = await read(isBig ? file.swap16() : file);
    expect(error).toBeNull();
    expect(rows[0]!.text).toBe('山田花子山田花子山田,a@x.org,東京都東京都東京都東京都');
  });

  test('the Korean syllables of Windows that KS X 1001 lacks, in pieces of any size', async () => {
    // 똠방 and 믜 in windows-949.
    const names = [
      0x8c,
      0x63,
      0xb9,
      0xe6,
      0x2c,
      ...bytes('k@gmail.com\n'),
      0x92,
      0xde,
      0x2c,
      ...bytes('m@gmail.com\n'),
    ];
    const file = Uint8Array.from([...encoded('이름,email\n이서준,s@gmail.com\n', 'euc-kr'), ...names]);
    for (const pieces of [1, 2, 3, 1000]) {
      const { rows } = await read(file, {}, pieces);
      expect(rows.map(({ text }) => text)).toEqual([
        '이서준,s@gmail.com',
        '똠방,k@gmail.com',
        '믜,m@gmail.com',
      ]);
    }
  });
});

test.each(['utf-8', 'utf-16le', 'euc-kr'] as const)(
  'a character of %s that is divided among two reads into one buffer is kept',
  async (encoding) => {
    const text = '이름,email\n이서준,s@gmail.com\n최하은,h@gmail.com\n';
    const file = encoding === 'euc-kr' ? encoded(text, encoding) : Buffer.from(`\ufeff${text}`, encoding);
    async function* reused() {
      const buffer = Buffer.alloc(3);
      yield file.subarray(0, file.length - 40);
      for (let at = file.length - 40; at < file.length; at += 3) {
        const bytesRead = Math.min(3, file.length - at);
        buffer.set(file.subarray(at, at + bytesRead));
        yield buffer.subarray(0, bytesRead);
        buffer.fill(0x2d);
      }
    }
    const opened = await openList(reused(), { encoding, delimiter: ',' });
    if (!opened.ok) throw new Error(opened.error.message);
    const rows = (await all(opened.parts)).flatMap((part) => (part.kind === 'rows' ? part.rows : []));
    expect(rows.map((row) => row.text)).toEqual(['이서준,s@gmail.com', '최하은,h@gmail.com']);
  },
);
