// The tables of presend's data. Each is parsed when it is first used. A data pack can replace it while the service runs.

export interface DataPartFormat<Value extends object> {
  /** The name of the part in data packs. A part whose format changes gets a new name. */
  readonly name: string;
  /** Returns the text that is built into this release. */
  readonly builtIn: () => string;
  /** Whether a text has the format of the part. */
  readonly isValid: (text: string) => boolean;
  /** Splits a valid text into its entries. They are used to compare two versions of a part. */
  readonly entriesOf: (text: string) => readonly string[];
  /** Builds the table from a valid text. */
  readonly build: (text: string) => Value;
}

export interface DataPart<Value extends object = object>
  extends Pick<DataPartFormat<Value>, 'name' | 'builtIn' | 'isValid' | 'entriesOf'> {
  /** Returns the table in use. Do not keep it: a data pack may replace it. */
  current(): Value;
  /** Returns the text of the table in use. */
  text(): string;
  /**
   * Builds the table of a valid text, or of the built-in text if `text` is null. The returned function puts the table to
   * use and returns another function, which undoes this.
   */
  prepare(text: string | null): () => () => void;
}

export function dataPart<Value extends object>(format: DataPartFormat<Value>): DataPart<Value> {
  const { name, builtIn, isValid, entriesOf, build } = format;
  let given: string | null = null;
  let table: Value | undefined;

  function put(text: string | null, built: Value | undefined): () => void {
    const before = { given, table };
    given = text;
    table = built;
    return () => {
      given = before.given;
      table = before.table;
    };
  }

  return {
    name,
    builtIn,
    isValid,
    entriesOf,
    current: () => {
      table ??= build(given ?? builtIn());
      return table;
    },
    text: () => given ?? builtIn(),
    prepare(text) {
      const built = text === null ? undefined : build(text);
      return () => put(text, built);
    },
  };
}

/** The functions of a part whose entries are separated by `separator`. `entry` matches one whole entry. */
export const entriesBy = (
  separator: '\n' | ' ',
  entry: RegExp,
): Pick<DataPartFormat<object>, 'isValid' | 'entriesOf'> => ({
  isValid: (text) => text.split(separator).every((one) => entry.test(one)),
  entriesOf: (text) => text.split(separator),
});

let generation = 0;

/**
 * Returns a number that changes when a data pack replaces the data. Facts that were derived from the data and cached under
 * another number are out of date.
 */
export const dataGeneration = (): number => generation;

/** Call it after the data was replaced. */
export function startDataGeneration(): void {
  generation += 1;
}
