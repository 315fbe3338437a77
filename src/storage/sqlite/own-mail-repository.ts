// Reads from the recorded events when the operator's own mail was delivered, opened or bounced, in SQLite: node:sqlite and D1.

import type { OwnMail, OwnMailDomain, OwnMailTimes } from '../../mailbox/known-proofs.ts';
import type { Database } from '../database.ts';
import { deleteDomainSignsBefore, selectOwnDomains } from './domain-signs.ts';
import { isOfRun } from './event-columns.ts';

const ofAddresses = `
  workspace = ?1 AND key_id = ?2 AND address_hash IN (SELECT value FROM json_each(?3))`;

// An operator who lifted the suppression since has decided that the bounce was wrong. An echo is not a new bounce.
const counts = `echo = 0 AND at > coalesce((
      SELECT max(removed_at) FROM suppression_removals AS removal
      WHERE removal.workspace = ?1 AND removal.key_id = ?2 AND removal.address_hash = event.address_hash), 0)`;

// Each event is in one of two partial indexes. Each SELECT repeats the condition of one index, so that SQLite uses it.
const latest = `
  SELECT address_hash AS addressHash, max(delivered) AS deliveredAt, max(engaged) AS engagedAt, max(bounced) AS bouncedAt,
    max(unknown) AS unknownAt, max(disabled) AS disabledAt
  FROM (
    SELECT address_hash, at AS delivered, NULL AS engaged, NULL AS bounced, NULL AS unknown, NULL AS disabled
    FROM delivery_events
    WHERE ${ofAddresses} AND ${isOfRun} AND kind = 'delivered' AND at > ?4 AND proof <> 'unproven'
    UNION ALL
    SELECT address_hash, NULL, NULL, at, iif(${counts} AND reason = 'mailbox_unknown', at, NULL),
      iif(${counts} AND reason IN ('mailbox_disabled', 'mailbox_moved'), at, NULL)
    FROM delivery_events AS event
    WHERE ${ofAddresses} AND NOT ${isOfRun} AND class = 'hard' AND at > ?4 AND proof <> 'unproven'
    UNION ALL
    SELECT address_hash, NULL, max(coalesce(last_open, 0), coalesce(last_click, 0), coalesce(last_reply, 0)), NULL, NULL, NULL
    FROM engagement WHERE ${ofAddresses}
  )
  WHERE coalesce(delivered, engaged, bounced) > ?4
  GROUP BY address_hash`;

export const createOwnMailRepository = (database: Database, workspace = 'default'): OwnMail => ({
  async latest(keyId, addressHashes, since) {
    return database.all<OwnMailTimes>(latest, [workspace, keyId, JSON.stringify(addressHashes), since]);
  },

  async domains(keyId, domainHashes, since) {
    const hashes = JSON.stringify(domainHashes);
    return database.all<OwnMailDomain>(selectOwnDomains, [workspace, keyId, hashes, since]);
  },

  async deleteDomainsBefore(before) {
    const { sql, params } = deleteDomainSignsBefore(workspace, before);
    await database.run(sql, params);
  },
});
