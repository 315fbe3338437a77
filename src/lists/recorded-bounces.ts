// The bounces of a campaign as the service recorded them: from webhooks, returned messages and reported replies.

import { dayMs, startOfDay } from '../durations.ts';
import type { ColdReader } from '../events/cold/cold-reader.ts';
import type { BounceSelection, EventRepository, StoredEvent } from '../events/event-repository.ts';
import { storedName } from '../events/stored-events.ts';
import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';
import { recipientAddress } from '../suppression/recipient.ts';
import type { CampaignBounces } from './bounce-file.ts';

/** Maximum number of hashes in one query. D1 allows 2 MB for one parameter. */
const hashesAtOnce = 10_000;

/** Finds recorded bounces. Resolves to null if nothing is recorded about the mail of the selection, not even a delivery. */
export type FindRecordedBounces = (selection: BounceSelection) => Promise<CampaignBounces | null>;

export const recordedBounces = ({
  repository,
  hasher,
  older,
}: {
  readonly repository: Pick<EventRepository, 'countBounces' | 'hardBouncedAmong'>;
  readonly hasher: AddressHasher;
  /** The events in files, which the repository does not have. */
  readonly older: ColdReader;
}): FindRecordedBounces => {
  /** Number of the addresses that also bounced in the events of the database. */
  async function countRecent(hashes: readonly string[], selection: BounceSelection): Promise<number> {
    let count = 0;
    for (let start = 0; start < hashes.length; start += hashesAtOnce)
      count += (
        await repository.hardBouncedAmong(hasher.keyId, selection, hashes.slice(start, start + hashesAtOnce))
      ).length;
    return count;
  }

  return async (asked) => {
    const selection = storedSelection(asked);
    if (selection === null) return null;
    const recent = await repository.countBounces(hasher.keyId, selection);
    const cold = await bouncesInFiles(older, hasher.keyId, selection);
    if (!recent.isKnown && !cold.isKnown) return null;
    const inBoth = await countRecent([...cold.hard], selection);
    return {
      hard: recent.hard + cold.hard.size - inBoth,
      notHard: recent.notHard + cold.notHard,
      unreadable: recent.unreadable + cold.unreadable,
      unclear: 0,
      async find(emails) {
        const addresses = emails.map(recipientAddress);
        const named = addresses.filter((address) => address !== null);
        const hashes = await hasher.hashAll(named.map(suppressionKey));
        const hashOf = new Map(named.map((address, index) => [address, hashes[index]!]));
        const bounced = new Set(await repository.hardBouncedAmong(hasher.keyId, selection, hashes));
        return addresses.map((address) => {
          const hash = address === null ? null : hashOf.get(address)!;
          return hash !== null && (bounced.has(hash) || cold.hard.has(hash)) ? hash : null;
        });
      },
    };
  };
};

/** Counts the bounces of a selection in files, as `countBounces` counts those in the database. */
async function bouncesInFiles(
  older: ColdReader,
  keyId: string,
  { from, to, campaign, source }: BounceSelection,
) {
  const found = { hard: new Set<string>(), notHard: 0, unreadable: 0, isKnown: false };
  for await (const events of older.read({ from, to }))
    for (const event of events) {
      if (campaign !== undefined && event.campaign !== campaign) continue;
      if (source !== undefined && event.source !== source) continue;
      const isBounce = isFailure(event);
      if (isBounce || event.kind === 'sent' || event.kind === 'delivered') found.isKnown = true;
      if (!isBounce) continue;
      if (event.class !== 'hard') found.notHard += 1;
      else if (event.addressHash === null || event.keyId !== keyId) found.unreadable += 1;
      else found.hard.add(event.addressHash);
    }
  return found;
}

const isFailure = (event: StoredEvent): boolean =>
  !event.echo &&
  event.kind !== 'deferred' &&
  (/^(?:hard|soft|policy|complaint)$/.test(event.class) || event.kind === 'unsubscribed') &&
  event.proof !== 'unproven';

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
 * `last` are times on these days. The first day is by default that of the campaign (`sentAt`); without `sentAt`, 29 days before
 * the last day. The last day is by default 29 days after the first, but not later than today. Null if `first` is after `last`.
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
