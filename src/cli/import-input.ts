// Opens the file of an import of suppressions: a text, or a sheet of a workbook.

import { statSync } from 'node:fs';
import { openListFile } from '../lists/spreadsheet.ts';
import type { ImportFormat } from '../suppression/import.ts';
import { fileStream } from './arguments.ts';
import { CommandFailure } from './failure.ts';
import { diskSource } from './list-input.ts';

export interface ImportInput {
  readonly format: ImportFormat;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** The names of the sheets of a workbook that are not read. */
  readonly otherSheets: readonly string[];
}

/** Opens a file; `-` is standard input, which is a text. @throws CommandFailure if the file is a workbook that cannot be read. */
export async function openImport(file: string, format: ImportFormat): Promise<ImportInput> {
  const asText = () => ({ format, bytes: fileStream(file), otherSheets: [] });
  // A pipe can be read only once.
  if (file === '-' || !statSync(file).isFile()) return asText();
  const opened = await openListFile(diskSource(file));
  if (!opened.ok) throw new CommandFailure(opened.error.code, `${file}: ${opened.error.message}`);
  const { workbook } = opened.file;
  return workbook === null
    ? asText()
    : { format: 'csv', bytes: opened.file.bytes(), otherSheets: workbook.otherSheets };
}
