// Finds the shape of a JSON list: where its contacts are, and the fields that matter.

import { isRecord, type JsonObject, parseObject } from '../json-object.ts';
import {
  addressColumn,
  columnsNamed,
  isAddress,
  isAddressName,
  isFurtherAddress,
  isOtherPerson,
  whichOne,
} from '../tables/find-columns.ts';
import { type FieldPath, fieldPaths, fieldText, objectEnd, stringEnd } from './json-text.ts';
import { lifeColumnsIn } from './life-columns.ts';
import { type ListError, refuseFile } from './list-error.ts';
import { type ListOptions, noColumn } from './record-format.ts';
import type { NdjsonShape } from './shape.ts';

/** Maximum number of objects at the start of the file from which the fields are found. */
const sampleSize = 200;

type Layout = Pick<NdjsonShape, 'array' | 'strings' | 'prefix'>;
type Found = Omit<NdjsonShape, 'mark' | 'encoding'> | ListError;

/**
 * Finds the shape of a JSON file that begins with `text`: where the contacts are, and which fields matter. The contacts are
 * lines (NDJSON), objects that are not lines, or the elements of an array, which may be inside an object, as in
 * `{"contacts": […]}`. `whole`: `text` is the whole file.
 */
export function ndjsonShape(text: string, whole: boolean, options: ListOptions): Found {
  if (/^\s*\{\\rtf/.test(text))
    return refuseFile(
      'not_a_table',
      'The file is a formatted text (RTF), not a table. Save the list as CSV.',
    );
  if (/^\s*\[/.test(text)) return elementsShape(text, text.indexOf('[') + 1, options);
  const keyed = options.emailColumn === undefined ? keyedBy(parseObject(text)) : null;
  if (keyed !== null) return refuseFile('not_a_table', keyedMessages[keyed]);
  const lines = text.split('\n');
  if (!whole && lines.length > 1) lines.pop();
  const written = lines.filter((line) => line.trim() !== '').slice(0, sampleSize);
  const readable = written.filter((line) => parseObject(line) !== null).length;
  const byLine = shapeOf(written, {}, options);
  const isLines = readable * 2 >= written.length && !('code' in byLine);
  if (isLines && (written.length > 1 || !isWrapped(parseObject(written[0]!), byLine.email))) return byLine;
  for (const { index } of text.matchAll(/:\s*\[\s*(?=[{"])/g)) {
    const from = text.indexOf('[', index) + 1;
    const inside = elementsShape(text, from, options);
    if (!('code' in inside)) return { ...inside, prefix: from };
  }
  const byBrace = shapeOf(elementsIn(text, 0, '{'), { array: true }, options);
  return 'code' in byBrace ? byLine : byBrace;
}

const keyedMessages = {
  contacts:
    'The file is one JSON object that has each contact under a key of its own, not a list. Write an array of the contacts, for example with jq [.[]].',
  columns:
    'The file is one JSON object that has each column in an object of its own, not a list. Write an object for each contact, for example with to_json(orient="records") in pandas.',
} as const;

/** Maximum depth of the objects in which contacts are looked for. */
const deepestKeys = 4;

/**
 * Whether the only object of a file has a contact under each key, as exports of Firebase do, or a column, as pandas writes it. Such
 * a file would be read as one contact with very many addresses. Null for other objects.
 */
function keyedBy(object: JsonObject | null, depth = 1): 'contacts' | 'columns' | null {
  if (object === null) return null;
  const entries = Object.entries(object).filter(([name]) => name.replace(whichOne, '') !== '');
  const records = entries.flatMap(([, value]) => (isRecord(value) ? [value] : []));
  const withAddress = records.filter((record) =>
    fieldPaths(record).some((path) => isAddressName(path.at(-1)!) && isAddress(fieldText(record, path))),
  );
  // An order has an address under `billing` and under `shipping`: two words are no keys.
  const areKeys = withAddress.length > 2 || entries.every(([name]) => /[^\p{L}]/u.test(name));
  if (areKeys && withAddress.length > 1 && withAddress.length * 2 > entries.length) return 'contacts';
  const cells = Object.entries(object);
  const isColumn = cells.length > 1 && cells.every(([name]) => /^\d+$/.test(name));
  if (depth > 1 && isColumn && cells.some(([, value]) => isAddressText(value))) return 'columns';
  if (depth === deepestKeys) return null;
  return records.map((record) => keyedBy(record, depth + 1)).find((found) => found !== null) ?? null;
}

const isAddressText = (value: unknown): boolean => typeof value === 'string' && isAddress(value);

/**
 * Whether the only object of a file is no contact but holds them in an array: the array has more than two objects, or the name
 * of the field in it is that of an address, as in `{"contacts": [{"email": …}]}`.
 */
function isWrapped(object: JsonObject | null, email: FieldPath): boolean {
  let value: unknown = object;
  for (const name of email) {
    if (Array.isArray(value)) return value.length > 2 || isAddressName(email.at(-1)!);
    value = (value as JsonObject | null)?.[name];
  }
  return false;
}

/** The shape of a list whose contacts are elements of the array that begins before `from`: objects, or addresses as strings. */
function elementsShape(text: string, from: number, options: ListOptions): Found {
  if (!/^\s*"/.test(text.slice(from, from + 1000)))
    return shapeOf(elementsIn(text, from, '{'), { array: true }, options);
  const objects = elementsIn(text, from, '"').map(objectOfString);
  return shapeOf(objects, { array: true, strings: true }, options);
}

/** The object that a string in an array of addresses becomes in the result. */
export const objectOfString = (text: string): string => `{"email":${text}}`;

/** The complete objects or strings that begin after `from`, at most `sampleSize`. */
function elementsIn(text: string, from: number, opening: '{' | '"'): string[] {
  const elements: string[] = [];
  let open = text.indexOf(opening, from);
  while (open !== -1 && elements.length < sampleSize) {
    const end = opening === '{' ? objectEnd(text, open) : stringEnd(text, open) + 1;
    if (end <= 0 || end > text.length || text.slice(from, open).includes(']')) break;
    elements.push(text.slice(open, end));
    from = end;
    open = text.indexOf(opening, end);
  }
  return elements;
}

function shapeOf(records: readonly string[], layout: Layout, options: ListOptions): Found {
  const objects = records.map(parseObject).filter((object) => object !== null);
  const paths = [
    ...new Map(
      objects.flatMap((object) => fieldPaths(object)).map((path) => [path.join('.'), path]),
    ).values(),
  ];
  const header = paths.map((path) => (path.slice(0, -1).some(isOtherPerson) ? path.join(' ') : path.at(-1)!));
  const sample = objects.map((object) => paths.map((path) => fieldText(object, path)));
  const found = addressColumn(header, sample);
  const email = options.emailColumn?.split('.') ?? paths[found];
  if (email === undefined)
    return refuseFile(
      'no_address_column',
      `No field contains mostly e-mail addresses. The fields are: ${paths.map((path) => `"${shownPath(path)}"`).join(', ') || 'none, perhaps because the JSON is not valid'}. Name the address field with --email-column, or email_column in the API.`,
    );
  if (options.emailColumn && objects.length > 0 && !objects.some((object) => fieldText(object, email) !== ''))
    return refuseFile(
      'unknown_column',
      `The field "${shownPath(email)}" is missing or empty in the first ${objects.length === 1 ? 'row' : `${objects.length} rows`}. Check the name of the field. For a field inside another one, use a path such as contact.email.`,
    );
  const named = (kind: 'lastVerifiedAt' | 'source'): FieldPath | null =>
    paths[columnsNamed(header, kind)[0] ?? -1] ?? null;
  const chosen = (place: string | undefined, kind: 'lastVerifiedAt' | 'source'): FieldPath | null =>
    place === undefined ? named(kind) : isNone(place) ? null : place.split('.');
  const isNone = (place: string | undefined): boolean =>
    place === noColumn && !paths.some((path) => shownPath(path) === noColumn);
  const life = lifeColumnsIn(header, paths, (index) => sample.map((texts) => texts[index]!));
  const more =
    options.emailColumn === undefined
      ? paths.filter((path, index) => index !== found && isFurtherAddress(path.join(' '), email.join(' ')))
      : [];
  return {
    format: 'ndjson',
    ...layout,
    email,
    ...(more.length > 0 && { moreEmails: more }),
    ...(options.split && { split: true }),
    lastVerifiedAt: chosen(options.lastVerifiedColumn, 'lastVerifiedAt'),
    source: chosen(options.sourceColumn, 'source'),
    ...(life !== null && { life: isNone(options.lastVerifiedColumn) ? { ...life, alive: [] } : life }),
  };
}

const shownPath = (path: FieldPath): string =>
  path
    .map((name) => (name.includes('@') ? '…' : name))
    .join('.')
    .slice(0, 60)
    .replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
