// A map whose keys are words and stems of words. The stem `refus*` matches every word that begins with `refus`.

const stemLength = 3;

/**
 * Maps words and stems to values. A key may have several values. Stems are grouped by their first three letters, so a lookup
 * compares a word with only a few of them.
 */
export class WordMap<T> {
  /** For each word, its values as the only group, so that `get` need not allocate. */
  readonly #words = new Map<string, readonly [T[]]>();
  /** Stems by their first three letters. */
  readonly #stems = new Map<string, { readonly stem: string; readonly values: T[] }[]>();

  /** Adds a value. `pattern` is a word, or a stem of at least three letters with an asterisk. */
  add(pattern: string, value: T): void {
    if (!pattern.endsWith('*')) {
      const group = this.#words.get(pattern);
      if (group === undefined) this.#words.set(pattern, [[value]]);
      else group[0].push(value);
      return;
    }
    const stem = pattern.slice(0, -1);
    if (stem.length < stemLength)
      throw new Error(
        `a stem in the bounce rules needs at least ${stemLength} letters before its asterisk: ${pattern}`,
      );
    const key = stem.slice(0, stemLength);
    const stems = this.#stems.get(key) ?? [];
    if (stems.length === 0) this.#stems.set(key, stems);
    const known = stems.find((one) => one.stem === stem);
    if (known === undefined) stems.push({ stem, values: [value] });
    else known.values.push(value);
  }

  /** The values of the word itself and of each stem that it begins with: one array for each. */
  get(word: string): readonly (readonly T[])[] {
    const exact = this.#words.get(word) ?? none;
    const stems = this.#stems.size === 0 ? undefined : this.#stems.get(word.slice(0, stemLength));
    if (stems === undefined) return exact;
    let groups: readonly (readonly T[])[] = exact;
    for (const { stem, values } of stems) if (word.startsWith(stem)) groups = [...groups, values];
    return groups;
  }

  /** Every pattern with its values. */
  entries(): [string, readonly T[]][] {
    const words = [...this.#words].map(([word, [values]]): [string, readonly T[]] => [word, values]);
    const stems = [...this.#stems.values()].flat();
    return [...words, ...stems.map(({ stem, values }): [string, readonly T[]] => [`${stem}*`, values])];
  }
}

const none: readonly never[] = [];
