// Keeps the features of each verdict that was given, off the way of its answer, until its outcome is known.

import type { Database } from '../store/database.ts';
import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';
import { featuresOf, kindOf } from '../verdict/features.ts';
import { policy } from '../verdict/policy.ts';
import { aged } from '../verdict/probability.ts';
import type { Verdict } from '../verdict/verdict.ts';

/** A verdict as it was given, with what the caller told beside the address. */
export interface Given {
  readonly verdict: Verdict;
  readonly source: string | null;
  /** Epoch milliseconds, or null. */
  readonly lastVerifiedAt: number | null;
}

export interface Predictions {
  /** Takes note of them at once and stores them later. What is beyond the room for waiting is forgotten. */
  keep(given: readonly Given[]): void;
  /** Stores what is waiting. Never rejects. */
  flush(): Promise<void>;
  /** Whether anything is waiting. */
  waiting(): number;
}

export interface PredictionsOptions {
  readonly database: Database;
  readonly hasher: AddressHasher;
  /** Told when they could not be stored; they are lost, which skews nothing. */
  readonly onFailure: (error: unknown) => void;
}

/** Some megabytes of memory. Whoever is forgotten is so by chance, whatever becomes of the mail. */
const waitingAtMost = 20_000;

/** Rows of one statement: about 200 kB of JSON, and some milliseconds of SQLite. */
const rowsAtOnce = 1000;

const columns = 'address_hash, at, kind, provider, segment, age, source, probability, prior' as const;

// A verdict takes the place of the one before: what comes next is its outcome.
const upsert = `
  INSERT INTO predictions (key_id, ${columns})
  SELECT ?1, ${columns
    .split(', ')
    .map((_, index) => `value ->> ${index}`)
    .join(', ')} FROM json_each(?2)
  WHERE true ON CONFLICT DO UPDATE SET
    at = excluded.at, kind = excluded.kind, provider = excluded.provider, segment = excluded.segment,
    age = excluded.age, source = excluded.source, probability = excluded.probability, prior = excluded.prior,
    bounced = NULL, resolved_at = NULL, weight = NULL
  WHERE excluded.at >= predictions.at`;

export function createPredictions({ database, hasher, onFailure }: PredictionsOptions): Predictions {
  let waiting: Given[] = [];

  async function store(given: readonly Given[]): Promise<void> {
    const hashes = await hasher.hashAll(given.map(({ verdict }) => suppressionKey(verdict.normalized!)));
    const rows = given.map((one, index) => [hashes[index]!, ...rowOf(one)]);
    await database.run(upsert, [hasher.keyId, JSON.stringify(rows)]);
  }

  return {
    keep(given) {
      for (const one of given) {
        if (waiting.length >= waitingAtMost) return;
        if (one.verdict.normalized !== null) waiting.push(one);
      }
    },

    async flush() {
      while (waiting.length > 0) {
        const given = waiting.slice(0, rowsAtOnce);
        waiting = waiting.slice(rowsAtOnce);
        await store(given).catch(onFailure);
      }
    },

    waiting: () => waiting.length,
  };
}

const priors = new Map(policy.map((row) => [kindOf(row.reason, row.bounce?.class ?? null), row.prior]));

function rowOf({ verdict, source, lastVerifiedAt }: Given): (string | number)[] {
  const { reason, bounce, provider, role, free, checkedAt } = verdict;
  const ageMs = lastVerifiedAt === null ? null : checkedAt - lastVerifiedAt;
  const bounceClass = bounce.class;
  const domain = verdict.domain!;
  const features = featuresOf({ reason, bounceClass, domain, provider, role, free, ageMs, source });
  const prior = priors.get(features.kind)!;
  return [
    checkedAt,
    features.kind,
    features.provider,
    features.segment,
    features.age,
    features.source,
    bounce.probability,
    (ageMs === null ? prior : aged(prior, ageMs)).probability,
  ];
}
