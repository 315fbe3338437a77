// Reads records of the form `v=…; tag=value; …`, as MTA-STS, TLS-RPT and BIMI use them.

/** The tags of a record by their names in lower case. The first of several with the same name counts. */
export function recordTags(record: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const part of record.split(';')) {
    const [, name, value] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/s.exec(part) ?? [];
    if (name !== undefined && !tags.has(name.toLowerCase())) tags.set(name.toLowerCase(), value!);
  }
  return tags;
}

/** The records among `texts` that begin with `v=` and `version`, and those that only resemble them. */
export function recordsOf(
  texts: readonly string[],
  version: string,
): { readonly records: readonly string[]; readonly lookAlikes: readonly string[] } {
  const exact = new RegExp(`^v=${version}\\s*(?:;|$)`);
  const similar = new RegExp(`^[\\s"']*v\\s*[=:]?\\s*${version}`, 'i');
  return {
    records: texts.filter((text) => exact.test(text)),
    lookAlikes: texts.filter((text) => !exact.test(text) && similar.test(text)),
  };
}
