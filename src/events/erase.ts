// Erases what is stored about one address, on the person's request (GDPR article 17).

import { type Actor, auditEntry, type NewAuditEntry } from '../audit/audit.ts';
import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';
import type { SuppressionList } from '../suppression/suppressions.ts';

export interface Erased {
  /** Number of deleted delivery events. */
  readonly events: number;
  /** Number of files with older events. Maintenance erases the events of the address from them. */
  readonly pendingFiles: number;
  /** Number of deleted predictions. */
  readonly predictions: number;
  /** `kept`: at least one suppression entry remains. `removed`: all were deleted. `none`: there was no unexpired entry. */
  readonly suppression: 'kept' | 'removed' | 'none';
}

export interface Erasure {
  /**
   * Erases what is stored about `address`, which must be in its canonical form (`Mailbox.address`). The database contains only
   * keyed hashes of addresses, so data that was stored with a key other than the hasher's cannot be found. Rejects only if
   * storage fails. Everything is deleted in one transaction, so the caller can simply try again. Events in files (see
   * `ColdEvents`) are deleted later; the same transaction records that they must be.
   *
   * With `keepSuppression`, suppression entries stay, so the person gets no more mail. Even without it, an entry for a
   * complaint or an unsubscribe stays: it is the person's objection to mail, which must still be honored (GDPR articles
   * 17(3)(b) and 21(3)). Expired entries are always deleted. The removal of an entry is not recorded, since the record would
   * contain the hash of the address. For the same reason, the audit records who erased (`by`) and when, but not whom.
   */
  erase(request: {
    readonly address: string;
    readonly keepSuppression: boolean;
    readonly by?: Actor;
  }): Promise<Erased>;
}

/** The port for erasing one address from storage. */
export interface ErasureRepository {
  /**
   * Deletes in one transaction all events and predictions of an address, its engagement, what its mail shows about its domain and
   * what was learned about the domain by name (the domain may be one person's), its changes that wait in the outbox of
   * the change webhook, its verdicts whose mailbox proof is pending, and its expired suppression entries. Unless `keepSuppression` is true, also deletes its suppression
   * entries whose reason is `bounce` or `manual`. If there are files with older events, also records the erasure for them.
   */
  erase(request: {
    readonly keyId: string;
    readonly addressHash: string;
    /** Absent: what was learned about the domain stays. */
    readonly domainHash?: string;
    readonly keepSuppression: boolean;
    /** Epoch milliseconds. */
    readonly now: number;
    /** Recorded in the same transaction. */
    readonly audit?: NewAuditEntry | undefined;
  }): Promise<{
    readonly events: number;
    /** Number of files, valid or not, that may hold events of the address. */
    readonly pendingFiles: number;
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
    async erase({ address, keepSuppression, by }) {
      const at = now();
      const domain = address.slice(address.lastIndexOf('@') + 1);
      const [hash, domainHash] = await hasher.hashAll([suppressionKey(address), domain]);
      const { events, pendingFiles, predictions, suppressionRemoved } = await repository.erase({
        keyId: hasher.keyId,
        addressHash: hash!,
        domainHash: domainHash!,
        keepSuppression,
        now: at,
        audit: auditEntry(by, 'person_erased', { at }),
      });
      const kept = await suppressionList.entriesOf(address);
      return {
        events,
        pendingFiles,
        predictions,
        suppression: kept.length > 0 ? 'kept' : suppressionRemoved ? 'removed' : 'none',
      };
    },
  };
}
