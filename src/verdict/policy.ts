// The policy: a table with one row for each outcome of each signal, the most important first. A row fires if the evidence meets
// its condition. The first row that fires decides the verdict. The reasons of all rows that fire are its signals.

import { catalogue, type Reason } from '../signals/catalogue.ts';
import type { AddressEvidence, DomainEvidence } from '../signals/evidence.ts';
import type { SignalOutcome } from '../signals/signal.ts';
import { syntaxError } from '../signals/syntax-error.ts';

/** One outcome of a signal (result, action, message …), with the signal's reason. */
export type PolicyOutcome = SignalOutcome & { readonly reason: Reason };

export type PolicyRow = PolicyOutcome &
  (
    | { readonly about: 'domain'; readonly fires: (evidence: DomainEvidence) => boolean }
    | { readonly about: 'address'; readonly fires: (evidence: AddressEvidence) => boolean }
  );

/** The outcome for a text that is not an address. It is not in `policyRows`: those rows apply to addresses only. */
export const syntaxErrorRow: PolicyOutcome = { reason: syntaxError.reason, ...syntaxError.outcomes[0] };

export const policyRows: readonly PolicyRow[] = catalogue.flatMap((signal): PolicyRow[] => {
  const { reason } = signal;
  if (signal.about === 'syntax') return [];
  return signal.about === 'domain'
    ? signal.outcomes.map((outcome) => ({ reason, about: 'domain', ...outcome }))
    : signal.outcomes.map((outcome) => ({ reason, about: 'address', ...outcome }));
});
