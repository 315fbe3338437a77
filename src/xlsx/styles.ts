// The number formats of cells: which numbers are dates, and how many digits are shown.

import { readWholeXml } from './read-xml.ts';

export interface NumberFormat {
  /** The code, such as `dd/mm/yyyy`. Empty: the format `General`. */
  readonly code: string;
  readonly isDate: boolean;
  /** Whether fractions of a second are shown. */
  readonly fractions: boolean;
  /** Minimum number of digits of a whole number: 5 for the format `00000`. */
  readonly digits: number;
}

export const generalFormat: NumberFormat = { code: '', isDate: false, fractions: false, digits: 0 };

/** The formats that have a number instead of a code (ECMA-376-1, 18.8.30). Those of dates depend on the language. */
const builtIn: Readonly<Record<number, string>> = {
  1: '0',
  2: '0.00',
  3: '#,##0',
  4: '#,##0.00',
  9: '0%',
  10: '0.00%',
  11: '0.00E+00',
  14: 'yyyy-mm-dd',
  15: 'd-mmm-yy',
  16: 'd-mmm',
  17: 'mmm-yy',
  18: 'h:mm AM/PM',
  19: 'h:mm:ss AM/PM',
  20: 'h:mm',
  21: 'h:mm:ss',
  22: 'yyyy-mm-dd hh:mm',
  45: 'mm:ss',
  46: '[h]:mm:ss',
  47: 'mm:ss.0',
  49: '@',
};

/** Further built-in formats of dates, in East Asian and Thai versions of Excel. */
const isLocalDate = (id: number): boolean => (id >= 27 && id <= 36) || (id >= 50 && id <= 58);

export function numberFormat(code: string): NumberFormat {
  if (code === '' || /^general$/i.test(code)) return generalFormat;
  // Removes what says nothing about the kind of format: texts in quotes, escaped characters, and colors and languages in
  // brackets.
  const plain = code.split(';')[0]!.replace(/"[^"]*"|[\\_*].|\[[^\]]*\]/g, '');
  const isElapsed = /\[(?:h+|m+|s+)\]/i.test(code);
  const isDate = !isElapsed && /[ymdhs]/i.test(plain.replace(/general/gi, '')) && !/[#?]/.test(plain);
  return {
    code,
    isDate,
    fractions: isDate && /s[.,]0/i.test(plain),
    digits: /^0+$/.test(code) ? code.length : 0,
  };
}

/** Reads the part `styles.xml`. Returns the format of each cell style (`cellXfs`), by its index. */
export async function readStyles(bytes: AsyncIterable<Uint8Array>): Promise<readonly NumberFormat[]> {
  const codes = new Map<number, string>();
  const ids: number[] = [];
  let parent = '';
  await readWholeXml(bytes, {
    open(name, attributes, depth) {
      if (depth === 2) parent = name;
      else if (name === 'numFmt' && parent === 'numFmts')
        codes.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '');
      else if (depth === 3 && name === 'xf' && parent === 'cellXfs')
        ids.push(Number(attributes['numFmtId'] ?? 0));
    },
    close: () => {},
    text: () => {},
  });
  const known = new Map<number, NumberFormat>();
  return ids.map((id) => {
    let format = known.get(id);
    if (format === undefined) {
      format = numberFormat(codes.get(id) ?? builtIn[id] ?? (isLocalDate(id) ? 'yyyy-mm-dd' : ''));
      known.set(id, format);
    }
    return format;
  });
}
