// Finds values in the text of JSON, and reads the fields of its objects.

import { isRecord, type JsonObject } from '../json-object.ts';

/** The names of nested fields, from the outermost. Arrays on the way have no name: the path leads into all their elements. */
export type FieldPath = readonly string[];

/** Maximum number of names in a path. `contact.email` has two names. Objects nested deeper are not searched. */
const deepest = 5;

/** The paths of all fields of an object that are not objects themselves, and of the fields of objects in arrays. */
export function fieldPaths(object: JsonObject, above: FieldPath = []): FieldPath[] {
  return Object.entries(object).flatMap(([name, value]) => {
    const path = [...above, name];
    const inside = (Array.isArray(value) ? value.slice(0, 10) : [value]).filter(isRecord);
    return inside.length > 0 && path.length < deepest
      ? inside.flatMap((each) => fieldPaths(each, path))
      : [path];
  });
}

/**
 * The value at `path` as text: a string or a number. Several strings, of an array or of objects in an array, are joined by `; `.
 * Empty if there is none of these.
 */
export function fieldText(object: JsonObject, path: FieldPath): string {
  let values: readonly unknown[] = [object];
  for (const name of path)
    values = values
      .flat()
      .map((value) => (isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined));
  if (values.length === 1 && typeof values[0] === 'number') return String(values[0]);
  return values
    .flat()
    .filter((each) => typeof each === 'string')
    .join('; ');
}

/** The text of a JSON value on one line. (A string of JSON has no line ending.) */
export const onOneLine = (text: string): string =>
  /[\r\n]/.test(text)
    ? text
        .split(/[\r\n]+/)
        .map((line) => line.trim())
        .join(' ')
    : text;

/** The index after the brace that closes the object at `open`; -1 if it is not closed. */
export function objectEnd(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = stringEnd(text, at);
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return at + 1;
  }
  return -1;
}

/**
 * The start and the end of the value of the field `name` in the object that begins at `open`; null if there is no
 * such field. If the name is repeated, the last one counts, as in JSON.parse.
 */
export function memberValue(text: string, open: number, name: string): readonly [number, number] | null {
  let found: readonly [number, number] | null = null;
  for (let at = open + 1; at < text.length && text[at] !== '}'; ) {
    if (text[at] !== '"') {
      at++;
      continue;
    }
    const key = text.slice(at, stringEnd(text, at) + 1);
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
    if (character === '"') at = stringEnd(text, at);
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    else if (depth === 0 && character === ',') return at;
    if (depth < 0) return at;
    if (depth === 0 && /["}\]]/.test(character)) return at + 1;
  }
  return text.length;
}

/** The index of the quote that closes the string at `open`; at least the length of the text if none does. */
export function stringEnd(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
