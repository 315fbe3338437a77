// Writes the records of a list that cannot be read, as CSV.

import type { SetAside } from './shape.ts';

export const rejectsHeader = 'row,line,reason,record\n';

/** One line of the file of rejects: where the record is in the list, why it cannot be read, and the record itself. */
export const rejectsLine = ({ error: { row, line, message }, text }: SetAside): string =>
  `${row},${line},${quotedCell(message)},${quotedCell(text)}\n`;

const quotedCell = (text: string): string => `"${text.replaceAll('"', '""')}"`;
