// Erases what is stored about one address, on the person's request (GDPR article 17).

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

/** The port for erasing one address from storage. */
export interface ErasureRepository {
  /**
   * Deletes all events and predictions of an address in one transaction. Unless `keepSuppression`, also its entry on the
   * suppression list if the reason is a bounce or the operator. Deletes an expired entry in any case.
   */
  erase(request: {
    readonly keyId: string;
    readonly addressHash: string;
    readonly keepSuppression: boolean;
    /** Epoch milliseconds. */
    readonly now: number;
  }): Promise<{
    readonly events: number;
    readonly predictions: number;
    readonly suppressionRemoved: boolean;
  }>;
}

export interface ErasureOptions {
  readonly repository: ErasureRepository;
  readonly hasher: AddressHasher;
  readonly suppressionList: Pick<SuppressionList, 'entriesOf'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export function createErasure({ repository, hasher, suppressionList, now }: ErasureOptions): Erasure {
  return {
    async erase({ address, keepSuppression }) {
      const [hash] = await hasher.hashAll([suppressionKey(address)]);
      const { events, predictions, suppressionRemoved } = await repository.erase({
        keyId: hasher.keyId,
        addressHash: hash!,
        keepSuppression,
        now: now(),
      });
      const kept = await suppressionList.entriesOf(address);
      return {
        events,
        predictions,
        suppression: kept.length > 0 ? 'kept' : suppressionRemoved ? 'removed' : 'none',
      };
    },
  };
}
