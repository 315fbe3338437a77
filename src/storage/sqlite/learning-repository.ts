// What presend learns from, in SQLite (node:sqlite and D1): the predictions of bounces, and sums of their outcomes in
// the tables `strata` and `calibration`.

import type { Drift } from '../../learning/drift.ts';
import type {
  CalibrationSums,
  LearningRepository,
  ProofOutcomes,
  StoredPrediction,
} from '../../learning/learning-repository.ts';
import type { OutcomeStratum } from '../../verdict/probability-model.ts';
import type { Database } from '../database.ts';
import { deleteInSteps } from './delete-in-steps.ts';

const columns: readonly (readonly [string, (prediction: StoredPrediction) => string | number])[] = [
  ['address_hash', ({ addressHash }) => addressHash],
  ['at', ({ at }) => at],
  ['kind', ({ kind }) => kind],
  ['provider', ({ provider }) => provider],
  ['segment', ({ segment }) => segment],
  ['age', ({ age }) => age],
  ['source', ({ source }) => source],
  ['proof', ({ proof }) => proof],
  ['domain', ({ domain }) => domain],
  ['probability', ({ probability }) => probability],
  ['prior', ({ prior }) => prior],
];

// A new prediction for an address replaces the previous one, unless it is older. The next delivery or bounce is then
// the outcome of the new prediction.
const upsert = `
  INSERT INTO predictions (workspace, key_id, ${columns.map(([name]) => name).join(', ')})
  SELECT ?1, ?2, ${columns.map((_, index) => `value ->> ${index}`).join(', ')} FROM json_each(?3)
  WHERE true ON CONFLICT DO UPDATE SET
    at = excluded.at, kind = excluded.kind, provider = excluded.provider, segment = excluded.segment,
    age = excluded.age, source = excluded.source, proof = excluded.proof, domain = excluded.domain, probability = excluded.probability, prior = excluded.prior,
    bounced = NULL, resolved_at = NULL, weight = NULL
  WHERE excluded.at >= predictions.at`;

const strata = `
  SELECT kind, provider, segment, age, source, proof, domain, outcomes, bounces, expected FROM strata
  WHERE workspace = ? ORDER BY outcomes DESC LIMIT ?`;

const sums = [
  'outcomes',
  'bounces',
  'p',
  'q',
  'p_square',
  'q_square',
  'p_bounced',
  'q_bounced',
  'p_log_loss',
  'q_log_loss',
];

const calibration = `
  SELECT provider, source, proof, p_bin, q_bin, ${sums.map((name) => `sum(${name}) AS ${name}`).join(', ')}
  FROM calibration WHERE workspace = ? AND day BETWEEN ? AND ? GROUP BY provider, source, proof, p_bin, q_bin`;

const proofOutcomes = `
  SELECT told, sum(mailed) AS mailed, sum(bounced) AS bounced FROM proof_outcomes
  WHERE workspace = ? AND day BETWEEN ? AND ? GROUP BY told ORDER BY 2 DESC, 1`;

// This deletes predictions of every workspace. They are all kept for the same time, and the index on `at` does not contain the workspace.
// A long list expires at once, so there can be millions.
const deletePredictions = `
  DELETE FROM predictions WHERE (workspace, key_id, address_hash) IN (
    SELECT workspace, key_id, address_hash FROM predictions INDEXED BY predictions_at WHERE at < ? LIMIT ?)`;

const claim = `
  INSERT INTO drift_alarms (workspace, of, name, direction, told_at) VALUES (?1, ?2, ?3, ?4, ?5)
  ON CONFLICT DO UPDATE SET told_at = excluded.told_at WHERE drift_alarms.told_at <= ?6`;

const release = 'DELETE FROM drift_alarms WHERE workspace = ? AND of = ? AND name = ? AND direction = ?';

export function createLearningRepository(database: Database, workspace = 'default'): LearningRepository {
  const keyOf = ({ of, name, direction }: Drift) => [workspace, of, name ?? '', direction];

  return {
    async savePredictions(keyId, predictions) {
      const rows = predictions.map((prediction) => columns.map(([, valueIn]) => valueIn(prediction)));
      await database.run(upsert, [workspace, keyId, JSON.stringify(rows)]);
    },

    async strata(limit) {
      return database.all<OutcomeStratum>(strata, [workspace, limit]);
    },

    async calibration(fromDay, toDay) {
      return database.all<CalibrationSums>(calibration, [workspace, fromDay, toDay]);
    },

    async proofOutcomes(fromDay, toDay) {
      return database.all<ProofOutcomes>(proofOutcomes, [workspace, fromDay, toDay]);
    },

    async forget({ predictionsBefore, calibrationBeforeDay, leastOutcomes }) {
      await database.batch([
        {
          sql: 'DELETE FROM calibration WHERE workspace = ? AND day < ?',
          params: [workspace, calibrationBeforeDay],
        },
        {
          sql: 'DELETE FROM proof_outcomes WHERE workspace = ? AND day < ?',
          params: [workspace, calibrationBeforeDay],
        },
        {
          sql: 'DELETE FROM strata WHERE workspace = ? AND outcomes < ?',
          params: [workspace, leastOutcomes],
        },
      ]);
      await deleteInSteps(database, deletePredictions, [predictionsBefore]);
    },

    async claimDrift(drift, at, reportedSince) {
      return (await database.run(claim, [...keyOf(drift), at, reportedSince])).changes > 0;
    },

    async releaseDrift(drift) {
      await database.run(release, keyOf(drift));
    },
  };
}
