// Writes the results as Markdown: every target with its measurement, and the date and machine of each run.

import { holds, limitText, spreadText } from '../figures.ts';
import type { Result } from '../results.ts';

const begin = '<!-- Written by `node bench/report.ts`. -->';
const end = '<!-- Here the written part ends. -->';

/**
 * Returns `page` with `generated` between its two marks.
 * @throws Error if the page does not have the marks.
 */
export function withGenerated(page: string, generated: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error('the page has no marks for what is generated');
  return `${page.slice(0, from + begin.length)}\n\n${generated}\n\n${page.slice(to)}`;
}

export function table(results: readonly Result[]): string {
  const head = ['bench', 'what is measured', 'measured: median (range)', 'target', ''];
  const rows = results.flatMap(({ bench, targets }) =>
    targets.map((target, index) => [
      index === 0 ? `\`${bench}\`` : '',
      target.name,
      spreadText(target.measured, target.unit),
      limitText(target),
      holds(target) ? 'met' : '**missed**',
    ]),
  );
  const targets = results.flatMap((result) => result.targets);
  const summary = `${targets.filter(holds).length} of ${targets.length} targets are met.`;
  return [summary, aligned([head, ...rows]), ...origins(results)].join('\n\n');
}

/** Returns one line for all benches that ran on the same day, on the same machine and with the same command. */
function origins(results: readonly Result[]): string[] {
  const origin = ({ date, cores, cpu, node, command }: Result) =>
    `${date}, ${cores} cores of ${cpu}, Node ${node}, \`${command}\``;
  const groups = Map.groupBy(results, origin);
  return [...groups].map(
    ([text, members]) => `${members.map(({ bench }) => `\`${bench}\``).join(', ')}: ${text}.`,
  );
}

/** Aligns a Markdown table. The first row is its header. */
function aligned([head, ...rows]: readonly string[][]): string {
  const widths = head!.map((_, column) => Math.max(3, ...[head!, ...rows].map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head!), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
