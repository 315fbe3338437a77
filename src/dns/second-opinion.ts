// Confirms with a second resolver that a domain accepts no mail, or has no MX records. If the two resolvers disagree, further
// ones are asked until two agree.

import type { MailHost } from '../domain/mail-host.ts';
import type { Finding } from './mail-host-of.ts';

/** The finding that is based on the answers of one resolver. `by` is the index of the resolver. */
export interface Vote {
  readonly by: number;
  readonly finding: Finding;
}

interface SecondOpinion {
  readonly finding: Finding;
  /** Indexes of the resolvers that agree with `finding`. Empty if no two resolvers agreed. */
  readonly agreed: readonly number[];
  /** Indexes of the resolvers that contradict `finding`. Empty if no two resolvers agreed. */
  readonly overruled: readonly number[];
}

/** Lifetime in seconds of the finding `unconfirmed`. */
const undecidedTtl = 60;

/**
 * Whether `mailHost` must be confirmed by a second resolver. This is so if the domain accepts no mail, or has an address but
 * no MX records. Some resolvers return the address of a search page for names that do not exist, and such a name then
 * seems to have an address.
 */
export const needsSecondOpinion = ({ kind }: MailHost): boolean => kind !== 'mx' && kind !== 'undetermined';

/** The finding for a domain if a resolver reported that it accepts no mail, and no second resolver confirmed this. */
export const unconfirmed: Finding = {
  mailHost: { kind: 'undetermined', cause: 'unconfirmed' },
  ttl: undecidedTtl,
};

/**
 * Asks the resolvers `witnesses` (indexes) one after another until two resolvers agree about a domain. `first` is the index
 * of the resolver whose answers led to `finding`; it counts as one of the two. `first` is null if the answers came from
 * several resolvers or from a distrusted one, and then `finding` does not count. If no two resolvers agree, the result is
 * `unconfirmed`. The exception is a `finding` that the domain accepts mail: it is kept if no resolver contradicts it.
 */
export async function askSecondOpinion(
  finding: Finding,
  first: number | null,
  witnesses: readonly number[],
  ask: (witness: number) => Promise<Finding>,
): Promise<SecondOpinion> {
  const votes: Vote[] = first === null ? [] : [{ by: first, finding }];
  for (const by of witnesses) {
    const answer = await ask(by);
    if (answer.mailHost.kind === 'undetermined') continue;
    votes.push({ by, finding: answer });
    const agreed = votes.filter((vote) => agree(vote.finding.mailHost, answer.mailHost));
    if (agreed.length >= 2) return majority(agreed, votes);
  }
  const isContradicted = votes.some((vote) => !agree(vote.finding.mailHost, finding.mailHost));
  const isKept = takesMail(finding.mailHost) && !isContradicted;
  return { finding: isKept ? finding : unconfirmed, agreed: [], overruled: [] };
}

function majority(agreeing: readonly Vote[], votes: readonly Vote[]): SecondOpinion {
  // The resolvers may agree that the domain accepts mail, although only one of them found MX records. Use these records.
  const { mailHost } = (agreeing.find((vote) => vote.finding.mailHost.kind === 'mx') ?? agreeing[0]!).finding;
  return {
    finding: { mailHost, ttl: Math.min(...agreeing.map((vote) => vote.finding.ttl)) },
    agreed: agreeing.map(({ by }) => by),
    overruled: votes.filter((vote) => !agreeing.includes(vote)).map(({ by }) => by),
  };
}

const takesMail = ({ kind }: MailHost): boolean => kind === 'mx' || kind === 'implicit_mx';

const agree = (one: MailHost, other: MailHost): boolean =>
  one.kind === other.kind || (takesMail(one) && takesMail(other));
