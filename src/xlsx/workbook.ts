// Opens a workbook (Office Open XML, ECMA-376, transitional and strict): finds its sheets, texts and number formats.

import { type ByteSource, bytesAt } from './byte-source.ts';
import { type OnSheetRow, readSheet, type SheetContext } from './read-sheet.ts';
import { prefixedAttribute, readWholeXml } from './read-xml.ts';
import { noSharedStrings, readSharedStrings } from './shared-strings.ts';
import { readStyles } from './styles.ts';
import { openZip, type ZipArchive } from './unzip.ts';
import { WorkbookFault, type WorkbookFaultCode } from './workbook-fault.ts';
import { defaultWorkbookLimits, type WorkbookLimits } from './workbook-limits.ts';

export interface Sheet {
  readonly name: string;
  /** Whether the program hides the sheet from people. */
  readonly isHidden: boolean;
  /** Passes the rows to `onRow`. Yields after each piece of the sheet. Throws `WorkbookFault`; see `refusalOf`. */
  read(onRow: OnSheetRow): AsyncGenerator<void>;
}

export interface Workbook {
  /** In the order of the workbook. Charts are left out. */
  readonly sheets: readonly Sheet[];
  /** Reads the text of a cell that refers to a shared string. */
  readonly strings: SheetContext['strings'];
  readonly limits: WorkbookLimits;
}

export interface RefusedWorkbook {
  readonly code: WorkbookFaultCode;
  /** English text that says what is wrong and what to do. */
  readonly message: string;
}

export type OpenedWorkbook =
  | { readonly ok: true; readonly workbook: Workbook }
  | { readonly ok: false; readonly refusal: RefusedWorkbook };

/** The refusal that an error of `Sheet.read` means. Rethrows other errors. */
export function refusalOf(error: unknown): RefusedWorkbook {
  if (error instanceof WorkbookFault) return { code: error.code, message: error.message };
  throw error;
}

/** Opens the workbook in `source`, which must be a ZIP archive (see `fileKind`). Rejects only if `source` does. */
export async function openWorkbook(
  source: ByteSource,
  limits: WorkbookLimits = defaultWorkbookLimits,
): Promise<OpenedWorkbook> {
  try {
    const zip = await openZip(source, limits);
    const main = await mainPart(zip);
    if (main === null) throw new WorkbookFault('binary', await otherArchive(zip));
    const parts = await relationsOf(zip, main);
    const { listed, is1904 } = await readWorkbookPart(zip, main);
    const partOf = (kind: string) => parts.find(({ type }) => type.endsWith(`/${kind}`))?.target;
    const [stylePart, stringPart] = [partOf('styles'), partOf('sharedStrings')];
    const formats =
      stylePart !== undefined && zip.has(stylePart) ? await readStyles(zip.read(stylePart)) : [];
    const strings =
      stringPart !== undefined && zip.has(stringPart)
        ? await readSharedStrings(zip.read(stringPart), limits.stringBytes)
        : noSharedStrings;
    const context: SheetContext = { strings, formats, is1904 };
    const sheets = listed.flatMap(({ name, id, isHidden }): Sheet[] => {
      const part = parts.find((each) => each.id === id);
      if (!part?.type.endsWith('/worksheet')) return [];
      return [{ name, isHidden, read: (onRow) => readSheet(zip.read(part.target), context, onRow) }];
    });
    if (sheets.length === 0)
      throw new WorkbookFault(
        'bad_workbook',
        'The file has no sheet with cells that can be read. Save the list again as XLSX or CSV.',
      );
    return { ok: true, workbook: { sheets, strings, limits } };
  } catch (error) {
    return { ok: false, refusal: refusalOf(error) };
  }
}

interface Relation {
  readonly id: string;
  /** The URI of the kind of relation. Its last segment is the same in transitional and strict workbooks. */
  readonly type: string;
  readonly target: string;
}

/** The relations of a part to other parts of the archive. The empty path is the archive itself. */
async function relationsOf(zip: ZipArchive, part: string): Promise<readonly Relation[]> {
  const slash = part.lastIndexOf('/') + 1;
  const folder = part.slice(0, slash);
  const file = `${folder}_rels/${part.slice(slash)}.rels`;
  const relations: Relation[] = [];
  if (!zip.has(file)) return relations;
  await readWholeXml(zip.read(file), {
    open(name, { Id = '', Type = '', Target = '', TargetMode = '' }) {
      if (name === 'Relationship' && TargetMode !== 'External')
        relations.push({ id: Id, type: Type, target: resolvePart(folder, Target) });
    },
    close: () => {},
    text: () => {},
  });
  return relations;
}

/** Resolves a target such as `../styles.xml` or `/xl/styles.xml`. */
function resolvePart(folder: string, target: string): string {
  const path: string[] = [];
  for (const segment of (target.startsWith('/') ? target : folder + target).split('/'))
    if (segment === '..') path.pop();
    else if (segment !== '.' && segment !== '') path.push(segment);
  return path.join('/');
}

/** The path of the workbook part. Null if the archive is not a workbook that can be read. */
async function mainPart(zip: ZipArchive): Promise<string | null> {
  const stated = (await relationsOf(zip, '')).find(({ type }) => type.endsWith('/officeDocument'))?.target;
  const part = stated ?? 'xl/workbook.xml';
  return zip.has(part) && /(?:^|\/)xl\/|workbook/i.test(part) && part.endsWith('.xml') ? part : null;
}

async function readWorkbookPart(zip: ZipArchive, part: string) {
  const listed: { readonly name: string; readonly id: string; readonly isHidden: boolean }[] = [];
  let is1904 = false;
  await readWholeXml(zip.read(part), {
    open(name, attributes) {
      if (name === 'workbookPr') is1904 = /^(?:1|true|on)$/.test(attributes['date1904'] ?? '');
      if (name === 'sheet')
        listed.push({
          name: attributes['name'] ?? '',
          id: prefixedAttribute(attributes, 'id') ?? '',
          isHidden: (attributes['state'] ?? 'visible') !== 'visible',
        });
    },
    close: () => {},
    text: () => {},
  });
  return { listed, is1904 };
}

/** The sentence for an archive that is not a workbook. */
async function otherArchive(zip: ZipArchive): Promise<string> {
  const has = (pattern: RegExp) => zip.names.some((name) => pattern.test(name));
  if (zip.has('mimetype')) {
    let type = '';
    for await (const piece of zip.read('mimetype')) type += new TextDecoder().decode(piece).slice(0, 200);
    if (type.includes('opendocument.spreadsheet'))
      return 'The file is an OpenDocument spreadsheet (.ods). Save it as XLSX or CSV.';
  }
  if (has(/^xl\/workbook\.bin$/))
    return 'The file is a binary Excel workbook (.xlsb). Save it as XLSX or CSV.';
  if (has(/^index(?:\.zip|\/document\.iwa)$/))
    return 'The file is a Numbers, Pages or Keynote document. Export the list as Excel (XLSX) or CSV.';
  if (has(/^word\//))
    return 'The file is a Word document. Copy its table to a spreadsheet and save it as XLSX or CSV.';
  if (has(/^ppt\//)) return 'The file is a presentation, not a list. Save the list as XLSX or CSV.';
  return 'The file is a ZIP archive, not a workbook. Unpack it and use the list inside.';
}

/** `zip`: perhaps a workbook. `cfb`: the container of old Office files and of encrypted workbooks. */
export type FileKind = 'zip' | 'cfb' | 'other';

/** Number of bytes that `fileKind` needs. */
export const kindBytes = 8;

const magics: readonly (readonly [FileKind, readonly number[]])[] = [
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  // The end record of an archive without entries.
  ['zip', [0x50, 0x4b, 0x05, 0x06]],
  ['cfb', [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
];

/** What a file is, by its first bytes. */
export const fileKind = (beginning: Uint8Array): FileKind =>
  magics.find(([, magic]) => magic.every((byte, index) => beginning[index] === byte))?.[0] ?? 'other';

/** Why a file in the container CFB ([MS-CFB]) cannot be read. */
export async function refuseCompound(source: ByteSource): Promise<RefusedWorkbook> {
  const names = await directoryNames(source);
  if (names.includes('EncryptedPackage'))
    return {
      code: 'encrypted_workbook',
      message: 'The file is protected by a password. Remove the password and save the workbook again.',
    };
  return {
    code: 'binary',
    message:
      names.includes('Workbook') || names.includes('Book')
        ? 'The file is an old Excel workbook (.xls). Save it as XLSX or CSV.'
        : 'The file is an old Office document or an Outlook message. Save the list as XLSX or CSV.',
  };
}

/** Maximum number of sectors that are followed. Each has at least four names. */
const mostSectors = 256;

/** The names in the directory of a compound file. */
async function directoryNames(source: ByteSource): Promise<string[]> {
  const head = await bytesAt(source, 0, 512);
  if (head.length < 512) return [];
  const view = new DataView(head.buffer);
  const shift = view.getUint16(30, true);
  if (shift !== 9 && shift !== 12) return [];
  const size = 2 ** shift;
  const names: string[] = [];
  let sector = view.getUint32(48, true);
  for (let read = 0; read < mostSectors && sector < 0xffff_fffa; read++) {
    const bytes = await bytesAt(source, (sector + 1) * size, size);
    for (let at = 0; at + 128 <= bytes.length; at += 128) {
      const length = Math.min(64, (bytes[at + 64] ?? 0) | ((bytes[at + 65] ?? 0) << 8));
      if (length > 2) names.push(new TextDecoder('utf-16le').decode(bytes.subarray(at, at + length - 2)));
    }
    // The table of sectors says which one is next. The header lists the first 109 sectors of the table.
    const perSector = size / 4;
    const tableIndex = Math.floor(sector / perSector);
    if (tableIndex >= 109) break;
    const table = view.getUint32(76 + 4 * tableIndex, true);
    const entry = await bytesAt(source, (table + 1) * size + 4 * (sector % perSector), 4);
    if (entry.length < 4) break;
    sector = new DataView(entry.buffer).getUint32(0, true);
  }
  return names;
}
