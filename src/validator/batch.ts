// A batch of addresses: its parsed rows, and the domains to look up.

import type { ParsedMailbox } from '../address/mailbox.ts';
import { parseMailbox } from '../address/parse.ts';
import { type MailQuestion, marketingMail } from '../suppression/scope.ts';
import { sandboxDomain } from '../verdict/sandbox.ts';
import type { FoundDomain } from './found-domain.ts';

export interface ValidationRequest {
  readonly email: string;
  /** Epoch milliseconds at which mail was last known to arrive. */
  readonly lastVerifiedAt?: number | null;
  /** Where the address was acquired. */
  readonly source?: string | null;
}

/** A domain to look up. */
export interface PendingDomain {
  readonly name: string;
  /** Rows at this domain. */
  rows: number;
  /** Null until the lookup is done. */
  found: FoundDomain | null;
}

/** The parsed requests, in their order. */
export interface Batch<Known> {
  readonly parsed: readonly ParsedMailbox[];
  /** What is already known about the domain of each row; null if it is to be looked up, or needs no lookup. */
  readonly known: readonly (Known | null)[];
  /** The mail that the caller wants to send. */
  readonly question: MailQuestion;
  /** The domains to look up, by name. */
  readonly pending: ReadonlyMap<string, PendingDomain>;
}

/** `knownAs` returns what is known about a domain (lower-case A-labels), or undefined to have it looked up. */
export function readBatch<Known>(
  requests: readonly ValidationRequest[],
  knownAs: (name: string) => Known | undefined,
  question: MailQuestion = marketingMail,
): Batch<Known> {
  const parsed = requests.map(({ email }) => parseMailbox(email));
  const pending = new Map<string, PendingDomain>();
  // Keep these lookups in one tight loop so that their cache misses overlap.
  const known = parsed.map((outcome): Known | null => {
    if (!outcome.ok) return null;
    const name = outcome.mailbox.domain;
    const found = knownAs(name);
    if (found !== undefined) return found;
    const domain = pending.get(name);
    if (domain !== undefined) domain.rows++;
    else if (name !== sandboxDomain) pending.set(name, { name, rows: 1, found: null });
    return null;
  });
  return { parsed, known, question, pending };
}
