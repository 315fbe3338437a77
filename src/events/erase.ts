// Erases what is stored about one address, on the person's request (GDPR article 17).

import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';
import type { SuppressionList } from '../suppression/suppressions.ts';

export interface Erased {
  /** Number of deleted delivery events. */
  readonly events: number;
  /** Number of deleted predictions. */
  readonly predictions: number;
  /** What happened to the suppression entry; `none`: there was none. */
  readonly suppression: 'kept' | 'removed' | 'none';
}

export interface Erasure {
  /**
   * Erases what is stored about `address`, which must be in its canonical form (`Mailbox.address`). Storage knows addresses
   * only as hashes, so data that was stored under another key than the hasher's cannot be found. Rejects only if storage fails;
   * then nothing was erased.
   *
   * With `keepSuppression` the suppression entry stays, since it keeps the person from being mailed. An entry for a complaint
   * or an unsubscribe always stays: it is the person's objection to mail, which must still be honored (GDPR articles 17(3)(b)
   * and 21(3)). The removal of an entry is not recorded, since the record would contain the hash of the address.
   */
  erase(request: { readonly address: string; readonly keepSuppression: boolean }): Promise<Erased>;
}

/** The port for erasing one address from storage. */
export interface ErasureRepository {
  /**
   * Deletes all events and predictions of an address in one transaction. Unless `keepSuppression` is true, it also deletes the
   * entry on the suppression list if a bounce or the operator is its reason. An expired entry is deleted in any case.
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
