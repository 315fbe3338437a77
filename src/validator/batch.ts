// Reads a batch of validation requests: parses their addresses and collects the domains to look up.

import type { ParsedMailbox } from '../address/mailbox.ts';
import { parseMailbox } from '../address/parse.ts';
import { type MailQuestion, marketingMail } from '../suppression/scope.ts';
import { sandboxDomain } from '../verdict/sandbox.ts';
import type { FoundDomain } from './found-domain.ts';

export interface ValidationRequest {
  readonly email: string;
  /** When mail to the address last arrived as far as the caller knows, in epoch milliseconds. */
  readonly lastVerifiedAt?: number | null;
  /** Where the caller acquired the address, such as a form or a trade fair. */
  readonly source?: string | null;
}

/** A domain of the batch that must be looked up. */
export interface PendingDomain {
  /** In lower-case A-labels. */
  readonly name: string;
  /** Number of addresses in the batch at this domain. */
  rows: number;
  /** The result of the lookup; null until it is done. */
  found: FoundDomain | null;
}

/** A batch of requests after `readBatch`. */
export interface Batch<Known> {
  /** The parsed addresses, in the order of the requests. */
  readonly parsed: readonly ParsedMailbox[];
  /**
   * For each request, in order, what is already known about its domain. Null if the domain must be looked up (see `pending`),
   * or if no lookup is needed because the text is not an address or the domain is the sandbox.
   */
  readonly known: readonly (Known | null)[];
  /** The mail that the caller wants to send; the suppression list needs it. */
  readonly question: MailQuestion;
  /** The domains to look up, by name. */
  readonly pending: ReadonlyMap<string, PendingDomain>;
}

/**
 * Parses the requests. `knownAs` returns what is already known about a domain (lower-case A-labels). If it returns undefined,
 * the domain goes into `pending`.
 */
export function readBatch<Known>(
  requests: readonly ValidationRequest[],
  knownAs: (name: string) => Known | undefined,
  question: MailQuestion = marketingMail,
): Batch<Known> {
  const parsed = requests.map(({ email }) => parseMailbox(email));
  const pending = new Map<string, PendingDomain>();
  // Look up all domains in memory in one tight loop, so the CPU overlaps their cache misses.
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
