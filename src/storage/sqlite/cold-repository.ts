// The record of files with older delivery events in SQLite: node:sqlite and D1.

import type {
  ColdErasure,
  ColdFile,
  ColdProgress,
  ColdRepository,
  ColdTotals,
} from '../../events/cold/cold-repository.ts';
import type { Database, SqlValue, Statement } from '../database.ts';
import { coldId } from './cold-ids.ts';
import { type EventRow, eventOfRow, readColumnsOf } from './event-columns.ts';

/** The counters of the reports contain the event. Only such events may leave the database. */
const isCounted = 'counted = 1';

/** A soft bounce since the last delivery to the address. `softBounces` of the event repository reads them. */
const isOfOpenRun = `
  class = 'soft' AND kind <> 'deferred' AND echo = 0 AND address_hash IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM delivery_events AS delivery
    WHERE delivery.workspace = event.workspace AND delivery.key_id = event.key_id
      AND delivery.address_hash = event.address_hash AND delivery.at > event.at
      AND delivery.kind = 'delivered' AND delivery.proof <> 'unproven')`;

const isMovable = `proof <> 'unproven' AND received_at < ?6 AND ${isCounted} AND NOT (${isOfOpenRun})`;

const afterPlace = 'workspace = ?1 AND at >= ?2 AND (at > ?2 OR id > ?3) AND at < ?4';

const nextAt = `SELECT at FROM delivery_events WHERE ${afterPlace} ORDER BY at, id LIMIT 1`;

// `isMovable` is computed for the events of the inner SELECT only. So the time for a slice is limited, even if no event can be
// moved.
const slice = `
  SELECT ${readColumnsOf('event')}, (${isMovable}) AS isMovable
  FROM (SELECT * FROM delivery_events WHERE ${afterPlace} ORDER BY at, id LIMIT ?5) AS event
  ORDER BY at, id`;

type SliceRow = EventRow & { readonly isMovable: 0 | 1 };

const fileColumns = `number, name, first_at AS firstAt, last_at AS lastAt, events, bytes, digest,
  erased_through AS erasedThrough`;

const isWriting = (name: string): string =>
  `EXISTS (SELECT 1 FROM cold_drafts WHERE name = ${name} AND state = 'writing')`;

const keepFile = `
  INSERT INTO cold_files (workspace, name, first_at, last_at, events, bytes, digest, erased_through)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE ${isWriting('?2')} AND EXISTS (
    SELECT 1 FROM cold_progress WHERE workspace = ?1 AND move_before = ?9 AND at = ?10 AND id = ?11 AND finished = ?12
  )`;

// The next statements do something only if `keepFile` has just inserted the file.
const numberOfNew = 'SELECT number FROM cold_files WHERE name = ?2';
const isKept = `EXISTS (${numberOfNew})`;
const keepIds = `
  INSERT INTO cold_ids (id, file)
  SELECT ${coldId('event.id')}, (${numberOfNew}) FROM json_each(?3) AS moved
  CROSS JOIN delivery_events AS event
  WHERE event.id = moved.value AND event.workspace = ?1 AND ${isKept} ON CONFLICT DO NOTHING`;
const deleteMoved = `
  DELETE FROM delivery_events WHERE workspace = ?1 AND id IN (SELECT value FROM json_each(?3)) AND ${isKept}`;
const endDraft = `DELETE FROM cold_drafts WHERE workspace = ?1 AND name = ?2 AND ${isKept}`;

const setProgress = (condition: string) => `
  INSERT INTO cold_progress (workspace, move_before, at, id, finished)
  SELECT ?1, ?3, ?4, ?5, ?6 WHERE ${condition}
  ON CONFLICT DO UPDATE SET move_before = excluded.move_before, at = excluded.at, id = excluded.id,
    finished = excluded.finished`;

const hasWork = `
  SELECT
    EXISTS (SELECT 1 FROM cold_drafts WHERE workspace = ?1 AND since <= ?4)
    OR EXISTS (SELECT 1 FROM cold_files WHERE workspace = ?1 AND last_at < ?3 AND retry_at <= ?5)
    OR EXISTS (SELECT 1 FROM cold_erasures WHERE workspace = ?1)
    OR (?2 > 0 AND NOT EXISTS (
      SELECT 1 FROM cold_progress WHERE workspace = ?1 AND finished = 1 AND move_before >= ?2
    )) AS hasWork`;

const claim = `
  INSERT INTO cold_progress (workspace, lease_until) VALUES (?1, ?3)
  ON CONFLICT DO UPDATE SET lease_until = excluded.lease_until WHERE lease_until <= ?2`;

const filesToErase = `
  SELECT ${fileColumns} FROM cold_files
  WHERE workspace = ?1 AND retry_at <= ?2
    AND erased_through < (SELECT coalesce(max(id), 0) FROM cold_erasures WHERE workspace = ?1)
  ORDER BY erased_through, number LIMIT ?3`;

const forgetErasures = `
  DELETE FROM cold_erasures WHERE workspace = ?1
    AND NOT EXISTS (SELECT 1 FROM cold_files WHERE workspace = ?1 AND erased_through < cold_erasures.id)
    AND NOT EXISTS (SELECT 1 FROM cold_drafts WHERE workspace = ?1 AND state = 'writing')`;

const replaceFile = `
  UPDATE cold_files SET name = ?2, first_at = ?3, last_at = ?4, events = ?5, bytes = ?6, digest = ?7, erased_through = ?8
  WHERE workspace = ?1 AND number = ?9 AND name = ?10 AND ${isWriting('?2')}`;
const addDraftToRemove = `
  INSERT INTO cold_drafts (name, workspace, state, since) SELECT ?3, ?1, 'removing', ?4 WHERE ${isKept}`;

const forgetIds = `DELETE FROM cold_ids WHERE file = ?1 AND id IN (SELECT ${coldId('value')} FROM json_each(?2))`;

// There is no index on `file`, because only the deletion of a file that cannot be read would use it. Ranges of ids limit the time
// of a statement.
const forgetIdsBetween = 'DELETE FROM cold_ids WHERE file = ?1 AND id >= ?2 AND id < ?3';
/** Each range has the ids with the same first two hexadecimal digits: about 200,000 of 50 million ids. */
const idRanges = Array.from({ length: 256 }, (_, first) => {
  const digits = (number: number): string => number.toString(16).padStart(2, '0');
  return [first === 0 ? '' : digits(first), first === 255 ? '\u{ffff}' : digits(first + 1)] as const;
});

const fileParams = (workspace: string, file: Omit<ColdFile, 'number'>): SqlValue[] => [
  workspace,
  file.name,
  file.firstAt,
  file.lastAt,
  file.events,
  file.bytes,
  file.digest,
  file.erasedThrough,
];

const progressParams = ({ before, place, isFinished }: ColdProgress): SqlValue[] => [
  before,
  place.at,
  place.id,
  isFinished ? 1 : 0,
];

export const createColdRepository = (database: Database, workspace = 'default'): ColdRepository => {
  const files = async (sql: string, ...params: SqlValue[]): Promise<ColdFile[]> =>
    database.all<ColdFile>(sql, [workspace, ...params]);

  /** With `draft`, the statement does nothing unless that draft has become a valid file. */
  const progressStatement = (progress: ColdProgress, draft: string | null = null): Statement => ({
    sql: setProgress(draft === null ? 'true' : isKept),
    params: [workspace, draft, ...progressParams(progress)],
  });

  /** The file becomes a draft to remove. */
  const forgetFile = ({ number, name }: ColdFile, now: number): Statement[] => [
    {
      sql: `INSERT INTO cold_drafts (name, workspace, state, since)
            SELECT name, workspace, 'removing', ? FROM cold_files WHERE workspace = ? AND number = ? AND name = ?`,
      params: [now, workspace, number, name],
    },
    {
      sql: 'DELETE FROM cold_files WHERE workspace = ? AND number = ? AND name = ?',
      params: [workspace, number, name],
    },
  ];

  return {
    async hasWork({ moveBefore, expiredBefore, draftsBefore, now }) {
      const params = [workspace, moveBefore ?? 0, expiredBefore, draftsBefore, now];
      return (await database.first<{ hasWork: 0 | 1 }>(hasWork, params))!.hasWork === 1;
    },

    async claim(now, until) {
      return (await database.run(claim, [workspace, now, until])).changes === 1;
    },

    async release(until) {
      await database.run('UPDATE cold_progress SET lease_until = 0 WHERE workspace = ? AND lease_until = ?', [
        workspace,
        until,
      ]);
    },

    async progress() {
      const row = await database.first<{ before: number; at: number; id: string; finished: 0 | 1 }>(
        'SELECT move_before AS before, at, id, finished FROM cold_progress WHERE workspace = ?',
        [workspace],
      );
      if (row === null) return { before: 0, place: { at: 0, id: '' }, isFinished: true };
      const { before, at, id, finished } = row;
      return { before, place: { at, id }, isFinished: finished === 1 };
    },

    async setProgress(progress) {
      const { sql, params } = progressStatement(progress);
      await database.run(sql, params);
    },

    async nextAt({ at, id }, before) {
      const row = await database.first<{ at: number }>(nextAt, [workspace, at, id, before]);
      return row?.at ?? null;
    },

    async slice(place, before, receivedBefore, limit) {
      const params = [workspace, place.at, place.id, before, limit, receivedBefore];
      const rows = await database.all<SliceRow>(slice, params);
      const last = rows.at(-1);
      return {
        events: rows.flatMap(({ isMovable, ...row }) => (isMovable === 1 ? [eventOfRow(row)] : [])),
        end: last === undefined ? { at: before, id: '' } : { at: last.at, id: last.id },
      };
    },

    async begin(name, now) {
      await database.run(
        "INSERT INTO cold_drafts (name, workspace, state, since) VALUES (?, ?, 'writing', ?)",
        [name, workspace, now],
      );
    },

    async abandon(name) {
      await database.run('DELETE FROM cold_drafts WHERE name = ? AND workspace = ?', [name, workspace]);
    },

    async keep(file, ids, from, progress) {
      const moved = [workspace, file.name, JSON.stringify(ids)];
      const [kept] = await database.batch([
        { sql: keepFile, params: [...fileParams(workspace, file), ...progressParams(from)] },
        { sql: keepIds, params: moved },
        { sql: deleteMoved, params: moved },
        progressStatement(progress, file.name),
        { sql: endDraft, params: [workspace, file.name] },
      ]);
      return kept!.changes === 1;
    },

    async lastErasure() {
      const row = await database.first<{ id: number }>(
        'SELECT coalesce(max(id), 0) AS id FROM cold_erasures WHERE workspace = ?',
        [workspace],
      );
      return row!.id;
    },

    erasuresAfter: async (erasedThrough) =>
      database.all<ColdErasure>(
        `SELECT id, key_id AS keyId, address_hash AS addressHash FROM cold_erasures
         WHERE workspace = ? AND id > ? ORDER BY id`,
        [workspace, erasedThrough],
      ),

    filesToErase: (now, limit) => files(filesToErase, now, limit),

    async markErased({ number, name }, erasedThrough) {
      await database.run(
        'UPDATE cold_files SET erased_through = ? WHERE workspace = ? AND number = ? AND name = ?',
        [erasedThrough, workspace, number, name],
      );
    },

    async replace(file, next, erased, now) {
      const [replaced] = await database.batch([
        { sql: replaceFile, params: [...fileParams(workspace, next), file.number, file.name] },
        {
          sql: `DELETE FROM cold_ids WHERE file = ?1 AND id IN (SELECT ${coldId('value')} FROM json_each(?3)) AND ${isKept}`,
          params: [file.number, next.name, JSON.stringify(erased)],
        },
        { sql: addDraftToRemove, params: [workspace, next.name, file.name, now] },
        { sql: endDraft, params: [workspace, next.name] },
      ]);
      return replaced!.changes === 1;
    },

    async postpone({ number }, retryAt) {
      await database.run('UPDATE cold_files SET retry_at = ? WHERE workspace = ? AND number = ?', [
        retryAt,
        workspace,
        number,
      ]);
    },

    async forgetErasures() {
      await database.run(forgetErasures, [workspace]);
    },

    expired: (before, now, limit) =>
      files(
        `SELECT ${fileColumns} FROM cold_files WHERE workspace = ? AND last_at < ? AND retry_at <= ? ORDER BY last_at LIMIT ?`,
        before,
        now,
        limit,
      ),

    async forget(file, ids, now) {
      await database.batch([
        { sql: forgetIds, params: [file.number, JSON.stringify(ids)] },
        ...forgetFile(file, now),
      ]);
    },

    async forgetUnread(file, now) {
      for (const [from, to] of idRanges) {
        await database.run(forgetIdsBetween, [file.number, from, to]);
        // node:sqlite blocks the process during a statement.
        await new Promise((resolve) => setTimeout(resolve));
      }
      await database.batch(forgetFile(file, now));
    },

    async takeDrafts(before, limit) {
      await database.run(
        "UPDATE cold_drafts SET state = 'removing' WHERE workspace = ? AND state = 'writing' AND since <= ?",
        [workspace, before],
      );
      const rows = await database.all<{ name: string }>(
        "SELECT name FROM cold_drafts WHERE workspace = ? AND state = 'removing' AND since <= ? ORDER BY since LIMIT ?",
        [workspace, before, limit],
      );
      return rows.map(({ name }) => name);
    },

    filesBetween: (from, to) =>
      files(
        `SELECT ${fileColumns} FROM cold_files WHERE workspace = ? AND last_at >= ? AND first_at < ? ORDER BY first_at, number`,
        from,
        to,
      ),

    async totals() {
      const row = await database.first<ColdTotals>(
        `SELECT count(*) AS files, coalesce(sum(events), 0) AS events, coalesce(sum(bytes), 0) AS bytes
         FROM cold_files WHERE workspace = ?`,
        [workspace],
      );
      return row!;
    },
  };
};
