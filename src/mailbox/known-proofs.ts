// What is known about mailboxes without asking a mail host now: from the operator's own mail, or from a stored answer of a mail
// host.

import type { Mailbox } from '../address/mailbox.ts';
import type { KnownProof } from '../address/mailbox-proof.ts';
import { mailboxProvider } from '../domain/mailbox-provider.ts';
import { dayMs } from '../durations.ts';
import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';
import { provenBy } from './keep-proof.ts';
import type { ProbeRepository, StoredDomain, StoredProof } from './probe-repository.ts';

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

/** What the operator's own mail shows about one domain. */
export interface OwnMailDomain {
  readonly domainHash: string;
  /**
   * Number of mailboxes for which the domain accepted mail, although they probably do not exist: their names look random, or the
   * mail came back later because the mailbox does not exist. Beyond some number, further ones are not counted.
   */
  readonly accepted: number;
  /** The latest time of those, and when the domain last refused mail because the mailbox does not exist; null if never. */
  readonly acceptedAt: number | null;
  readonly refusedAt: number | null;
}

/** The port to the events and the engagement of the operator's own mail. */
export interface OwnMail {
  /** Returns the times after `since` of those addresses that have any, in no order. */
  latest(keyId: string, addressHashes: readonly string[], since: number): Promise<OwnMailTimes[]>;
  /** Returns what mail after `since` shows about those domains about which it shows anything, in no order. */
  domains(keyId: string, domainHashes: readonly string[], since: number): Promise<OwnMailDomain[]>;
  /** Deletes some of what mail before `before` (epoch milliseconds) shows about domains. Call it again for the rest. */
  deleteDomainsBefore(before: number): Promise<void>;
}

export interface KnownProofs {
  /** Returns what is known about each mailbox, in order. Rejects only if storage fails. */
  find(mailboxes: readonly Pick<Mailbox, 'address' | 'domain'>[]): Promise<(KnownProof | null)[]>;
}

export interface KnownProofsOptions {
  /** Null: own mail does not count. */
  readonly ownMail: Pick<OwnMail, 'latest' | 'domains'> | null;
  /** Null: answers of mail hosts do not count. */
  readonly repository: Pick<ProbeRepository, 'proofs' | 'domains'> | null;
  readonly hasher: AddressHasher;
  readonly now: () => number;
}

/** How long own mail proves a mailbox, and shows what a domain accepts. */
export const ownMailMs = 90 * dayMs;

/** A domain that accepted mail for so many mailboxes that probably do not exist may accept mail to any name. */
const leastAccepted = 3;

export const createKnownProofs = ({ ownMail, repository, hasher, now }: KnownProofsOptions): KnownProofs => ({
  async find(mailboxes) {
    const at = now();
    const since = at - ownMailMs;
    const hashes = await hasher.hashAll(mailboxes.map(({ address }) => suppressionKey(address)));
    const domains = [...new Set(mailboxes.map(({ domain }) => domain))];
    const domainHashes = await hasher.hashAll(domains);
    // Well-known providers refuse names that they have not given out, so nothing is kept about their domains.
    const others = domainHashes.filter((_, index) => mailboxProvider(domains[index]!) === null);
    const [own, ownDomains, proofs, kept] = await Promise.all([
      ownMail?.latest(hasher.keyId, hashes, since) ?? [],
      others.length === 0 ? [] : (ownMail?.domains(hasher.keyId, others, since) ?? []),
      repository?.proofs(hasher.keyId, hashes, at) ?? [],
      repository?.domains(hasher.keyId, domainHashes, at) ?? [],
    ]);
    const ownOf = new Map(own.map((times) => [times.addressHash, times]));
    const ownDomainOf = new Map(ownDomains.map((domain) => [domain.domainHash, domain]));
    const proofOfHash = new Map(proofs.map((proof) => [proof.addressHash, proof]));
    const keptOf = new Map(kept.map((domain) => [domain.domainHash, domain]));
    const knownDomains = new Map(
      domains.map((domain, index) => {
        const hash = domainHashes[index]!;
        return [domain, knownDomain(hash, keptOf.get(hash), ownDomainOf.get(hash))];
      }),
    );
    return mailboxes.map(({ domain }, index) => {
      const ofDomain = knownDomains.get(domain)!;
      const times = ownOf.get(hashes[index]!);
      const stored = proofOfHash.get(hashes[index]!);
      const known = newer(
        times ? byOwnMail(times) : null,
        stored === undefined ? ofDomain.byHost : storedAnswer(stored, ofDomain),
      );
      // A host that gave no usable answer about the mailbox says less than the mail that its domain accepted.
      return known === null || known.proof.kind === 'undetermined' ? (ofDomain.byMail ?? known) : known;
    });
  },
});

/** What is known about all mailboxes of a domain. */
interface KnownDomain {
  readonly hash: string;
  /** What its mail host answered about a made-up name; null if it was not asked, or if own mail has disproved the answer. */
  readonly finding: StoredDomain['finding'] | null;
  /** What this says about every mailbox, and what own mail says; null if nothing. */
  readonly byHost: KnownProof | null;
  readonly byMail: KnownProof | null;
}

function knownDomain(
  hash: string,
  kept: StoredDomain | undefined,
  own: OwnMailDomain | undefined,
): KnownDomain {
  const refusedAt = own?.refusedAt ?? null;
  // A domain that has refused a mailbox as unknown does not accept every name, whatever its host answered before.
  const isDisproved = kept?.finding === 'catch_all' && refusedAt !== null && refusedAt > kept.checkedAt;
  const finding = kept === undefined || isDisproved ? null : kept.finding;
  const accepts = own !== undefined && own.accepted >= leastAccepted && refusedAt === null;
  return {
    finding,
    hash,
    byHost: finding === 'catch_all' ? catchAllBy('smtp', kept!.checkedAt, hash) : null,
    // A host that refused a made-up name outweighs names that only look made up.
    byMail: accepts && finding !== 'selective' ? catchAllBy('delivered', own.acceptedAt, hash) : null,
  };
}

const catchAllBy = (
  basis: KnownProof['basis'],
  checkedAt: number | null,
  domainHash: string,
): KnownProof => ({ proof: { kind: 'catch_all' }, basis, checkedAt, domainHash });

function storedAnswer(stored: StoredProof, { finding, hash }: KnownDomain): KnownProof | null {
  const proof = provenBy(stored, finding);
  if (proof?.kind === 'catch_all') return catchAllBy('smtp', stored.checkedAt, hash);
  return proof === null ? null : { proof, basis: 'smtp', checkedAt: stored.checkedAt };
}

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
