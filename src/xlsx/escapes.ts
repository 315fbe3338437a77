// The escapes `_xHHHH_` in texts of workbooks, for characters that XML cannot contain (ECMA-376-1, 22.9.2.19, ST_Xstring).

/** Replaces escapes such as `_x000D_` by their characters. `_x005F_` is an underscore. */
export const unescaped = (text: string): string =>
  text.includes('_x')
    ? text.replace(/_x([0-9a-f]{4})_/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : text;

const special = /[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9a-f]{4}_)/gi;
const isSpecial = new RegExp(special.source, 'i');

const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** A text as XML character data. A carriage return is escaped too, because XML reads it as a line feed. */
export const escaped = (text: string): string =>
  isSpecial.test(text)
    ? text.replace(
        special,
        (character) =>
          named[character] ?? `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
      )
    : text;
