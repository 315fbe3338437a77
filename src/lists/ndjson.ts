// NDJSON lists: one JSON object per line, or a JSON array of objects. Writes objects with their fields unchanged and
// presend's fields at the end.

import { addressesInCell } from './address-cell.ts';
import { ownColumns } from './columns.ts';
import { addressColumn, columnsNamed } from './find-columns.ts';
import { lifeColumnsIn, lifeDatesReader } from './life-columns.ts';
import { type ListError, type RowRefusal, refuseFile } from './list-error.ts';
import {
  type ListOptions,
  longestRecord,
  type RecordReader,
  type RecordWriter,
  recordTooLong,
} from './record-format.ts';
import type { EarlierVerdict, ListRow, NdjsonShape } from './shape.ts';

type Json = Readonly<Record<string, unknown>>;
type Path = readonly string[];

/** Maximum number of objects at the start of the file from which the fields are found. */
const sampleSize = 200;
/** Maximum number of names in the path of a field. `contact.email` has two names. Objects nested deeper are not searched. */
const deepest = 3;

/**
 * Finds the shape (the fields that matter) of an NDJSON file that begins with `text`. `whole`: `text` is the whole
 * file.
 */
export function ndjsonShape(
  text: string,
  whole: boolean,
  options: ListOptions,
): Omit<NdjsonShape, 'mark' | 'encoding'> | ListError {
  const array = /^\s*\[/.test(text);
  const lines = array ? arrayElements(text) : text.split('\n');
  if (!whole && !array) lines.pop();
  const objects = lines
    .slice(0, sampleSize)
    .map(objectIn)
    .filter((object) => object !== null);
  const paths = [
    ...new Map(objects.flatMap((object) => pathsIn(object)).map((path) => [path.join('.'), path])).values(),
  ];
  const header = paths.map((path) => path.at(-1)!);
  const sample = objects.map((object) => paths.map((path) => textAt(object, path)));
  const found = addressColumn(header, sample);
  const email = options.emailColumn?.split('.') ?? paths[found];
  if (email === undefined)
    return refuseFile(
      'no_address_column',
      `No field contains e-mail addresses. The fields are: ${paths.map((path) => `"${shown(path)}"`).join(', ') || 'none'}. Specify the address field with --email-column, or with email_column in the API.`,
    );
  if (options.emailColumn && objects.length > 0 && !objects.some((object) => textAt(object, email) !== ''))
    return refuseFile(
      'unknown_column',
      `The field "${shown(email)}" is missing or empty in the first rows (${objects.length}). Check its name. A field inside another one needs a path such as contact.email.`,
    );
  const named = (kind: 'lastVerifiedAt' | 'source'): Path | null =>
    paths[columnsNamed(header, kind)[0] ?? -1] ?? null;
  const life = lifeColumnsIn(header, paths, (index) => sample.map((texts) => texts[index]!));
  return {
    format: 'ndjson',
    ...(array && { array }),
    email,
    lastVerifiedAt: options.lastVerifiedColumn?.split('.') ?? named('lastVerifiedAt'),
    source: options.sourceColumn?.split('.') ?? named('source'),
    ...(life !== null && { life }),
  };
}

/** Returns a reader of objects, for text that arrives in pieces. The objects are lines, or the elements of an array. */
export function ndjsonReader({ email, lastVerifiedAt, source, life, array }: NdjsonShape): RecordReader {
  const lifeOf = life && lifeDatesReader(life, textAt);
  const rowOf = (text: string, ending: string): ListRow => {
    const object = objectIn(text);
    const [first = '', ...others] = object === null ? [] : addressesInCell(textAt(object, email));
    const blank = object === null && text.trim() === '';
    return {
      text,
      ending,
      fields: object === null ? 0 : 1,
      email: first,
      plain: false,
      others: others.length > 0 ? others : null,
      lastVerifiedAt: object === null || lastVerifiedAt === null ? '' : textAt(object, lastVerifiedAt),
      source: object === null || source === null ? '' : textAt(object, source).trim(),
      life: object === null || lifeOf === undefined ? null : lifeOf(object),
      earlier: object !== null && 'ps_result' in object ? earlierIn(object) : null,
      raw: null,
      refusal: object === null && !blank ? badJson : null,
    };
  };
  const passing = (text: string): ListRow => ({ ...rowOf('', ''), text });

  const readArray: RecordReader['read'] = (text, last, onRow) => {
    let from = 0;
    for (;;) {
      const open = text.indexOf('{', from);
      if (open === -1) break;
      const end = objectEnd(text, open);
      const next = end === -1 ? -1 : text.indexOf('{', end);
      // The ending of a row is the text between its object and the next one, so wait until the next object has
      // arrived.
      if (next === -1 && !last) return { read: from, refused: null };
      if (end === -1) return { read: from, refused: badJson };
      if (end - open > longestRecord) return { read: from, refused: recordTooLong };
      if (open > from) onRow(passing(text.slice(from, open)));
      const until = next === -1 ? text.length : next;
      onRow(rowOf(text.slice(open, end), text.slice(end, until)));
      from = until;
    }
    if (last && from < text.length) {
      onRow(passing(text.slice(from)));
      from = text.length;
    }
    return { read: from, refused: null };
  };

  return {
    read(text, last, onRow) {
      if (array) return readArray(text, last, onRow);
      let from = 0;
      while (from < text.length) {
        let end = text.indexOf('\n', from);
        if (end === -1 && !last) break;
        const next = end === -1 ? text.length : end + 1;
        if (end === -1) end = text.length;
        else if (end > from && text.charCodeAt(end - 1) === 13) end--;
        if (end - from > longestRecord) return { read: from, refused: recordTooLong };
        onRow(rowOf(text.slice(from, end), text.slice(end, next)));
        from = next;
      }
      return { read: from, refused: null };
    },
  };
}

/** The complete objects at the start of a JSON array, at most `sampleSize`. */
function arrayElements(text: string): string[] {
  const elements: string[] = [];
  let open = text.indexOf('{');
  while (open !== -1 && elements.length < sampleSize) {
    const end = objectEnd(text, open);
    if (end === -1) break;
    elements.push(text.slice(open, end));
    open = text.indexOf('{', end);
  }
  return elements;
}

/** The index after the brace that closes the object at `open`; -1 if it is not closed. */
function objectEnd(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = closingQuote(text, at);
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return at + 1;
  }
  return -1;
}

const badJson: RowRefusal = { code: 'bad_json', sentence: 'is not a JSON object on a single line.' };

/**
 * Writes an object with presend's fields at the end. They replace those of an earlier run. With null cells, writes
 * the object as it is.
 */
export const ndjsonWriter: RecordWriter = ({ text, earlier }, cells, address, out) => {
  if (cells === null) {
    out.push(text);
    return;
  }
  cells.text ??= cells.values
    .map((value, index) => `"${ownColumns[index]}":${JSON.stringify(value)},`)
    .join('');
  const kept = earlier === null ? text : withoutOwn(text);
  const close = kept.lastIndexOf('}');
  const body = kept.slice(0, close).trimEnd();
  const own = `"ps_address":${address === '' ? 'null' : JSON.stringify(address)}`;
  out.push(body, body.endsWith('{') ? '' : ',', cells.text, own, kept.slice(close));
};

/**
 * The row with `address` in the address field. Nothing else changes. If the field is not a string, returns the same
 * row.
 */
export function withNdjsonAddress({ email }: NdjsonShape, row: ListRow, address: string): ListRow {
  let open = row.text.indexOf('{');
  for (const [depth, name] of email.entries()) {
    const value = open === -1 ? null : memberValue(row.text, open, name);
    if (value === null) return row;
    const [start, end] = value;
    if (depth < email.length - 1) open = row.text[start] === '{' ? start : -1;
    else if (row.text[start] === '"')
      return { ...row, text: row.text.slice(0, start) + JSON.stringify(address) + row.text.slice(end) };
  }
  return row;
}

/**
 * The start and the end of the value of the field `name` in the object that begins at `open`; null if there is no
 * such field. If the name is repeated, the last one counts, as in JSON.parse.
 */
function memberValue(text: string, open: number, name: string): readonly [number, number] | null {
  let found: readonly [number, number] | null = null;
  for (let at = open + 1; at < text.length && text[at] !== '}'; ) {
    if (text[at] !== '"') {
      at++;
      continue;
    }
    const key = text.slice(at, closingQuote(text, at) + 1);
    const start = skipSpace(text, skipSpace(text, at + key.length) + 1);
    const end = valueEnd(text, start);
    if (JSON.parse(key) === name) found = [start, end];
    at = end;
  }
  return found;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (/\s/.test(text[at] ?? '')) at++;
  return at;
}

/** The index after the JSON value that begins at `start`. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') at = closingQuote(text, at);
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    else if (depth === 0 && character === ',') return at;
    if (depth < 0) return at;
    if (depth === 0 && /["}\]]/.test(character)) return at + 1;
  }
  return text.length;
}

/** The text of an object without the fields that an earlier run of presend added. */
function withoutOwn(text: string): string {
  const open = text.indexOf('{');
  const members: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = open + 1; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') at = closingQuote(text, at);
    else if (character === '{' || character === '[') depth++;
    else if (depth > 0 && (character === '}' || character === ']')) depth--;
    else if (depth === 0 && (character === ',' || character === '}')) {
      members.push(text.slice(start, at));
      start = at + 1;
      if (character === '}') break;
    }
  }
  const isOwn = (member: string): boolean =>
    ownColumns.some((name) => member.trimStart().startsWith(`"${name}"`));
  return `${text.slice(0, open + 1)}${members.filter((member) => !isOwn(member)).join(',')}}${text.slice(start)}`;
}

function closingQuote(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function objectIn(line: string): Json | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function pathsIn(object: Json, above: Path = []): Path[] {
  return Object.entries(object).flatMap(([name, value]) => {
    const path = [...above, name];
    return isObject(value) && path.length < deepest ? pathsIn(value, path) : [path];
  });
}

/**
 * The value at `path` as text: a string, a number, or the strings of an array joined by `; `. Empty if there is none
 * of these.
 */
function textAt(object: Json, path: Path): string {
  let value: unknown = object;
  for (const name of path) value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  if (Array.isArray(value)) return value.filter((each) => typeof each === 'string').join('; ');
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

const earlierIn = (object: Json): EarlierVerdict => {
  const text = (name: string): string => String(object[name] ?? '');
  return {
    result: text('ps_result'),
    reason: text('ps_reason'),
    action: text('ps_action'),
    status: text('ps_bounce_status'),
    probability: text('ps_bounce_probability'),
    checkedAt: text('ps_checked_at'),
    duplicate: text('ps_duplicate'),
  };
};

const shown = (path: Path): string =>
  path
    .map((name) => (name.includes('@') ? '…' : name))
    .join('.')
    .slice(0, 60)
    .replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
