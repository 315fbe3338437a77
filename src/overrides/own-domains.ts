// The operator's own lists of domains, kept in the database and held in memory for the hot path.

import type { Database } from '../storage/database.ts';
import { type DomainEntry, domainList, noOwnLists, type OwnLists, type OwnWord } from './own-lists.ts';

export interface OwnDomain extends DomainEntry {
  readonly word: OwnWord;
  /** Why, in the operator's words, or null. */
  readonly note: string | null;
  /** Epoch milliseconds. */
  readonly since: number;
}

export type PutOutcome = 'added' | 'changed' | 'full';

export interface OwnDomains {
  /** What is held in memory, read anew where it is older than `maxAgeMs`. Never rejects. */
  lists(): OwnLists | Promise<OwnLists>;
  /** All entries in the order of their names. */
  all(): Promise<OwnDomain[]>;
  put(entry: DomainEntry & { readonly word: OwnWord; readonly note: string | null }): Promise<PutOutcome>;
  /** Whether there was such an entry. */
  remove(entry: DomainEntry): Promise<boolean>;
}

/** So many can be held in memory and listed in one answer. */
export const maxOwnDomains = 10_000;

export interface OwnDomainsOptions {
  readonly database: Database;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds after which another process's change is seen. */
  readonly maxAgeMs?: number;
  /** Told when the lists could not be read; those held before go on counting. */
  readonly onFailure: (error: unknown) => void;
}

interface OwnDomainRow extends Omit<OwnDomain, 'beneath'> {
  readonly beneath: 0 | 1;
}

const select = 'SELECT domain, beneath, word, note, since FROM own_domains ORDER BY domain, beneath';

// The guard stands in the statement, since two processes may add at once.
const upsert = `
  INSERT INTO own_domains (domain, beneath, word, note, since)
  SELECT ?1, ?2, ?3, ?4, ?5
  WHERE (SELECT count(*) FROM own_domains) < ?6
    OR EXISTS (SELECT 1 FROM own_domains WHERE workspace = 'default' AND domain = ?1 AND beneath = ?2)
  ON CONFLICT DO UPDATE SET word = excluded.word, note = excluded.note, since = excluded.since`;

export function createOwnDomains({
  database,
  now,
  maxAgeMs = 30_000,
  onFailure,
}: OwnDomainsOptions): OwnDomains {
  let held = { lists: noOwnLists, readAt: Number.NEGATIVE_INFINITY };

  const all = async (): Promise<OwnDomain[]> =>
    (await database.all<OwnDomainRow>(select)).map((row) => ({ ...row, beneath: row.beneath === 1 }));

  async function readAnew(): Promise<OwnLists> {
    const readAt = now();
    try {
      const entries = await all();
      const of = (word: OwnWord) => domainList(entries.filter((entry) => entry.word === word));
      held = { lists: { allow: of('allow'), deny: of('deny') }, readAt };
    } catch (error) {
      held = { ...held, readAt };
      onFailure(error);
    }
    return held.lists;
  }

  return {
    lists: () => (now() - held.readAt < maxAgeMs ? held.lists : readAnew()),
    all,

    async put({ domain, beneath, word, note }) {
      const key = [domain, beneath ? 1 : 0];
      const known = await database.first(
        "SELECT 1 FROM own_domains WHERE workspace = 'default' AND domain = ? AND beneath = ?",
        key,
      );
      const { changes } = await database.run(upsert, [...key, word, note, now(), maxOwnDomains]);
      await readAnew();
      return changes === 0 ? 'full' : known === null ? 'added' : 'changed';
    },

    async remove({ domain, beneath }) {
      const sql = "DELETE FROM own_domains WHERE workspace = 'default' AND domain = ? AND beneath = ?";
      const { changes } = await database.run(sql, [domain, beneath ? 1 : 0]);
      await readAnew();
      return changes === 1;
    },
  };
}
