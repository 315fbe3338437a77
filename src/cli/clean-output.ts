// The progress line and the final table of `presend clean`.

import type { ForecastResponse, ListSummary } from '../lists/summary.ts';
import { counted, groupedCount } from '../number-text.ts';

export interface ProgressDisplay {
  /** Shows that the list is being read, before the first row is verified. */
  reading(): void;
  /** Shows about how many addresses, of all, it is known whether their mailboxes exist. */
  proving(settled: number, all: number): void;
  /**
   * Shows that the run starts. `total` is the size of the list in bytes, or null if unknown. `byte` and `rows` count what
   * an earlier, interrupted run has already processed.
   */
  begin(total: number | null, byte: number, rows: number): void;
  at(byte: number, rows: number): void;
  outage(out: boolean): void;
  end(): void;
}

export const noProgress: ProgressDisplay = {
  reading: () => {},
  proving: () => {},
  begin: () => {},
  at: () => {},
  outage: () => {},
  end: () => {},
};

const barWidth = 24;
const redrawEvery = 100;

/** A progress line on standard error, redrawn at least every second. If that is not a terminal, nothing is shown. */
export function startProgress(): ProgressDisplay {
  if (!process.stderr.isTTY) return noProgress;
  const line = progressLine(
    (text) => process.stderr.write(text),
    () => performance.now(),
  );
  setInterval(line.redraw, 1000).unref();
  return line;
}

/**
 * A progress line that is redrawn in place. `now` returns milliseconds. Only differences matter, so any clock will do. Call
 * `redraw` now and then: while lookups take long, nothing else shows that time passes.
 */
export function progressLine(
  write: (text: string) => void,
  now: () => number,
): ProgressDisplay & { redraw(): void } {
  let total: number | null = null;
  let begun = { at: 0, byte: 0, rows: 0 };
  let drawn = Number.NEGATIVE_INFINITY;
  let isOut = false;
  /** Draws the present state; does nothing before the start and after the end. */
  let redraw = (): void => {};

  const draw = (byte: number, rows: number): void => {
    const seconds = (now() - begun.at) / 1000;
    const rate = seconds > 0 ? (rows - begun.rows) / seconds : 0;
    const counts = `${counted(rows, 'row')}  ${groupedCount(Math.round(rate))} rows/s`;
    if (total === null) write(`\r\x1b[K${counts}`);
    else {
      const share = total === 0 ? 1 : Math.min(1, byte / total);
      const full = Math.round(share * barWidth);
      const bytesASecond = seconds > 0 ? (byte - begun.byte) / seconds : 0;
      const left = bytesASecond > 0 ? `${duration((total - byte) / bytesASecond)} left` : '';
      const bar = '█'.repeat(full) + '░'.repeat(barWidth - full);
      write(`\r\x1b[K${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${counts}  ${left}`);
    }
    if (isOut) write('  DNS is unreachable, waiting');
  };

  return {
    redraw: () => redraw(),
    reading() {
      const started = now();
      redraw = () => write(`\r\x1b[Kreading the list  ${duration((now() - started) / 1000)}`);
      redraw();
    },
    proving(settled, all) {
      redraw = () =>
        write(
          `\r\x1b[Kasking mail hosts  ${groupedCount(settled)} of ${counted(all, 'address', 'addresses')}`,
        );
      if (now() - drawn < redrawEvery) return;
      drawn = now();
      redraw();
    },
    begin(bytes, byte, rows) {
      total = bytes;
      begun = { at: now(), byte: Math.max(0, byte), rows };
      redraw = () => draw(begun.byte, rows);
      redraw();
    },
    at(byte, rows) {
      redraw = () => draw(byte, rows);
      if (now() - drawn < redrawEvery) return;
      drawn = now();
      redraw();
    },
    outage(out) {
      isOut = out;
      write(out ? '\r\x1b[KDNS is unreachable, waiting' : '\r\x1b[K');
    },
    end() {
      redraw = () => {};
      write('\r\x1b[K');
    },
  };
}

/** The summary of a cleaned list as text for people. */
export function summaryTable(summary: ListSummary): string {
  const { rows, verified, kept, duplicates, results, reasons, actions, forecast } = summary;
  const lines: string[] = [];
  const row = (name: string, count: number, of: number): void => {
    lines.push(
      `  ${name.padEnd(26)}${groupedCount(count).padStart(12)}${percent(of === 0 ? 0 : count / of).padStart(10)}`,
    );
  };
  lines.push(
    `${counted(rows, 'row')}: ${groupedCount(verified)} verified, ${groupedCount(kept)} kept, ${counted(duplicates, 'duplicate')}`,
  );
  if (kept > 0)
    lines.push(
      'kept: the row has a recent verdict of an earlier run and was not verified again (--max-age-days)',
    );
  lines.push(...howItWasRead(summary));
  const { no_address: noAddress, set_aside: setAside } = summary;
  if (noAddress > 0) lines.push(`${counted(noAddress, 'row')} without an address`);
  if (setAside > 0)
    lines.push(`${counted(setAside, 'record')} left out of the result: unreadable as a contact`);
  const { age_from: ageFrom, age_limited_by: ageLimitedBy } = summary;
  if (ageFrom.length > 0)
    lines.push(
      `columns that show when mail to an address last arrived or its owner was last active: ${ageFrom.join(', ')}`,
    );
  if (ageLimitedBy.length > 0)
    lines.push(
      `columns that show how old ${ageFrom.length > 0 ? 'the other addresses' : 'addresses'} are at most: ${ageLimitedBy.join(', ')}`,
    );
  lines.push(...whatWasDone(summary));
  for (const [title, counts] of [
    ['result', results],
    ['reason', reasons],
    ['action', actions],
    ['mailbox', summary.mailboxes ?? {}],
  ] as const) {
    if (Object.keys(counts).length > 0) lines.push('', title);
    for (const [name, count] of Object.entries(counts)) if (count > 0) row(name, count, rows);
  }
  const { rate, low, high, thresholds, removals } = forecast;
  lines.push(
    '',
    `expected hard bounces: ${percent(rate)} (90 % interval: ${percent(low)} to ${percent(high)})`,
  );
  for (const { rate: limit, chance } of thresholds)
    lines.push(`  ${`chance to exceed ${percent(limit, 0)}`.padEnd(26)}${percent(chance, 0).padStart(12)}`);
  for (const { below, remove, remain } of removals)
    lines.push(
      `  ${`to be under ${percent(below, 0)}`.padEnd(26)}${`remove ${groupedCount(remove)}, keep ${groupedCount(remain)}`.padStart(12)}`,
    );
  lines.push(...forecastAdvice(forecast));
  return `${lines.join('\n')}\n`;
}

const delimiterNames: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'bars',
};

/** Lines that say how the file was read, and how the result differs from it. */
function howItWasRead(summary: ListSummary): string[] {
  const { read_as: read, several_addresses: several, cleaned, padded, trimmed } = summary;
  if (read === null) return [];
  const {
    format,
    encoding,
    delimiter,
    header,
    titles,
    address_columns,
    other_address_columns,
    refusing_columns,
  } = read;
  const { sheet, other_sheets: otherSheets = [] } = read;
  const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ');
  const from = address_columns.length > 0 ? `; addresses from ${quoted(address_columns)}` : '';
  const how = {
    addresses: 'plain text, with one row for each address in it',
    json: 'a JSON array',
    ndjson: 'NDJSON',
    xlsx: `XLSX, sheet ${JSON.stringify(sheet)}${header ? '' : ', without a header'}`,
    csv: `CSV with ${delimiterNames[delimiter!] ?? JSON.stringify(delimiter)}${header ? '' : ', without a header'}`,
  }[format];
  const lines = [`read as ${how}${encoding === null ? '' : `, in ${encoding}`}${from}`];
  if (encoding !== null && !encoding.startsWith('utf-'))
    lines.push('the encoding is a guess: if letters look wrong, set another one with --encoding');
  if (otherSheets.length > 0)
    lines.push(`other sheets, not in the result: ${quoted(otherSheets)} (--sheet reads another sheet)`);
  if (other_address_columns.length > 0)
    lines.push(
      `other columns with addresses, not verified: ${quoted(other_address_columns)} (--email-column reads another column)`,
    );
  if (refusing_columns.length > 0)
    lines.push(
      `columns that say who unsubscribed or bounced: ${quoted(refusing_columns)}; import them with "presend suppressions import", because the verdicts do not consider them`,
    );
  if (titles > 0) lines.push(`lines above the header, kept as they are: ${titles}`);
  if (several > 0)
    lines.push(
      `rows with several addresses: ${groupedCount(several)}; each row has the verdict of its best address (--split writes a row for each address)`,
    );
  if (cleaned > 0)
    lines.push(
      `cells with other text beside the address: ${groupedCount(cleaned)}; the column ps_address has the address alone (--repair safe also writes it into the cell)`,
    );
  if (padded > 0)
    lines.push(`rows with too few fields: ${groupedCount(padded)}; empty fields were added to them`);
  if (trimmed > 0)
    lines.push(
      `rows with empty fields after the last column: ${groupedCount(trimmed)}; the empty fields were left out`,
    );
  return lines;
}

/** Lines that say what the options did, such as `--sample`, `--drop-duplicates`, `--goal` and `--outputs`. */
function whatWasDone({
  duplicates,
  duplicates_dropped,
  goal,
  files,
  inactive_files: inactive,
  sample,
}: ListSummary): string[] {
  const lines: string[] = [];
  if (sample)
    lines.push(`a random sample: ${groupedCount(sample.rows)} of ${groupedCount(sample.of)} contacts`);
  const isChosen = goal !== undefined && files === undefined;
  if (duplicates > 0 && duplicates_dropped === false && !isChosen && !sample)
    lines.push('the result contains the duplicates: --drop-duplicates leaves them out');
  else if (duplicates_dropped)
    lines.push(`${counted(duplicates, 'duplicate')} ${files ? 'among the rows to remove' : 'left out'}`);
  if (goal)
    lines.push(
      goal.keep === 0
        ? `the goal allows no row: no row that may be mailed has a forecast bounce rate under ${percent(goal.below)}`
        : `the goal allows ${counted(goal.keep, 'row')}: the forecast is ${percent(goal.rate)}, under the goal of ${percent(goal.below)}`,
    );
  if (files)
    for (const [name, count] of Object.entries(files)) lines.push(`${counted(count, 'row')} to ${name}`);
  if (inactive)
    lines.push(
      `rows to keep that are also in reengage (inactive for 6 to 12 months): ${groupedCount(inactive.reengage)}; in inactive (longer): ${groupedCount(inactive.inactive)}`,
    );
  return lines;
}

/**
 * Lines that say what makes a forecast uncertain and how to improve it, and whether removing addresses can bring the
 * rate under 2%.
 */
function forecastAdvice({ needs, undated_share, removals, rows }: ForecastResponse): string[] {
  const lines: string[] = [];
  if (undated_share > 0.01)
    lines.push(
      `for ${percent(undated_share, 0)} of the addresses, it is unknown when mail last arrived; the longer ago this was, the more likely a bounce is`,
    );
  const sample = `send to a random sample of ${groupedCount(Math.min(1000, rows))} first and count the hard bounces`;
  if (needs === 'dates')
    lines.push(
      `the interval of the forecast is wide because of this: export the list with a column such as last opened, last clicked or last sent, or ${sample}`,
    );
  else if (needs === 'sample')
    lines.push(`the interval of the forecast is too wide to decide whether to send: ${sample}`);
  if (removals.length === 0 && rows > 0)
    lines.push(`removing addresses alone does not bring the forecast under 2 %`);
  return lines.length === 0 ? [] : ['', ...lines];
}

const percent = (share: number, digits = 2): string => `${(share * 100).toFixed(digits)} %`;

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts[0] === 0
    ? `${parts[1]}:${String(parts[2]).padStart(2, '0')}`
    : `${parts[0]}:${String(parts[1]).padStart(2, '0')}:${String(parts[2]).padStart(2, '0')}`;
}
