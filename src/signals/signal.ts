// The contract of a signal: one finding about an address, and everything that follows from it.

import type { AddressEvidence, DomainEvidence, Evidence } from './evidence.ts';

/** `unknown` means "ask again": something could not be determined. It outranks `risky`. */
export type Result = 'deliverable' | 'risky' | 'undeliverable' | 'unknown';

/** What a form or an import should do. `confirm`: ask the person, showing `did_you_mean` if there is one. */
export type Action = 'accept' | 'confirm' | 'reject' | 'retry';

/** The probability of a hard bounce and its 90% interval, each from 0 to 1. */
export interface Probability {
  readonly probability: number;
  readonly low: number;
  readonly high: number;
}

/** A probability before any outcome was observed, and where the figure comes from. */
export type Prior = Probability &
  (
    | { readonly basis: 'guess' }
    /** `source` is the URL of the publication or of the measurement. */
    | { readonly basis: 'published' | 'measured'; readonly source: string }
  );

/** What happens to a form by default. `allow`: nothing. `warn`: a message. `block`: the form is not submitted. */
export type FormDefault = 'allow' | 'warn' | 'block';

/** The evidence of a sandbox mailbox. Missing parts are those of an address without any obstacle. */
export type SandboxEvidence = Partial<
  Pick<Evidence, 'role' | 'denied' | 'mailHost' | 'mailHostFacts' | 'suppression'>
> & { readonly domain?: Partial<DomainEvidence['domain']> };

/** What follows when a signal fires. A signal has several outcomes if the result also depends on other evidence. */
export interface SignalOutcome {
  readonly result: Result;
  readonly action: Action;
  /** The expected bounce: its class and enhanced status (RFC 3463); null if none is expected. */
  readonly bounce: { readonly class: 'hard' | 'soft'; readonly status: string } | null;
  readonly prior: Prior;
  /** One English sentence for a person. Contains no address. */
  readonly message: string;
  /** A phrase that says when the outcome applies, for the table in docs/verdicts.md. */
  readonly when: string;
  readonly form: FormDefault;
  readonly sandbox: {
    /** The local part at presend.test that has this outcome. */
    readonly mailbox: string;
    /** The label of the example on the try page; absent: not shown. */
    readonly example?: string;
    readonly evidence: SandboxEvidence;
  };
}

interface SignalBase<Reason extends string> {
  /** snake_case; part of the API. */
  readonly reason: Reason;
  /** A short noun phrase for reports. */
  readonly label: string;
  /** Domains with this signal often accept any name, so accepted mail does not prove a mailbox. */
  readonly acceptsAnyName?: true;
}

export interface SyntaxSignal<Reason extends string = string> extends SignalBase<Reason> {
  readonly about: 'syntax';
  readonly outcomes: readonly [SignalOutcome];
}

export interface DomainSignal<Reason extends string = string> extends SignalBase<Reason> {
  readonly about: 'domain';
  readonly outcomes: readonly (SignalOutcome & { readonly fires: (evidence: DomainEvidence) => boolean })[];
}

export interface AddressSignal<Reason extends string = string> extends SignalBase<Reason> {
  readonly about: 'address';
  readonly outcomes: readonly (SignalOutcome & { readonly fires: (evidence: AddressEvidence) => boolean })[];
}

export type Signal<Reason extends string = string> =
  | SyntaxSignal<Reason>
  | DomainSignal<Reason>
  | AddressSignal<Reason>;

/** Defines a signal about a domain, which is the same for all its addresses. */
export const domainSignal = <const Reason extends string>(
  signal: Omit<DomainSignal<Reason>, 'about'>,
): DomainSignal<Reason> => ({ about: 'domain', ...signal });

/** Defines a signal about one address. */
export const addressSignal = <const Reason extends string>(
  signal: Omit<AddressSignal<Reason>, 'about'>,
): AddressSignal<Reason> => ({ about: 'address', ...signal });

/** Defines the signal for a text that is not an address. There is no other evidence about such a text. */
export const syntaxSignal = <const Reason extends string>(
  signal: Omit<SyntaxSignal<Reason>, 'about'>,
): SyntaxSignal<Reason> => ({ about: 'syntax', ...signal });
