// Lists in legacy encodings through `presend clean`: every other column is as it was meant, or the command says that it may
// not be.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startDohServer } from '../dns/doh-server.ts';
import { zone } from '../http/zone.ts';
import { encoded } from '../lists/lists.ts';
import { emptyFolder, presend } from './program.ts';

/** The bytes of `text` in UTF-16, with a byte order mark. */
function utf16(text: string, isLittle: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * text.length + 2));
  for (const [index, unit] of [...`\ufeff${text}`].entries())
    view.setUint16(2 * index, unit.charCodeAt(0), isLittle);
  return new Uint8Array(view.buffer);
}

async function clean(file: Uint8Array, ...options: readonly string[]) {
  const doh = await startDohServer(zone);
  const folder = emptyFolder();
  writeFileSync(join(folder, 'list.csv'), file);
  const { status, stdout, stderr } = await presend(['clean', 'list.csv', '-o', 'clean.csv', ...options], {
    cwd: folder,
    environment: { DOH_URLS: doh.url },
  });
  await doh.close();
  const result = status === 0 ? readFileSync(join(folder, 'clean.csv')) : null;
  return { status, result, says: stdout + stderr };
}

const polish =
  'imię,email,miasto\nŻaneta Wąs,z@brisk-otter.com,Łódź\nPaweł Śmiały,p@brisk-otter.com,Kraków\n';
const russian = 'имя,email,город\nОльга Соколова,o@brisk-otter.com,Орёл\nПётр,p@brisk-otter.com,Тверь\n';
const japanese = '名前,email,都市\n鈴木はな,h@brisk-otter.com,東京\n高橋ケン,k@brisk-otter.com,大阪\n';

const lists: readonly (readonly [encoding: string, text: string])[] = [
  ['shift_jis', japanese],
  ['euc-jp', japanese],
  ['gbk', '名字,email,城市\n张伟,w@brisk-otter.com,北京\n刘小红,h@brisk-otter.com,上海\n'],
  ['big5', '名字,email,城市\n黃大偉,w@brisk-otter.com,臺北\n張小紅,h@brisk-otter.com,高雄\n'],
  ['euc-kr', '이름,email,도시\n이서준,s@brisk-otter.com,서울\n최하은,h@brisk-otter.com,부산\n'],
  ['windows-1250', polish],
  ['iso-8859-2', polish],
  ['windows-1251', russian],
  ['koi8-r', russian],
  [
    'macintosh',
    'prénom,email,ville\nHélène,h@brisk-otter.com,Besançon\nJoël Noël,j@brisk-otter.com,Orléans\n',
  ],
  ['windows-1252', 'Name,email,Ort\nJürgen Groß,j@brisk-otter.com,„Köln“\nZoë,z@brisk-otter.com,Düren\n'],
  ['utf-16le', japanese],
  ['utf-16be', polish],
];

const bytesOf = (text: string, encoding: string): Uint8Array =>
  encoding.startsWith('utf-16') ? utf16(text, encoding === 'utf-16le') : encoded(text, encoding);

describe('a list in a legacy encoding keeps every character of the other columns', () => {
  test.each(lists)('%s', async (encoding, text) => {
    const { status, result, says } = await clean(bytesOf(text, encoding));
    expect(status).toBe(0);
    // UTF-8 with the mark that Excel needs.
    expect([...result!.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const lines = result!.subarray(3).toString('utf8').split('\n');
    const before = text.split('\n');
    expect(lines.map((line, index) => line.slice(0, before[index]!.length))).toEqual(before);
    expect(says).toContain(`in ${encoding}`);
    if (!encoding.startsWith('utf-16')) expect(says).toContain('--encoding');
  });

  test('of DOS, ibm866 can be named; the Encoding Standard has no other', async () => {
    const { status, result } = await clean(encoded(russian, 'ibm866'), '--encoding', 'cp866');
    expect([status, result!.toString('utf8')]).toEqual([0, expect.stringContaining('Орёл')]);
    const { status: refused, says } = await clean(encoded(russian, 'ibm866'), '--encoding', 'cp852');
    expect(refused).toBe(2);
    expect(says).toContain('--encoding must be one of utf-8, ');
  });

  test('a list in cp437 or cp852 does not lose a character without a warning', async () => {
    // `Jürgen` and `Łódź`: ü is 0x81 in both; Ł, ó and ź are 0x9d, 0xa2 and 0xab in cp852.
    const bytes = Buffer.from('Name,email,Ort\nJ\x81rgen,j@brisk-otter.com,\x9d\xa2d\xab\n', 'latin1');
    const { status, says } = await clean(bytes);
    expect(says).toContain('--encoding');
    expect([0, 1]).toContain(status);
  });
});
