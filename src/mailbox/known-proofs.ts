// What is known about mailboxes without asking a mail host now: from the operator's own mail, or from a stored answer of a mail
// host.

import type { Mailbox } from '../address/mailbox.ts';
import type { KnownProof } from '../address/mailbox-proof.ts';
import { dayMs } from '../durations.ts';
import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';
import { provenBy } from './keep-proof.ts';
import type { ProbeRepository } from './probe-repository.ts';

/** The latest times of the operator's own mail to one address, in epoch milliseconds; null if there was none. */
export interface OwnMailTimes {
  readonly addressHash: string;
  readonly deliveredAt: number | null;
  /** When the person opened, clicked or replied. */
  readonly engagedAt: number | null;
  /** When mail last came back as undeliverable, for whatever cause. */
  readonly bouncedAt: number | null;
  /** When mail last came back because the mailbox does not exist, and because it is disabled, unless that bounce was lifted. */
  readonly unknownAt: number | null;
  readonly disabledAt: number | null;
}

/** The port to the events and the engagement of the operator's own mail. */
export interface OwnMail {
  /** Returns the times after `since` of those addresses that have any, in no order. */
  latest(keyId: string, addressHashes: readonly string[], since: number): Promise<OwnMailTimes[]>;
}

export interface KnownProofs {
  /** Returns what is known about each mailbox, in order. Rejects only if storage fails. */
  find(mailboxes: readonly Pick<Mailbox, 'address' | 'domain'>[]): Promise<(KnownProof | null)[]>;
}

export interface KnownProofsOptions {
  /** Null: own mail does not count. */
  readonly ownMail: OwnMail | null;
  /** Null: answers of mail hosts do not count. */
  readonly repository: Pick<ProbeRepository, 'proofs' | 'domains'> | null;
  readonly hasher: AddressHasher;
  readonly now: () => number;
}

/** How long own mail proves a mailbox. */
const ownMailMs = 90 * dayMs;

export const createKnownProofs = ({ ownMail, repository, hasher, now }: KnownProofsOptions): KnownProofs => ({
  async find(mailboxes) {
    const at = now();
    const hashes = await hasher.hashAll(mailboxes.map(({ address }) => suppressionKey(address)));
    const domains = [...new Set(mailboxes.map(({ domain }) => domain))];
    const domainHashes = repository === null ? [] : await hasher.hashAll(domains);
    const [own, proofs, kept] = await Promise.all([
      ownMail?.latest(hasher.keyId, hashes, at - ownMailMs) ?? [],
      repository?.proofs(hasher.keyId, hashes, at) ?? [],
      repository?.domains(hasher.keyId, domainHashes, at) ?? [],
    ]);
    const ownOf = new Map(own.map((times) => [times.addressHash, times]));
    const proofOfHash = new Map(proofs.map((proof) => [proof.addressHash, proof]));
    const keptOf = new Map(kept.map((domain) => [domain.domainHash, domain]));
    const domainOf = new Map(domains.map((domain, index) => [domain, keptOf.get(domainHashes[index] ?? '')]));
    return mailboxes.map(({ domain }, index) => {
      const times = ownOf.get(hashes[index]!);
      const byMail = times ? byOwnMail(times) : null;
      const known = domainOf.get(domain);
      const stored = proofOfHash.get(hashes[index]!);
      let byHost: KnownProof | null = null;
      if (stored !== undefined) {
        const proof = provenBy(stored, known?.finding ?? null);
        if (proof !== null) byHost = { proof, basis: 'smtp', checkedAt: stored.checkedAt };
      } else if (known?.finding === 'catch_all')
        byHost = { proof: { kind: 'catch_all' }, basis: 'smtp', checkedAt: known.checkedAt };
      return newer(byMail, byHost);
    });
  },
});

/**
 * Null if own mail says nothing about the mailbox. One example: after the last delivery, open, click or reply, mail bounced for a
 * reason that is not about the mailbox.
 */
function byOwnMail(times: OwnMailTimes): KnownProof | null {
  const engagedAt = times.engagedAt ?? 0;
  const disabledAt = times.disabledAt ?? 0;
  const signAt = Math.max(times.deliveredAt ?? 0, engagedAt);
  const goneAt = Math.max(times.unknownAt ?? 0, disabledAt);
  if (goneAt > 0 && goneAt >= signAt)
    return {
      proof: { kind: goneAt === disabledAt ? 'disabled' : 'unknown_user' },
      basis: 'bounced',
      checkedAt: goneAt,
    };
  if (signAt === 0 || (times.bouncedAt ?? 0) >= signAt) return null;
  const basis = engagedAt === signAt ? 'engaged' : 'delivered';
  return { proof: { kind: 'exists' }, basis, checkedAt: signAt };
}

/** Own mail outweighs the answer of a host, unless the answer is newer and says that the mailbox is unknown, disabled or full. */
function newer(byMail: KnownProof | null, byHost: KnownProof | null): KnownProof | null {
  if (byMail === null || byHost === null) return byMail ?? byHost;
  const refuses = ['unknown_user', 'disabled', 'full'].includes(byHost.proof.kind);
  return refuses && (byHost.checkedAt ?? 0) > (byMail.checkedAt ?? 0) ? byHost : byMail;
}
