// Erases what is stored about one address, on the person's request (GDPR article 17).

import type { Database } from '../storage/database.ts';
import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';
import type { SuppressionList } from '../suppression/suppressions.ts';

export interface Erased {
  /** Deleted delivery events. */
  readonly events: number;
  /** Deleted predictions. */
  readonly predictions: number;
  /** What happened to the suppression entry; `none`: there was none. */
  readonly suppression: 'kept' | 'removed' | 'none';
}

export interface Erasure {
  /**
   * Erases an address in its canonical form (`Mailbox.address`), under the hasher's key; data under another key
   * cannot be found. Rejects only if storage fails; then nothing was erased.
   *
   * With `keepSuppression` the suppression entry stays, since it keeps the person from being mailed. A complaint and
   * an unsubscribe always stay: they are the person's objection, which forgetting would break (GDPR articles 17(3)(b)
   * and 21(3)). No removal is recorded, since that would keep the hash.
   */
  erase(request: { readonly address: string; readonly keepSuppression: boolean }): Promise<Erased>;
}

export interface ErasureOptions {
  readonly database: Database;
  readonly hasher: AddressHasher;
  readonly suppressionList: Pick<SuppressionList, 'entriesOf'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const ofAddress = "workspace = 'default' AND key_id = ? AND address_hash = ?";

// Each of the two uses its own index.
const deleteRuns = `DELETE FROM delivery_events WHERE ${ofAddress} AND (class = 'soft' OR kind = 'delivered')`;
const deleteOthers = `DELETE FROM delivery_events WHERE ${ofAddress} AND NOT (class = 'soft' OR kind = 'delivered')`;
const deletePrediction = `DELETE FROM predictions WHERE ${ofAddress}`;
const clearExpired = `DELETE FROM suppressions WHERE ${ofAddress} AND expires_at <= ?`;
const removeEntry = `DELETE FROM suppressions WHERE ${ofAddress} AND reason IN ('bounce', 'manual')`;

export function createErasure({ database, hasher, suppressionList, now }: ErasureOptions): Erasure {
  return {
    async erase({ address, keepSuppression }) {
      const [hash] = await hasher.hashAll([suppressionKey(address)]);
      const params = [hasher.keyId, hash!];
      const [runs, others, predictions, , removed] = await database.batch([
        { sql: deleteRuns, params },
        { sql: deleteOthers, params },
        { sql: deletePrediction, params },
        { sql: clearExpired, params: [...params, now()] },
        ...(keepSuppression ? [] : [{ sql: removeEntry, params }]),
      ]);
      const kept = await suppressionList.entriesOf(address);
      return {
        events: runs!.changes + others!.changes,
        predictions: predictions!.changes,
        suppression: kept.length > 0 ? 'kept' : (removed?.changes ?? 0) > 0 ? 'removed' : 'none',
      };
    },
  };
}
