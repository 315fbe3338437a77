// Stores the features of each verdict until its outcome is known. Verdicts wait in a queue, so no response waits for
// the database.

import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';
import { aged } from '../verdict/decay.ts';
import { featuresBy, type Prediction } from '../verdict/judgement.ts';
import { provenPrior } from '../verdict/proven-prior.ts';
import type { LearningRepository, StoredPrediction } from './learning-repository.ts';

export interface Predictions {
  /** Queues predictions, to be stored by `flush`. Drops the predictions for which the queue has no space. */
  keep(given: readonly Prediction[]): void;
  /** Stores queued predictions, at most `most`. Never rejects. */
  flush(most?: number): Promise<void>;
}

export interface PredictionsOptions {
  readonly repository: Pick<LearningRepository, 'savePredictions'>;
  readonly hasher: AddressHasher;
  /**
   * Called when predictions could not be stored. They are lost. This does not bias the model, because which ones are
   * lost does not depend on their outcomes.
   */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Maximum number of queued predictions: a few megabytes of memory. When the queue is full, new predictions are dropped.
 * This does not bias the model, because which ones are dropped does not depend on their outcomes.
 */
const waitingAtMost = 20_000;

/** Number of predictions in one SQL statement: about 100 kB of JSON, and a few milliseconds of work for SQLite. */
const rowsAtOnce = 500;

export function createPredictions({ repository, hasher, onFailure }: PredictionsOptions): Predictions {
  /** The queue, by address. Of several verdicts on one address, only the latest is stored. */
  const waiting = new Map<string, Prediction>();

  function take(count: number): Prediction[] {
    const taken: Prediction[] = [];
    for (const [address, given] of waiting) {
      if (taken.length === count) break;
      taken.push(given);
      waiting.delete(address);
    }
    return taken;
  }

  async function store(given: readonly Prediction[]): Promise<void> {
    const hashes = await hasher.hashAll(given.map(({ mailbox }) => suppressionKey(mailbox.address)));
    await repository.savePredictions(
      hasher.keyId,
      given.map((one, index) => storedPrediction(one, hashes[index]!)),
    );
  }

  return {
    keep(given) {
      for (const one of given) {
        const { address } = one.mailbox;
        if (waiting.size < waitingAtMost || waiting.has(address)) waiting.set(address, one);
      }
    },

    async flush(most = Number.POSITIVE_INFINITY) {
      for (let left = most; waiting.size > 0 && left > 0; left -= rowsAtOnce) {
        await store(take(Math.min(rowsAtOnce, left))).catch(onFailure);
        // SQLite on Node is synchronous, so let other requests run between two statements.
        if (waiting.size > 0) await new Promise((resolve) => setTimeout(resolve, 0));
      }
    },
  };
}

function storedPrediction(
  { mailbox, judgement, bounce, judgedAt, source, lastVerifiedAt }: Prediction,
  addressHash: string,
): StoredPrediction {
  const ageMs = lastVerifiedAt === null ? null : judgedAt - lastVerifiedAt;
  const { kind, provider, segment, age, ...features } = featuresBy(judgement, mailbox.domain, ageMs, source);
  const prior = provenPrior(judgement.row, features.proof);
  const decay = judgement.domain?.segment ?? null;
  return {
    addressHash,
    at: judgedAt,
    kind,
    provider,
    segment,
    age,
    source: features.source,
    proof: features.proof,
    domain: features.domain,
    probability: bounce.probability,
    prior: (ageMs === null || decay === null ? prior : aged(prior, ageMs, decay)).probability,
  };
}
