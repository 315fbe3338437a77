// A visit at a mail host: what it is to ask, and what it found.

import type { Mailbox } from '../address/mailbox.ts';
import type { RefusedCause } from '../address/mailbox-proof.ts';
import type { ConnectTarget } from './connect.ts';
import type { MailboxPolicy } from './mailbox-policy.ts';
import type { RecipientFinding } from './read-answer.ts';
import type { RefusedRecipient } from './refusals.ts';

/**
 * The finding about a domain. `selective`: the host refuses made-up names. `waiting`: the host asked to repeat the question about
 * the made-up name `name`. `ambiguous`: after questions about two made-up names, it is still not known whether the host refuses
 * or accepts such names.
 */
export type DomainFinding =
  | { readonly kind: 'catch_all' | 'selective' | 'ambiguous' }
  | { readonly kind: 'waiting'; readonly name: string; readonly retryMs: number | null };

export interface VisitPlan {
  /** The addresses of the mail host, in the order in which they are tried. */
  readonly targets: readonly ConnectTarget[];
  /** Whether `targets` lacks some, because DNS failed. */
  readonly lacksTargets?: boolean;
  readonly policy: MailboxPolicy;
  /** Recipients of domains that the host serves. */
  readonly mailboxes: readonly Mailbox[];
  /** The findings about their domains so far. */
  readonly domains: ReadonlyMap<string, DomainFinding>;
  /** Domains for which the question about a made-up name is due. It is asked before those about recipients. */
  readonly controls?: readonly string[];
  /** Refusals of earlier sessions that are to be confirmed. None of `mailboxes` is among them. */
  readonly refusals?: readonly RefusedRecipient[];
  /** RCPT commands that may be sent. */
  readonly budget: number;
  /**
   * Keeps what was said since the last call, so that a process that is killed in the session does not ask again. It is called before
   * each RCPT command: so all commands but the one under way are counted, and whom that one is about is known. The command is sent when it
   * resolves; the `Visit` has all findings again. Absent: only the `Visit` has them.
   */
  readonly keep?: (news: VisitNews) => Promise<void>;
}

export interface VisitNews {
  readonly findings: ReadonlyMap<string, RecipientFinding>;
  /** Refusals that are not confirmed yet. */
  readonly refusals: readonly RefusedRecipient[];
  readonly domains: ReadonlyMap<string, DomainFinding>;
  /** RCPT commands that were sent so far. */
  readonly asked: number;
  /** The recipient of the plan who is asked about next; null for a control question, and at the end. */
  readonly next: string | null;
}

export interface Visit {
  /** What was found, by address. A recipient without an entry was not asked. */
  readonly findings: ReadonlyMap<string, RecipientFinding>;
  /**
   * Refusals without a finding, because the host has not answered the control question. `retryMs`: how long to wait before it is asked
   * again; null if the host names no time.
   */
  readonly refusals: readonly (RefusedRecipient & { readonly retryMs: number | null })[];
  /** What was found about domains. */
  readonly domains: ReadonlyMap<string, DomainFinding>;
  /** RCPT commands that were sent, control questions included. */
  readonly asked: number;
  /** Recipients of the plan about whom the host said something, and how many of them it said not to exist. */
  readonly answered: number;
  readonly unknown: number;
  /** Why the host does not want to talk to us; null if it does. */
  readonly refused: RefusedCause | null;
  /**
   * Why the visit ended before all recipients were asked about; null if the budget or the host's limit of recipients ended it.
   */
  readonly ended: RecipientFinding | null;
}
