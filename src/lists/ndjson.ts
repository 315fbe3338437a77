// NDJSON lists: one JSON object per line, or a JSON array of objects. Writes objects with their fields unchanged and
// presend's fields at the end.

import { type JsonObject, parseObject } from '../json-object.ts';
import { addressesInCell } from '../tables/address-cell.ts';
import { addressColumnIndex, ownColumns } from './columns.ts';
import { fieldText, memberValue, objectEnd, stringEnd } from './json-text.ts';
import { lifeDatesReader } from './life-columns.ts';
import type { RowRefusal } from './list-error.ts';
import { objectOfString } from './ndjson-shape.ts';
import { longestRecord, type RecordReader, type RecordWriter, recordTooLong } from './record-format.ts';
import { isRemark } from './remark.ts';
import type { EarlierVerdict, ListRow, NdjsonShape } from './shape.ts';

/**
 * Returns a reader of objects, for text that arrives in pieces. The objects are lines, or the elements of an array.
 * `fromStart`: the text begins with the text before the array (`shape.prefix`).
 */
export function ndjsonReader(shape: NdjsonShape, fromStart = false): RecordReader {
  const { email, moreEmails = [], lastVerifiedAt, source, life, array, strings, split } = shape;
  const lifeOf = life && lifeDatesReader(life, fieldText);
  const opening = strings ? '"' : '{';
  let prefix = fromStart ? (shape.prefix ?? 0) : 0;
  const elements = joinElements();
  const unreadable = array ? badElement : badLine;

  /** All addresses of a contact. Those in the address field come first. */
  const contactAddresses = (object: JsonObject): readonly string[] => {
    const all = addressesInCell(fieldText(object, email)).filter((text) => !isRemark(text));
    if (moreEmails.length === 0) return all;
    const more = moreEmails
      .flatMap((path) => addressesInCell(fieldText(object, path)))
      .filter((each) => each.includes('@'));
    const first = more.length > 0 ? all.filter((each) => each.includes('@')) : all;
    return [...new Map([...first, ...more].map((each) => [each.toLowerCase(), each])).values()];
  };

  const rowOf = (text: string, ending: string): ListRow => {
    const blank = text.trim() === '';
    // Do not parse a blank line: the exception of JSON.parse takes long.
    const object = blank ? null : parseObject(text);
    const [first = '', ...others] = object === null ? [] : contactAddresses(object);
    return {
      text,
      ending,
      fields: object === null ? 0 : 1,
      email: first,
      plain: false,
      cleaned:
        object !== null && others.length === 0 && first.includes('@') && first !== fieldText(object, email),
      others: others.length > 0 ? others : null,
      lastVerifiedAt: object === null || lastVerifiedAt === null ? '' : fieldText(object, lastVerifiedAt),
      source: object === null || source === null ? '' : fieldText(object, source).trim(),
      life: object === null || lifeOf === undefined ? null : lifeOf(object),
      earlier: object !== null && 'ps_result' in object ? earlierIn(object) : null,
      raw: null,
      refusal: object === null && !blank ? unreadable : null,
    };
  };
  const passing = (text: string): ListRow => ({ ...rowOf('', ''), text });

  const onContact = (text: string, ending: string, onRow: (row: ListRow) => void): void => {
    const row = strings
      ? { ...rowOf(objectOfString(text), ending), raw: text + ending }
      : rowOf(text, ending);
    if (split && row.others !== null) onSplitObject(row, onRow);
    else onRow(row);
  };

  /** Passes on one row for each address of a contact, with this address in the address field. */
  const onSplitObject = (row: ListRow, onRow: (row: ListRow) => void): void => {
    const addresses = [row.email, ...row.others!];
    addresses.forEach((address, index) => {
      const isLast = index === addresses.length - 1;
      const ending = isLast ? row.ending : array ? ',' : row.ending || '\n';
      const raw = index === 0 ? (row.raw ?? row.text + row.ending) : '';
      onRow({ ...replacedAddress(shape, row, address, true), ending, email: address, others: null, raw });
    });
  };

  const readArray: RecordReader['read'] = (text, last, passOn) => {
    const outcome = readElements(text, last, (row) => elements.add(row, passOn));
    const refused = elements.isLost() ? unreadable : outcome.refused;
    if (last || refused !== null) elements.end(passOn);
    return { ...outcome, refused };
  };

  const readElements: RecordReader['read'] = (text, last, onRow) => {
    let from = 0;
    if (prefix > 0) {
      onRow(passing(text.slice(0, prefix)));
      from = prefix;
      prefix = 0;
    }
    for (;;) {
      const open = text.indexOf(opening, from);
      if (open === -1) break;
      const end = strings ? stringEnd(text, open) + 1 : objectEnd(text, open);
      const isOpen = end === -1 || end > text.length;
      let next = isOpen ? -1 : text.indexOf(opening, end);
      // After the end of an array inside an object, the rest of the file is not a contact.
      if (next !== -1 && /\]\s*[,}]/.test(text.slice(end, next))) next = -1;
      // The ending of a row is the text between its object and the next one, so wait until the next object has
      // arrived.
      if (next === -1 && !last) return { read: from, refused: null };
      if (isOpen) return { read: from, refused: unreadable };
      if (end - open > longestRecord) return { read: from, refused: recordTooLong };
      if (open > from) onRow(passing(text.slice(from, open)));
      const until = next === -1 ? text.length : next;
      onContact(text.slice(open, end), text.slice(end, until), onRow);
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
        onContact(text.slice(from, end), text.slice(end, next), onRow);
        from = next;
      }
      return { read: from, refused: null };
    },
  };
}

/** A list is refused if this many elements in a row cannot be read. */
const mostLost = 1000;

/**
 * Keeps a JSON array valid although elements that cannot be read are left out of the result. The ending of an element has the
 * comma before the next one, or the bracket that closes the array. An element is held until it is known what follows it; its
 * ending then replaces those of the unreadable elements after it.
 */
function joinElements() {
  type OnRow = (row: ListRow) => void;
  let held: ListRow | null = null;
  let lost: ListRow[] = [];

  const passOn = (onRow: OnRow): void => {
    if (held !== null) onRow(held);
    for (const row of lost) onRow(row);
    held = null;
    lost = [];
  };

  return {
    add(row: ListRow, onRow: OnRow): void {
      if (row.refusal === null) {
        passOn(onRow);
        held = row;
      } else if (held !== null && held.fields > 0) {
        const raw = held.raw ?? held.text + held.ending;
        held = { ...held, raw, ending: held.ending.replace(/,\s*$/, '') + row.ending };
        lost.push(row);
      } else {
        // No element before this one can be read, so there is none to hold. Keep the text after this element, except the comma.
        passOn(onRow);
        onRow(row);
        const text = row.ending.replace(/^\s*,/, '');
        if (text !== '') held = { ...row, text, ending: '', raw: '', refusal: null };
      }
    },
    /** Passes the last element on. A comma after it that JSON does not allow is left out. */
    end(onRow: OnRow): void {
      if (held !== null && held.fields > 0 && /^\s*,\s*\]/.test(held.ending)) {
        const raw = held.raw ?? held.text + held.ending;
        held = { ...held, raw, ending: held.ending.replace(',', '') };
      }
      passOn(onRow);
    },
    isLost: (): boolean => lost.length >= mostLost,
  };
}

const badLine: RowRefusal = {
  code: 'bad_json',
  sentence: 'is not a JSON object on a single line. Write one JSON object per line.',
};

const badElement: RowRefusal = {
  code: 'bad_json',
  sentence: 'is not valid JSON. Check for a missing quotation mark, comma or bracket.',
};

/**
 * Writes an object with presend's fields at the end. They replace those of an earlier run. With null cells, writes
 * the object as it is.
 */
export const ndjsonWriter: RecordWriter = ({ text, earlier }, cells, address, out) => {
  if (cells === null) {
    out.push(text);
    return;
  }
  if (cells.text === null) {
    const members = cells.values.map((value, index) => `"${ownColumns[index]}":${JSON.stringify(value)}`);
    cells.text = members.slice(0, addressColumnIndex).join(',');
    cells.textAfter = members.slice(addressColumnIndex + 1).join(',');
  }
  const kept = earlier === null ? text : withoutOwn(text);
  const close = kept.lastIndexOf('}');
  const body = kept.slice(0, close).trimEnd();
  const own = `,"ps_address":${address === '' ? 'null' : JSON.stringify(address)},`;
  out.push(body, body.endsWith('{') ? '' : ',', cells.text, own, cells.textAfter, kept.slice(close));
};

/**
 * The row with `address` in the address field. Nothing else changes. If the field is not a string, returns the same
 * row.
 */
export const withNdjsonAddress = (shape: NdjsonShape, row: ListRow, address: string): ListRow =>
  replacedAddress(shape, row, address, false);

/** `always`: also replaces a field that is not a string, such as an array of addresses. */
function replacedAddress({ email }: NdjsonShape, row: ListRow, address: string, always: boolean): ListRow {
  let open = row.text.indexOf('{');
  for (const [depth, name] of email.entries()) {
    const value = open === -1 ? null : memberValue(row.text, open, name);
    if (value === null) return row;
    const [start, end] = value;
    const isString = row.text[start] === '"';
    if (depth < email.length - 1 && row.text[start] === '{') open = start;
    else if (isString || always)
      return { ...row, text: row.text.slice(0, start) + JSON.stringify(address) + row.text.slice(end) };
    else return row;
  }
  return row;
}

/** The text of an object without the fields that an earlier run of presend added. */
function withoutOwn(text: string): string {
  const open = text.indexOf('{');
  const members: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = open + 1; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') at = stringEnd(text, at);
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

const earlierIn = (object: JsonObject): EarlierVerdict => {
  const text = (name: string): string => String(object[name] ?? '');
  return {
    result: text('ps_result'),
    reason: text('ps_reason'),
    action: text('ps_action'),
    didYouMean: text('ps_did_you_mean'),
    status: text('ps_bounce_status'),
    probability: text('ps_bounce_probability'),
    checkedAt: text('ps_checked_at'),
    duplicate: text('ps_duplicate'),
    provider: text('ps_provider'),
    gateway: text('ps_gateway'),
    engagement: text('ps_engagement'),
  };
};
