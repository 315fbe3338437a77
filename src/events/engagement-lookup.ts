// Looks up the engagement of addresses as people write them, for lists.

import type { MaybePromise } from '../maybe-promise.ts';
import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';
import { recipientAddress } from '../suppression/recipient.ts';
import type { Engagement, EngagementRepository } from './engagement.ts';

export interface EngagementLookup {
  /**
   * Returns the engagement of each address, in order; null for a text that is not an address, and for an address of which nothing
   * is recorded. Returns null if no provider reports engagement, or if storage fails. Never rejects.
   */
  find(emails: readonly string[]): MaybePromise<readonly (Engagement | null)[] | null>;
}

export interface EngagementLookupOptions {
  readonly repository: Pick<EngagementRepository, 'isReported' | 'find'>;
  readonly hasher: AddressHasher;
  readonly onFailure: (error: unknown) => void;
}

export function createEngagementLookup({
  repository,
  hasher,
  onFailure,
}: EngagementLookupOptions): EngagementLookup {
  const failed = (error: unknown): null => {
    onFailure(error);
    return null;
  };
  const read = (hashes: readonly string[]) => repository.find(hasher.keyId, hashes);
  const findIn = (emails: readonly string[]): MaybePromise<readonly (Engagement | null)[]> => {
    const hashes = hasher.hashAll(emails.map(keyOf));
    return hashes instanceof Promise ? hashes.then(read) : read(hashes);
  };
  return {
    find(emails) {
      try {
        const isReported = repository.isReported();
        if (isReported instanceof Promise)
          return isReported.then((reported) => (reported ? findIn(emails) : null)).catch(failed);
        if (!isReported) return null;
        const found = findIn(emails);
        return found instanceof Promise ? found.catch(failed) : found;
      } catch (error) {
        return failed(error);
      }
    },
  };
}

/** The text that is hashed. No row has the hash of the empty text, which stands for a text that is not an address. */
function keyOf(email: string): string {
  const address = recipientAddress(email);
  return address === null ? '' : suppressionKey(address);
}
