// Sessions of the console in SQLite: node:sqlite and D1.

import type { SessionRepository, StoredSession } from '../../keys/console-session.ts';
import type { Database } from '../database.ts';

const found = `SELECT key_id AS keyId, admin_mark AS adminMark, created_at AS createdAt, expires_at AS expiresAt
  FROM sessions WHERE workspace = ? AND hash = ?`;

export const createSessionRepository = (database: Database, workspace = 'default'): SessionRepository => ({
  async insert(hash, { keyId, adminMark, createdAt, expiresAt }) {
    await database.run(
      `INSERT INTO sessions (workspace, hash, key_id, admin_mark, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
      [workspace, hash, keyId, adminMark, createdAt, expiresAt],
    );
  },
  async find(hash) {
    return database.first<StoredSession>(found, [workspace, hash]);
  },
  async delete(hash) {
    await database.run('DELETE FROM sessions WHERE workspace = ? AND hash = ?', [workspace, hash]);
  },
  async deleteExpired(at) {
    await database.run('DELETE FROM sessions WHERE workspace = ? AND expires_at <= ?', [workspace, at]);
  },
});
