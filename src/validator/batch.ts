// Reads a batch of validation requests: parses their addresses and collects the domains to look up.

import type { ParsedMailbox } from '../address/mailbox.ts';
import { readMailbox } from '../address/nonstandard-names.ts';
import { type MailQuestion, marketingMail } from '../suppression/scope.ts';
import { sandboxDomain } from '../verdict/sandbox.ts';
import type { FoundDomain } from './found-domain.ts';
import { detached } from './known-domains.ts';

export interface ValidationRequest {
  readonly email: string;
  /** When mail to the address last arrived, as far as the caller knows, in epoch milliseconds. */
  readonly lastVerifiedAt?: number | null;
  /** Where the caller acquired the address, such as a form or a trade fair. */
  readonly source?: string | null;
}

/** A domain of the batch that must be looked up. */
export interface PendingDomain {
  /** The domain in lower-case A-labels, `detached` from the text of the request, because caches keep it. */
  readonly name: string;
  /** Number of addresses in the batch at this domain. */
  rows: number;
  /** The result of the lookup; null until it is done. */
  found: FoundDomain | null;
}

/** The result of `readBatch`: a batch of requests with parsed addresses, and with the domains that must be looked up. */
export interface Batch<Known> {
  /** The parsed addresses, in the order of the requests. */
  readonly parsed: readonly ParsedMailbox[];
  /**
   * What is already known about the domain of each request, in the order of the requests. Null if the domain must be looked up
   * (see `pending`). Also null if the text is not an address, or if the domain is `presend.test` (`sandboxDomain`), which is
   * never looked up.
   */
  readonly known: readonly (Known | null)[];
  /** The mail that the caller wants to send. The suppression list may stop only some kinds of mail. */
  readonly question: MailQuestion;
  /** The domains to look up, by name. */
  readonly pending: ReadonlyMap<string, PendingDomain>;
}

const nonePending: Batch<never>['pending'] = new Map();

/**
 * Parses the requests. `knownAs` returns what is already known about domains (lower-case A-labels; null for a request without
 * one). If it returns undefined for a domain, the domain goes into `pending`, except the sandbox domain.
 */
export function readBatch<Known>(
  requests: readonly ValidationRequest[],
  knownAs: (names: readonly (string | null)[]) => readonly (Known | undefined)[],
  question: MailQuestion = marketingMail,
): Batch<Known> {
  const parsed = requests.map(({ email }) => readMailbox(email));
  const names = parsed.map((outcome) => (outcome.ok ? outcome.mailbox.domain : null));
  let pending: Map<string, PendingDomain> | null = null;
  const known = knownAs(names).map((found, index): Known | null => {
    if (found !== undefined) return found;
    const name = names[index]!;
    if (name === null || name === sandboxDomain) return null;
    // Created only when it is needed, because most single addresses are at a domain that is known.
    pending ??= new Map();
    const domain = pending.get(name);
    if (domain !== undefined) domain.rows++;
    else pending.set(name, { name: detached(name), rows: 1, found: null });
    return null;
  });
  return { parsed, known, question, pending: pending ?? nonePending };
}
