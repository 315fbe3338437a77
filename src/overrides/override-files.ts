// The operator's lists of allowed and denied domains in two files, for lists that are too long to enter one by one. The files
// are read again when they change.

import {
  type DomainList,
  domainListIn,
  emptyDomainList,
  noOverrides,
  type Overrides,
} from './domain-lists.ts';

/** A file with one domain per line, in the format of `parseDomainList`. */
export interface DomainListFile {
  /** The name of the file, for messages. */
  readonly name: string;
  /** A text that changes when the file changes. Rejects if there is no such file. */
  readonly version: () => Promise<string>;
  readonly text: () => Promise<string>;
}

export interface OverrideFiles {
  /** Returns the lists from memory. If they are older than `maxAgeMs`, checks in the background whether a file changed. */
  lists(): Overrides;
  /** Reads the files that changed. Rejects with a RangeError if a line is no domain; the previous lists then stay in use. */
  refresh(): Promise<void>;
}

export interface OverrideFilesOptions {
  /** Null if there is no such file. */
  readonly allow: DomainListFile | null;
  readonly deny: DomainListFile | null;
  /** Returns the current time in epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds between two checks of the files. */
  readonly maxAgeMs?: number;
  /** Called when a check in the background fails. The previous lists stay in use. */
  readonly onFailure: (error: unknown) => void;
}

/** Keeps the list of one file. The returned function resolves to the list; it is the same object until the file changes. */
function keptList(file: DomainListFile | null): () => Promise<DomainList> {
  let held = { version: '', list: emptyDomainList };
  return async () => {
    if (file === null) return emptyDomainList;
    const version = await file.version();
    if (version === held.version) return held.list;
    held = { version, list: domainListIn(file.name, await file.text()) };
    return held.list;
  };
}

export function createOverrideFiles(options: OverrideFilesOptions): OverrideFiles {
  const { now, maxAgeMs = 10_000, onFailure } = options;
  const allowed = keptList(options.allow);
  const denied = keptList(options.deny);
  let held = noOverrides;
  let checkedAt = Number.NEGATIVE_INFINITY;

  async function refresh(): Promise<void> {
    checkedAt = now();
    const [allow, deny] = [await allowed(), await denied()];
    if (allow !== held.allow || deny !== held.deny) held = { allow, deny };
  }

  return {
    lists() {
      if (now() - checkedAt >= maxAgeMs) refresh().catch(onFailure);
      return held;
    },
    refresh,
  };
}
