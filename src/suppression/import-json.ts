// Reads JSON in chunks: an object on each line (NDJSON), or the objects of an array, as the APIs of providers answer with.

import { isRecord, type JsonObject, parseObject } from '../json-object.ts';
import { columnsOfHeader } from './import-columns.ts';
import { longestRow, type TextRecord } from './import-text.ts';

type JsonRecord = TextRecord<JsonObject>;

/** Takes the next characters of a file and returns the records that they complete. `last`: they are the last ones. */
type Take = (chunk: string, last: boolean) => JsonRecord[];

/**
 * Yields the objects of a file, in batches. In NDJSON the row is that of the line, and blank lines count but are not yielded. In an
 * array, or if the objects are written over several lines, it is the number of the object.
 */
export async function* jsonRecords(chunks: AsyncIterable<string>): AsyncGenerator<JsonRecord[]> {
  let take: Take | null = null;
  let beginning = '';
  for await (const chunk of chunks) {
    if (take !== null) {
      yield take(chunk, false);
      continue;
    }
    beginning += chunk;
    if (!beginning.trimStart().includes('\n') && beginning.length < longestRow) continue;
    take = readerFor(beginning);
    yield take(beginning, false);
  }
  yield take === null ? readerFor(beginning)(beginning, true) : take('', true);
}

/** The reader for a file that begins with `text`, chosen by its first line. */
function readerFor(text: string): Take {
  const line = text.trimStart().split('\n', 1)[0]!.trimEnd();
  const object = parseObject(line);
  if (object !== null) return isWrapper(object) ? objectReader() : lineReader();
  return /^\[|^\{.{0,1024}?\[\s*\{|^\{(?:.*[[{,])?$/.test(line) ? objectReader() : lineReader();
}

/** Maximum depth of the objects in which an array of entries is looked for. */
const deepestArray = 4;

/** Whether an object is not an entry, but has an array of them. */
const isWrapper = (object: JsonObject, depth = 1): boolean =>
  columnsOfHeader(Object.keys(object)) === null &&
  Object.values(object).some((value) =>
    Array.isArray(value)
      ? value.some(isRecord)
      : isRecord(value) && depth < deepestArray && isWrapper(value, depth + 1),
  );

/** Reads an object from each line. */
function lineReader(): Take {
  let row = 0;
  let rest = '';
  const read = (line: string): JsonRecord[] => {
    row += 1;
    return line.trim() === '' ? [] : [{ row, value: parseObject(line) }];
  };
  return (chunk, last) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    if (last || rest.length > longestRow) {
      lines.push(rest);
      rest = '';
    }
    return lines.flatMap(read);
  };
}

/** The name of a field that has an address. An object that has one is an entry, whatever arrays it has. */
const addressField = /"[\w -]{0,40}(?:mail|address|recipient)[\w -]{0,40}"\s*:\s*"/i;

/**
 * Reads the outermost objects that are elements of an array, and objects that are in no array and have none of objects. Anything else
 * that is in no object is a record that cannot be read.
 */
function objectReader(): Take {
  let row = 0;
  let text = '';
  let at = 0;
  let isInString = false;
  /** The last character that is neither a space nor in a string. */
  let previous = '';
  /** The open brackets outside the object that is read. */
  const outer: string[] = [];
  /** Where the object begins that is read, and its open brackets; -1 if none is read. */
  let start = -1;
  let inner: string[] = [];
  let isTooLong = false;
  /** Whether the text at this place is in no object and is none. */
  let isStray = false;

  const begin = (): void => {
    [start, inner, isTooLong] = [at, ['{'], false];
  };

  const onOpening = (bracket: string): void => {
    if (start === -1) {
      if (bracket === '{' && (outer.length === 0 || outer.at(-1) === '[')) begin();
      else outer.push(bracket);
      return;
    }
    // The object around the first array of objects is no entry if it has no address before it.
    const isFirstElement = bracket === '{' && previous === '[' && inner.indexOf('[') === inner.length - 1;
    if (isFirstElement && outer.length === 0 && !addressField.test(text.slice(start, at))) {
      outer.push(...inner);
      begin();
    } else inner.push(bracket);
  };

  const onClosing = (): JsonRecord[] => {
    if (start === -1) {
      outer.pop();
      return [];
    }
    inner.pop();
    if (inner.length > 0) return [];
    const value = isTooLong ? null : parseObject(text.slice(start, at + 1));
    start = -1;
    return [{ row: ++row, value }];
  };

  return (chunk, last) => {
    text += chunk;
    const found: JsonRecord[] = [];
    for (; at < text.length; at++) {
      const character = text[at]!;
      if (start === -1 && !isInString) {
        if (',\n[]{}'.includes(character)) isStray = false;
        else if (!isStray && character.trim() !== '' && !outer.includes('{')) {
          isStray = true;
          found.push({ row: ++row, value: null });
        }
      }
      if (isInString) {
        if (character === '\\') at++;
        else if (character === '"') isInString = false;
        continue;
      }
      if (character === '"') isInString = true;
      else if (character === '{' || character === '[') onOpening(character);
      else if (character === '}' || character === ']') found.push(...onClosing());
      if (character.trim() !== '') previous = character;
    }
    if (start !== -1 && text.length - start > longestRow) isTooLong = true;
    const kept = start === -1 || isTooLong ? text.length : start;
    text = text.slice(kept);
    at -= kept;
    if (start !== -1) start = 0;
    if (last && start !== -1) found.push({ row: ++row, value: null });
    return found;
  };
}
