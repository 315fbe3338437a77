// Writes the table of reasons in docs/verdicts.md from the catalogue of signals: `npm run signal-table`.

import { readFileSync, writeFileSync } from 'node:fs';
import { catalogue } from '../src/signals/catalogue.ts';
import { sandboxDomain } from '../src/verdict/sandbox.ts';

const page = new URL('../docs/verdicts.md', import.meta.url);

const begin = '<!-- Written by `npm run signal-table`. -->\n\n';
const end = '\n\n<!-- End of the table. -->';

const header = ['reason', 'result', 'status', 'sandbox address', 'when'];

/** Returns the table as Markdown. */
export function signalTable(): string {
  const rows = catalogue.flatMap(({ reason, outcomes }) =>
    outcomes.map(({ result, bounce, sandbox, when }) => [
      `\`${reason}\``,
      result,
      reason === 'suppressed' && bounce !== null ? 'as stored' : (bounce?.status ?? ''),
      `\`${sandbox.mailbox}@${sandboxDomain}\``,
      when,
    ]),
  );
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** Returns `text`, the text of the page, with the current table in place of the previous one. */
export const withSignalTable = (text: string): string =>
  text.slice(0, text.indexOf(begin) + begin.length) + signalTable() + text.slice(text.indexOf(end));

if (import.meta.main) writeFileSync(page, withSignalTable(readFileSync(page, 'utf8')));
