// Exports the whole suppression list as CSV or NDJSON, page by page. The list contains only hashes of addresses, and so
// does the export.

import Papa from 'papaparse';
import { hashedColumns, hashedRow } from './hashed-rows.ts';
import type { ImportFormat } from './import.ts';
import type { SuppressionList } from './suppressions.ts';

const entriesAtOnce = 5000;

/**
 * Yields the list as text, one page at a time. Even if other entries are added or removed during the export, an entry that
 * stays on the list all the time appears exactly once.
 */
export async function* exportSuppressions(
  list: SuppressionList,
  format: ImportFormat,
): AsyncGenerator<string> {
  if (format === 'csv') yield `${hashedColumns.join(',')}\n`;
  let cursor: string | null = null;
  do {
    const page = await list.list({ limit: entriesAtOnce, ...(cursor !== null && { cursor }) });
    if (page.kind === 'bad_cursor')
      throw new Error('the export is incomplete, because of a fault of presend. Export the list again');
    const rows = page.entries.map(hashedRow);
    if (format === 'ndjson') yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    else if (rows.length > 0)
      yield `${Papa.unparse(rows, { header: false, newline: '\n', escapeFormulae: true })}\n`;
    cursor = page.next;
  } while (cursor !== null);
}
