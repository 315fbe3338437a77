// Workbooks for tests, made by hand: ZIP archives with any peculiarity, and sheets as different programs write them.

import { crc32, deflateRawSync } from 'node:zlib';
import type { ByteSource } from '../../src/xlsx/byte-source.ts';
import { openWorkbook } from '../../src/xlsx/workbook.ts';

type Content = string | Uint8Array;

export interface ZipOptions {
  /** Sizes and checksums come after the contents, as in archives that are written as a stream. */
  readonly descriptors?: boolean;
  /** `offsets`: the ZIP64 field has only the offset of an entry; its sizes are where they usually are. */
  readonly zip64?: boolean | 'offsets';
  readonly stored?: boolean;
  /** Bytes in front of the archive. */
  readonly prefix?: Uint8Array;
  /** Changes what the central directory says about an entry. */
  readonly lie?: (name: string) => {
    readonly unpacked?: number;
    readonly flags?: number;
    readonly crc?: number;
  };
}

/** A ZIP archive with these entries, in this order. */
export function zipOf(entries: readonly (readonly [string, Content])[], options: ZipOptions = {}): Buffer {
  const { descriptors = false, zip64 = false, stored = false, prefix = Buffer.alloc(0), lie } = options;
  const parts: Buffer[] = [Buffer.from(prefix)];
  const directory: Buffer[] = [];
  // Offsets in the directory count from the start of the archive.
  let at = 0;
  const add = (...pieces: Buffer[]): void => {
    parts.push(...pieces);
    for (const piece of pieces) at += piece.length;
  };
  for (const [name, content] of entries) {
    const plain = Buffer.from(content as string);
    const packed = stored ? plain : deflateRawSync(plain);
    const bytes = Buffer.from(name);
    const { unpacked = plain.length, flags = 0, crc = crc32(plain) } = lie?.(name) ?? {};
    const offset = at;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(flags | (descriptors ? 8 : 0), 6);
    local.writeUInt16LE(stored ? 0 : 8, 8);
    if (!descriptors) {
      local.writeUInt32LE(crc, 14);
      local.writeUInt32LE(packed.length, 18);
      local.writeUInt32LE(plain.length, 22);
    }
    local.writeUInt16LE(bytes.length, 26);
    add(local, bytes, packed);
    if (descriptors) add(Buffer.alloc(16));
    const extra = Buffer.alloc(zip64 === 'offsets' ? 12 : zip64 ? 28 : 0);
    const isLong = zip64 === true;
    if (zip64 === 'offsets') {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(8, 2);
      extra.writeBigUInt64LE(BigInt(offset), 4);
    } else if (zip64) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      extra.writeBigUInt64LE(BigInt(unpacked), 4);
      extra.writeBigUInt64LE(BigInt(packed.length), 12);
      extra.writeBigUInt64LE(BigInt(offset), 20);
    }
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(flags | (descriptors ? 8 : 0), 8);
    central.writeUInt16LE(stored ? 0 : 8, 10);
    central.writeUInt32LE(crc, 16);
    central.writeUInt32LE(isLong ? 0xffff_ffff : packed.length, 20);
    central.writeUInt32LE(isLong ? 0xffff_ffff : unpacked, 24);
    central.writeUInt16LE(bytes.length, 28);
    central.writeUInt16LE(extra.length, 30);
    central.writeUInt32LE(zip64 ? 0xffff_ffff : offset, 42);
    directory.push(central, bytes, extra);
  }
  const start = at;
  add(...directory);
  const length = at - start;
  if (zip64) {
    const end = Buffer.alloc(56);
    end.writeUInt32LE(0x06064b50, 0);
    end.writeBigUInt64LE(44n, 4);
    end.writeBigUInt64LE(BigInt(entries.length), 24);
    end.writeBigUInt64LE(BigInt(entries.length), 32);
    end.writeBigUInt64LE(BigInt(length), 40);
    end.writeBigUInt64LE(BigInt(start), 48);
    const locator = Buffer.alloc(20);
    locator.writeUInt32LE(0x07064b50, 0);
    locator.writeBigUInt64LE(BigInt(at), 8);
    add(end, locator);
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(zip64 ? 0xffff : entries.length, 10);
  end.writeUInt32LE(zip64 ? 0xffff_ffff : length, 12);
  end.writeUInt32LE(zip64 ? 0xffff_ffff : start, 16);
  add(end);
  return Buffer.concat(parts);
}

const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
export const transitional = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

export interface SheetToMake {
  readonly name: string;
  readonly state?: string;
  /** The XML of the rows, or of the whole part if it begins with `<?xml` or is bytes. */
  readonly rows: Content;
}

export interface WorkbookToMake {
  readonly sheets: readonly SheetToMake[];
  /** The XML of the items of the shared strings. */
  readonly strings?: Content;
  /** Codes of number formats. Style 1 has the first one. */
  readonly formats?: readonly string[];
  readonly date1904?: boolean;
  /** More entries of the archive. */
  readonly more?: readonly (readonly [string, Content])[];
  readonly zip?: ZipOptions;
}

const isWhole = (content: Content): boolean => typeof content !== 'string' || content.startsWith('<?xml');

export const sheetPart = (rows: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="${transitional}"><sheetData>${rows}</sheetData></worksheet>`;

/** A workbook as Excel writes it, apart from the order of the entries: the shared strings come last. */
export function workbookOf({
  sheets,
  strings,
  formats = [],
  date1904,
  more = [],
  zip,
}: WorkbookToMake): Buffer {
  const relation = (id: string, kind: string, target: string) =>
    `<Relationship Id="${id}" Type="${office}/${kind}" Target="${target}"/>`;
  const relations = (...all: readonly string[]) =>
    `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${all.join('')}</Relationships>`;
  const codes = formats.map(
    (code, index) => `<numFmt numFmtId="${170 + index}" formatCode="${code.replaceAll('"', '&quot;')}"/>`,
  );
  const styles = formats.map((_, index) => `<xf numFmtId="${170 + index}"/>`);
  return zipOf(
    [
      [
        '[Content_Types].xml',
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
      ],
      ['_rels/.rels', relations(relation('rId1', 'officeDocument', 'xl/workbook.xml'))],
      ...sheets.map(
        ({ rows }, index) =>
          [`xl/worksheets/sheet${index + 1}.xml`, isWhole(rows) ? rows : sheetPart(rows as string)] as const,
      ),
      [
        'xl/workbook.xml',
        `<workbook xmlns="${transitional}" xmlns:r="${office}"><workbookPr${date1904 ? ' date1904="1"' : ''}/><sheets>${sheets
          .map(
            ({ name, state = 'visible' }, index) =>
              `<sheet name="${name}" sheetId="${index + 1}" state="${state}" r:id="rId${index + 1}"/>`,
          )
          .join('')}</sheets></workbook>`,
      ],
      [
        'xl/_rels/workbook.xml.rels',
        relations(
          ...sheets.map((_, index) =>
            relation(`rId${index + 1}`, 'worksheet', `worksheets/sheet${index + 1}.xml`),
          ),
          relation('rIdS', 'styles', 'styles.xml'),
          relation('rIdT', 'sharedStrings', '/xl/sharedStrings.xml'),
        ),
      ],
      [
        'xl/styles.xml',
        `<styleSheet xmlns="${transitional}"><numFmts>${codes.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${styles.join('')}</cellXfs></styleSheet>`,
      ],
      ...(strings === undefined
        ? []
        : [
            [
              'xl/sharedStrings.xml',
              isWhole(strings) ? strings : `<sst xmlns="${transitional}">${strings as string}</sst>`,
            ] as const,
          ]),
      ...more,
    ],
    zip,
  );
}

const xmlText = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** The XML of rows with inline strings. Null is a cell that is not there. */
export const inlineRows = (rows: readonly (readonly (string | null)[])[]): string =>
  rows
    .map(
      (cells, row) =>
        `<row r="${row + 1}">${cells
          .map((text, column) =>
            text === null
              ? ''
              : `<c r="${String.fromCharCode(65 + column)}${row + 1}" t="inlineStr"><is><t xml:space="preserve">${xmlText(text)}</t></is></c>`,
          )
          .join('')}</row>`,
    )
    .join('');

/** Bytes as a source that yields small pieces of one buffer, which is overwritten. */
export const sourceOf = (bytes: Uint8Array, size = 1000): ByteSource => ({
  size: bytes.length,
  async *read(offset, length) {
    const piece = Buffer.alloc(size);
    const end = Math.min(offset + length, bytes.length);
    for (let at = offset; at < end; at += size) {
      const part = bytes.subarray(at, Math.min(at + size, end));
      piece.set(part);
      yield piece.subarray(0, part.length);
      piece.fill('*');
    }
  },
});

/** All bytes of a stream. */
export const collected = async (content: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
};

/** The cells of all sheets: kind, text and format of each, by row. */
export async function cellsOf(file: Uint8Array) {
  const found = await openWorkbook(sourceOf(file));
  if (!found.ok) throw new Error(found.refusal.message);
  const sheets: Record<string, string[][]> = {};
  for (const each of found.workbook.sheets) {
    const rows: string[][] = [];
    sheets[each.name] = rows;
    for await (const _ of each.read((number, cells) => {
      rows[number - 1] = cells.map(({ column, kind, text, format }) =>
        `${column} ${kind} ${text} ${format.code}`.trim(),
      );
    }));
  }
  return sheets;
}
