// The contract of a signal. A signal is one possible finding about an address, with everything that follows from it:
// the result, the action, the expected bounce and the texts.

import type { AddressEvidence, DomainEvidence, Evidence } from './evidence.ts';

/**
 * The result of a verdict. `unknown` means that something could not be checked, and that asking again later may help.
 * It takes precedence over `risky`.
 */
export type Result = 'deliverable' | 'risky' | 'undeliverable' | 'unknown';

/**
 * What a form or an import should do with the address. `confirm`: ask the person whether it is right, and show
 * `did_you_mean` if there is one.
 */
export type Action = 'accept' | 'confirm' | 'reject' | 'retry';

/** The probability of a hard bounce, and its 90% interval from `low` to `high`. All three are between 0 and 1. */
export interface Probability {
  readonly probability: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The probability that is assumed until the outcomes of sent mail are known. `basis` says where the number comes from.
 */
export type Prior = Probability &
  (
    | { readonly basis: 'guess' }
    /** `source` is the URL of the publication or the measurement. */
    | { readonly basis: 'published' | 'measured'; readonly source: string }
  );

/**
 * What a message is about. List reports and forms choose their sentence in the reader's language by it. `noMail`: the domain
 * accepts no mail. `closed`: the provider closed. `again`: the check can be repeated later.
 */
export type Topic =
  | 'fine'
  | 'syntax'
  | 'misspelled'
  | 'noMail'
  | 'closed'
  | 'bounced'
  | 'unsubscribed'
  | 'denied'
  | 'temporary'
  | 'role'
  | 'doubtful'
  | 'again';

/**
 * What a form does by default. `allow`: it is submitted. `warn`: it shows a message and can still be submitted.
 * `block`: it is not submitted.
 */
export type FormDefault = 'allow' | 'warn' | 'block';

/**
 * The made-up evidence of a test address at presend.test. Properties that are left out get the values that they have for an
 * address without any problem.
 */
export type SandboxEvidence = Partial<
  Pick<Evidence, 'role' | 'name' | 'denied' | 'mailHost' | 'mailHostFacts' | 'suppression' | 'proof'>
> & { readonly domain?: Partial<DomainEvidence['domain']> };

/**
 * What follows if a signal fires. A signal has several outcomes if the result depends on more evidence: a misspelled
 * domain is `risky`, or `undeliverable` if it accepts no mail.
 */
export interface SignalOutcome {
  readonly result: Result;
  readonly action: Action;
  /** The class and the enhanced status (RFC 3463) of the expected bounce. Null if no bounce is expected. */
  readonly bounce: { readonly class: 'hard' | 'soft'; readonly status: string } | null;
  readonly prior: Prior;
  readonly topic: Topic;
  /** One English sentence that is shown to a person. It contains no address. */
  readonly message: string;
  /** A phrase that says when this outcome applies. It appears in the table of docs/verdicts.md. */
  readonly when: string;
  readonly form: FormDefault;
  readonly sandbox: {
    /** The local part of the test address at presend.test that has this outcome. */
    readonly mailbox: string;
    /** The label of this test address on the page at `/` of the service. Absent: the page does not show it. */
    readonly example?: string;
    readonly evidence: SandboxEvidence;
  };
}

interface SignalBase<Reason extends string> {
  /** The name of the signal in snake_case. It is part of the API. */
  readonly reason: Reason;
  /** The name of the signal in reports: a short noun phrase. */
  readonly label: string;
  /**
   * True if domains with this signal often accept mail to any name. An accepted message then does not prove that the
   * mailbox exists.
   */
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

/** Defines a signal that depends on the domain only, so it fires for all addresses at the domain or for none. */
export const domainSignal = <const Reason extends string>(
  signal: Omit<DomainSignal<Reason>, 'about'>,
): DomainSignal<Reason> => ({ about: 'domain', ...signal });

/** Defines a signal that depends on more than the domain, such as the local part or the suppression list. */
export const addressSignal = <const Reason extends string>(
  signal: Omit<AddressSignal<Reason>, 'about'>,
): AddressSignal<Reason> => ({ about: 'address', ...signal });

/**
 * Defines the signal for a text that is not an address. There is no other evidence about such a text, so it always
 * fires.
 */
export const syntaxSignal = <const Reason extends string>(
  signal: Omit<SyntaxSignal<Reason>, 'about'>,
): SyntaxSignal<Reason> => ({ about: 'syntax', ...signal });
