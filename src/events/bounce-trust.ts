// Decides, for each recipient in a returned message, whether to trust that the mail bounced. Anyone can send a message that
// looks like a bounce.

import type { BounceReport } from '../bounce/report.ts';
import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';
import { recipientAddress } from '../suppression/recipient.ts';
import { type BounceTokens, tokensIn } from './bounce-tokens.ts';
import type { DeliveryEvent, EventProof } from './delivery-event.ts';
import type { EventRepository, MailOnRecord } from './event-repository.ts';
import { type UntrustedReason, whyUntrusted } from './genuine.ts';
import { messageDigest, recordedIds } from './message-id.ts';

/**
 * How much proof a returned message needs before it is trusted. With every value, a message is not trusted if `whyUntrusted`
 * gives a reason against it.
 * - `proven`: it must contain the recipient's bounce token, or the Message-ID of a message that is recorded for the recipient.
 * - `delivered`: a record of mail to the recipient within the last 30 days (`plausibleMs`) is enough, too.
 * - `all`: it needs no proof (unless `BounceJudgeOptions.tokensRequired` is true).
 */
export type BounceTrust = 'proven' | 'delivered' | 'all';

export const bounceTrusts: readonly BounceTrust[] = ['proven', 'delivered', 'all'];

/** A bounce of a recipient is plausible for this many milliseconds after mail to that recipient. */
export const plausibleMs = 30 * 86_400_000;

export interface JudgedReport {
  /** The events in order, each with its proof. */
  readonly events: readonly DeliveryEvent[];
  /**
   * Why no event of the report is trusted. Null if at least one event is trusted. Also null if the report has no events and
   * `whyUntrusted` finds nothing wrong with it.
   */
  readonly doubt: UntrustedReason | 'token_missing' | 'unproven' | null;
}

export interface BounceJudge {
  /** Decides the `proof` of each event of a returned message: whether it is trusted, and why. Rejects only if storage fails. */
  judge(
    returned: {
      readonly raw: Uint8Array;
      readonly report: BounceReport;
      readonly events: readonly DeliveryEvent[];
    },
    trust: BounceTrust,
  ): Promise<JudgedReport>;
}

export interface BounceJudgeOptions {
  readonly tokens: BounceTokens;
  /** Whether the bounce token is the only accepted proof. If true, records of sent mail do not count, whatever the trust. */
  readonly tokensRequired: boolean;
  /**
   * Domains in the Message-IDs of the operator's mail. Reports about other messages are not trusted. If empty, any domain is
   * accepted.
   */
  readonly senderDomains: readonly string[];
  readonly hasher: AddressHasher;
  readonly repository: Pick<EventRepository, 'mailOnRecord'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export function createBounceJudge(options: BounceJudgeOptions): BounceJudge {
  const { tokens, tokensRequired, senderDomains, hasher, repository, now } = options;

  /**
   * Returns those of `addresses` whose bounce token is in the report. Apart from the sender, only a server that received mail
   * to an address can know its token, so a forged report does not contain it.
   */
  async function addressesWithToken(raw: Uint8Array, addresses: readonly string[]): Promise<Set<string>> {
    const carried = tokensIn(raw);
    if (carried.size === 0) return new Set();
    const tokensOf = await tokens.tokensFor(addresses);
    return new Set(addresses.filter((_, index) => carried.has(tokensOf[index]!)));
  }

  async function recordsOf(
    addresses: readonly string[],
    messageId: string | null,
  ): Promise<Map<string, MailOnRecord>> {
    const ids = messageId === null ? [] : recordedIds(messageId);
    const hashes = await hasher.hashAll([...addresses.map(suppressionKey), ...ids]);
    const addressHashes = hashes.slice(0, addresses.length);
    const messages = hashes.slice(addresses.length).map(messageDigest);
    const records = await repository.mailOnRecord(hasher.keyId, addressHashes, messages);
    const byHash = new Map(records.map((record) => [record.addressHash, record]));
    return new Map(
      addresses.flatMap((address, index) => {
        const record = byHash.get(addressHashes[index]!);
        return record === undefined ? [] : [[address, record] as const];
      }),
    );
  }

  return {
    async judge({ raw, report, events }, trust) {
      const doubt = whyUntrusted(raw, report, senderDomains);
      if (doubt !== null) return { events: events.map(unproven), doubt };
      const addresses = events.map(({ recipient }) =>
        recipient === null ? null : recipientAddress(recipient),
      );
      const named = [...new Set(addresses.filter((address) => address !== null))];
      const withToken = await addressesWithToken(raw, named);
      const records = tokensRequired ? null : await recordsOf(named, report.originalMessageId);
      const since = now() - plausibleMs;
      const judged = events.map((event, index) => {
        const address = addresses[index]!;
        if (address !== null && withToken.has(address)) return { ...event, proof: 'proven' as const };
        if (records === null) return unproven(event);
        const record = address === null ? undefined : records.get(address);
        return { ...event, proof: proofBy(record, trust, since) };
      });
      const isTrusted = judged.length === 0 || judged.some(({ proof }) => proof !== 'unproven');
      return { events: judged, doubt: isTrusted ? null : tokensRequired ? 'token_missing' : 'unproven' };
    },
  };
}

function proofBy(record: MailOnRecord | undefined, trust: BounceTrust, since: number): EventProof {
  if (record?.isMessageKnown) return 'proven';
  switch (trust) {
    case 'proven':
      return 'unproven';
    case 'delivered':
      return record?.mailedAt != null && record.mailedAt >= since ? 'assumed' : 'unproven';
    case 'all':
      return 'assumed';
  }
}

const unproven = (event: DeliveryEvent) => ({ ...event, proof: 'unproven' as const });
