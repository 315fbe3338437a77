// Parameters of Content-Type and Content-Disposition (RFC 2045 section 5.1, RFC 2231), and encoded words (RFC 2047).

/** The parameters by their names in lower case. If several have the same name, the first one counts. */
export type ParameterValue = ReadonlyMap<string, string>;

/** Maximum characters of a header that are read. Real headers are far shorter. */
const maxLength = 4096;

/** Splits a header such as `text/html; charset=utf-8`. `value` is in lower case. */
export function headerParameters(header: string): {
  readonly value: string;
  readonly parameters: ParameterValue;
} {
  const text = header.slice(0, maxLength);
  const semicolon = text.indexOf(';');
  const value = (semicolon === -1 ? text : text.slice(0, semicolon)).trim().toLowerCase();
  const found = new Map<string, string>();
  if (semicolon !== -1)
    for (const [, name, quoted, token] of text
      .slice(semicolon)
      .matchAll(/;\s*([\w*.-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g))
      if (!found.has(name!.toLowerCase()))
        found.set(name!.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? token!);
  return { value, parameters: withExtended(found) };
}

/** Joins `name*0`, `name*1` …, and decodes `name*` and `name*0*` (RFC 2231). */
function withExtended(found: Map<string, string>): ParameterValue {
  for (const [key, value] of [...found]) {
    const [, name, isNumbered] = /^([^*]+)\*(0\*?)?$/.exec(key) ?? [];
    if (name === undefined || found.has(name)) continue;
    let joined = value;
    if (isNumbered !== undefined)
      for (let index = 1; ; index++) {
        const next = found.get(`${name}*${index}`) ?? found.get(`${name}*${index}*`);
        if (next === undefined) break;
        joined += next;
      }
    found.set(name, key.endsWith('*') ? percentDecoded(joined.replace(/^[^']*'[^']*'/, '')) : joined);
  }
  return found;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
