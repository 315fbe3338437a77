// The bounces of a campaign as the service recorded them: from webhooks, returned messages and reported replies.

import { dayMs } from '../durations.ts';
import type { BounceSelection, EventRepository } from '../events/event-repository.ts';
import { storedName } from '../events/record.ts';
import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';
import { recipientAddress } from '../suppression/recipient.ts';
import type { CampaignBounces } from './bounce-file.ts';

/** Finds recorded bounces. Resolves to null if nothing is recorded about the mail of the selection, not even a delivery. */
export type FindRecordedBounces = (selection: BounceSelection) => Promise<CampaignBounces | null>;

export const recordedBounces =
  ({
    repository,
    hasher,
  }: {
    readonly repository: Pick<EventRepository, 'countBounces' | 'hardBouncedAmong'>;
    readonly hasher: AddressHasher;
  }): FindRecordedBounces =>
  async (asked) => {
    const selection = storedSelection(asked);
    if (selection === null) return null;
    const { isKnown, ...counts } = await repository.countBounces(hasher.keyId, selection);
    if (!isKnown) return null;
    return {
      ...counts,
      unclear: 0,
      async find(emails) {
        const addresses = emails.map(recipientAddress);
        const named = addresses.filter((address) => address !== null);
        const hashes = await hasher.hashAll(named.map(suppressionKey));
        const hashOf = new Map(named.map((address, index) => [address, hashes[index]!]));
        const bounced = new Set(await repository.hardBouncedAmong(hasher.keyId, selection, hashes));
        return addresses.map((address) => {
          const hash = address === null ? null : hashOf.get(address)!;
          return hash !== null && bounced.has(hash) ? hash : null;
        });
      },
    };
  };

/** The selection with names as they are stored. Null if a name is never stored, because it contains an address. */
function storedSelection({ from, to, ...asked }: BounceSelection): BounceSelection | null {
  const campaign = asked.campaign === undefined ? undefined : storedName(asked.campaign);
  const source = asked.source === undefined ? undefined : storedName(asked.source);
  return campaign === null || source === null ? null : { from, to, campaign, source };
}

/** The days whose bounces count, by default. Most bounces come on the day of the campaign, delayed ones within a week. */
const daysByDefault = 30;

/**
 * The period of the bounces: from the start of the first day to the end of the last, UTC, in epoch milliseconds. `first` and
 * `last` are times on these days. The first day is by default that of the campaign (`sentAt`); without `sentAt`, 29 days before the
 * last day. The last day is by default 29 days after the first, but not later than today. Null if `first` is after `last`.
 */
export function bouncePeriod(
  { first, last, sentAt }: Readonly<Partial<Record<'first' | 'last' | 'sentAt', number | undefined>>>,
  now: number,
): { readonly from: number; readonly to: number } | null {
  const length = (daysByDefault - 1) * dayMs;
  const from = startOfDay(first ?? sentAt ?? (last ?? now) - length);
  const to = startOfDay(last ?? Math.min(now, from + length)) + dayMs;
  return from < to ? { from, to } : null;
}

const startOfDay = (epoch: number): number => Math.floor(epoch / dayMs) * dayMs;
