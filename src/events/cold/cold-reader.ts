// Reads older delivery events from files.

import type { FileStore } from '../../storage/files/file-store.ts';
import type { StoredEvent } from '../event-repository.ts';
import { DamagedColdFile, decodeColdEvents } from './cold-format.ts';
import type { ColdErasure, ColdFile, ColdRepository } from './cold-repository.ts';

export interface ColdReader {
  /**
   * Reads the events in files at or after `from` and before `to`, one file at a time. Leaves out those of erased persons, and
   * files that cannot be read.
   */
  read(period: { readonly from: number; readonly to: number }): AsyncGenerator<readonly StoredEvent[]>;
}

export interface ColdReaderPorts {
  readonly repository: Pick<ColdRepository, 'filesBetween' | 'erasuresAfter'>;
  readonly files: Pick<FileStore, 'get'>;
  /** Called with each failure. `file` is the name of the file that could not be read or written; null if it is none. */
  readonly onFailure: (error: unknown, file: string | null) => void;
}

export const createColdReader = ({ repository, files, onFailure }: ColdReaderPorts): ColdReader => ({
  async *read({ from, to }) {
    for (const file of await repository.filesBetween(from, to)) {
      let events: readonly StoredEvent[];
      try {
        const erasures = await repository.erasuresAfter(file.erasedThrough);
        events = withoutErased(await readColdFile(files, file), erasures);
      } catch (error) {
        onFailure(error, file.name);
        continue;
      }
      yield events.filter(({ at }) => at >= from && at < to);
    }
  },
});

/** @throws DamagedColdFile if the file is missing or is not the one that was written. */
export async function readColdFile(
  files: Pick<FileStore, 'get'>,
  { name, digest }: Pick<ColdFile, 'name' | 'digest'>,
): Promise<readonly StoredEvent[]> {
  const content = await files.get(name);
  if (content === null) throw new DamagedColdFile('The file is missing.');
  return decodeColdEvents(content, digest);
}

export function withoutErased(
  events: readonly StoredEvent[],
  erasures: readonly ColdErasure[],
): readonly StoredEvent[] {
  if (erasures.length === 0) return events;
  const erased = new Set(erasures.map(({ keyId, addressHash }) => `${keyId} ${addressHash}`));
  return events.filter(({ keyId, addressHash }) => !erased.has(`${keyId} ${addressHash}`));
}
