// What a text looks like: a number, a date or a boolean as presend spells them. A text cell that looks like a number must not
// become a number when it is written back.

export const looks = { nothing: 0, number: 1, date: 2, boolean: 4 } as const;

const number = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;
const date = /^\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d(?:\.\d{3})?)?$|^\d\d:\d\d:\d\d(?:\.\d{3})?$/;

/** Returns what `text` looks like: one of the values of `looks`. */
export function lookOf(text: string): number {
  const first = text.charCodeAt(0);
  if ((first >= 0x30 && first <= 0x39) || first === 0x2d)
    return number.test(text) ? looks.number : date.test(text) ? looks.date : looks.nothing;
  return text === 'TRUE' || text === 'FALSE' ? looks.boolean : looks.nothing;
}
