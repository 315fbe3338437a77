// Reads groups of fields that look like header fields, as in delivery-status and feedback reports (RFC 3464 section 2.1,
// RFC 5965).

export type Fields = ReadonlyMap<string, readonly string[]>;

/**
 * The groups of fields in a text. Blank lines separate groups. Names are in lower case. A value that continues on the
 * next line keeps the line break, because it separates the lines of an SMTP reply.
 */
export function fieldGroups(text: string): Fields[] {
  const groups: Map<string, string[]>[] = [];
  let group: Map<string, string[]> | null = null;
  let values: string[] | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') {
      group = null;
      values = null;
    } else if (/^[ \t]/.test(line)) {
      if (values) values[values.length - 1] += `\n${line.trim()}`;
    } else {
      const colon = line.indexOf(':');
      const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
      if (!/^[a-z0-9-]{1,60}$/.test(name)) {
        if (values) values[values.length - 1] += `\n${line.trim()}`;
        continue;
      }
      if (group === null) {
        group = new Map();
        groups.push(group);
      }
      values = group.get(name) ?? [];
      if (values.length === 0) group.set(name, values);
      values.push(line.slice(colon + 1).trim());
    }
  }
  return groups;
}

/** The first value of a field, or null. */
export const first = (fields: Fields, name: string): string | null => fields.get(name)?.[0] ?? null;
