// A finding against a domain needs confirmation by a second resolver. If the two disagree, two of three decide.

import type { MailHost } from '../domain/mail-host.ts';
import type { Finding } from './mail-host-of.ts';

/** The finding of one resolver alone; `by` is its index. */
export interface Vote {
  readonly by: number;
  readonly finding: Finding;
}

interface SecondOpinion {
  readonly finding: Finding;
  /** The indexes of the resolvers that agree with the decision, and of the others. Both are empty without a majority. */
  readonly agreed: readonly number[];
  readonly overruled: readonly number[];
}

/** Lifetime in seconds of a decision without a majority. */
const undecidedTtl = 60;

/**
 * Whether `mailHost` needs a second opinion: the domain accepts no mail, or has an address but no MX. Resolvers that
 * redirect to search pages return such an address for names that do not exist.
 */
export const needsSecondOpinion = ({ kind }: MailHost): boolean => kind !== 'mx' && kind !== 'undetermined';

/** The finding for a domain if no second resolver confirms a finding against it. */
export const unconfirmed: Finding = {
  mailHost: { kind: 'undetermined', cause: 'unconfirmed' },
  ttl: undecidedTtl,
};

/**
 * Asks `witnesses` one after another until two resolvers agree about a domain. `first` is the index of the resolver that
 * gave `finding`. It is null if several resolvers contributed; `finding` then has no vote.
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
  // Prefer MX records to an address alone.
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
