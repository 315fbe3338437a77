// The library: `import { createValidator } from 'presend'`.

import type { Smtputf8Policy } from './address/name-rules.ts';
import { createDns } from './dns/create-dns.ts';
import { defaultDohUrls } from './dns/defaults.ts';
import type { DohTransport } from './dns/transport/fetch.ts';
import type { PlainDns } from './dns/transport/plain.ts';
import { noOverrides, type Overrides } from './overrides/domain-lists.ts';
import type { Suppressions } from './suppression/suppressions.ts';
import { type Validator, validatorOver } from './validator/validate.ts';

export type { Mailbox, ParsedMailbox, SyntaxCode, SyntaxFailure } from './address/mailbox.ts';
export { parseMailbox } from './address/parse.ts';
export { samePerson } from './address/same-person.ts';
export type { MailHosts } from './dns/mail-hosts.ts';
export type { MailHost } from './domain/mail-host.ts';
export { type Overrides, type Overrides as OwnLists, parseDomainList } from './overrides/domain-lists.ts';
export type { Suppression, Suppressions } from './suppression/suppressions.ts';
export type { Validation, ValidationOptions, ValidationRequest, Validator } from './validator/validate.ts';
export { toResponse, type VerdictResponse } from './verdict/response.ts';
export type { Action, PredictedBounce, Reason, Result, Verdict } from './verdict/verdict.ts';

export interface ValidatorOptions {
  /**
   * DoH endpoints (RFC 8484), in order of preference; by default three public resolvers. A later one is asked if an
   * earlier one fails or is slow, or to confirm an answer.
   */
  readonly dohUrls?: readonly string[];
  /** Plain DNS servers to ask instead of `dohUrls`, and the transport that sends the queries. */
  readonly plainDns?: PlainDns;
  /** Your suppression list; by default none. */
  readonly suppressions?: Suppressions;
  /** Domains that you allow or deny; they override presend's data. */
  readonly overrides?: () => Overrides;
  /** @deprecated Use `overrides`. */
  readonly ownLists?: () => Overrides;
  /** Milliseconds that the lookup of one domain may take; 1500 by default. */
  readonly timeoutMs?: number;
  /** Milliseconds that all lookups of one batch may take; 10,000 by default. */
  readonly batchTimeoutMs?: number;
  /** Maximum number of domains that are cached with their DNS answers. */
  readonly maxKept?: number;
  /**
   * What to do with addresses that need SMTPUTF8 (RFC 6531), by what your mail service can send: `refuse`, `confirm`, or
   * `accept`, the default.
   */
  readonly smtputf8?: Smtputf8Policy;
  /** How DoH requests are sent; with fetch by default. */
  readonly transport?: DohTransport;
  /**
   * Whether calls that need the same lookup at the same time share it; true by default. Set it to false on runtimes where a
   * request must not wait for a promise of another request, such as Workers.
   */
  readonly shareInFlight?: boolean;
}

/**
 * Creates a validator with its own DNS cache. Create one and keep it. A validator does not throw if an address is
 * invalid or the network fails: the result of a check that failed is `unknown`.
 * @throws TypeError if an entry of `dohUrls` is neither an https URL nor an http URL on loopback; RangeError if there
 *   are no entries.
 */
export function createValidator(options: ValidatorOptions = {}): Validator {
  const {
    dohUrls = defaultDohUrls,
    suppressions = null,
    timeoutMs = 1500,
    batchTimeoutMs = 10_000,
  } = options;
  const kept = options.maxKept === undefined ? {} : { maxKept: options.maxKept };
  const { mailHosts } = createDns({
    urls: dohUrls,
    shareInFlight: options.shareInFlight ?? true,
    ...(options.transport && { transport: options.transport }),
    ...(options.plainDns && { plain: options.plainDns }),
    ...kept,
  });
  return validatorOver({
    mailHosts,
    suppressions,
    overrides: options.overrides ?? options.ownLists ?? (() => noOverrides),
    now: Date.now,
    timeoutMs,
    batchTimeoutMs,
    ...(options.smtputf8 && { smtputf8: options.smtputf8 }),
    ...kept,
  });
}
