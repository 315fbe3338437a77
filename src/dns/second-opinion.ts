// One resolver's word against a domain decides nothing: a second must find the same, and on a disagreement two of three.

import type { MailHost } from '../domain/mail-host.ts';
import type { Finding } from './mail-host-of.ts';

/** What one resolver found by itself; `by` is its index. */
export interface Testimony {
  readonly by: number;
  readonly finding: Finding;
}

export interface Decision {
  readonly finding: Finding;
  /** The resolvers that agree with the decision, and those that found something else. Both empty without a majority. */
  readonly agreed: readonly number[];
  readonly overruled: readonly number[];
}

/** Seconds for which a domain without a majority is left alone. */
const undecidedTtl = 60;

/**
 * Whether `mailHost` needs a second opinion: it says that the domain takes no mail, or goes by an address alone, which
 * resolvers that sell search pages give to names that do not exist.
 */
export const needsSecondOpinion = ({ kind }: MailHost): boolean => kind !== 'mx' && kind !== 'undetermined';

/** The outcome for a domain that a resolver speaks against and no second one confirms. */
export const unconfirmed: Finding = {
  mailHost: { kind: 'undetermined', cause: 'unconfirmed' },
  ttl: undecidedTtl,
};

/**
 * Asks `witnesses` one after another until two resolvers found the same of a domain. `first` is null where several
 * resolvers contributed to `finding`: it has no vote then.
 */
export async function decide(
  finding: Finding,
  first: number | null,
  witnesses: readonly number[],
  ask: (witness: number) => Promise<Finding>,
): Promise<Decision> {
  const votes: Testimony[] = first === null ? [] : [{ by: first, finding }];
  for (const by of witnesses) {
    const heard = await ask(by);
    if (heard.mailHost.kind === 'undetermined') continue;
    votes.push({ by, finding: heard });
    const agreeing = votes.filter((vote) => agree(vote.finding.mailHost, heard.mailHost));
    if (agreeing.length >= 2) return majority(agreeing, votes);
  }
  const isContradicted = votes.some((vote) => !agree(vote.finding.mailHost, finding.mailHost));
  const stands = takesMail(finding.mailHost) && !isContradicted;
  return { finding: stands ? finding : unconfirmed, agreed: [], overruled: [] };
}

function majority(agreeing: readonly Testimony[], votes: readonly Testimony[]): Decision {
  // MX records tell more than an address does.
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
