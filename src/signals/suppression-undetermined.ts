import { addressSignal } from './signal.ts';

export const suppressionUndetermined = addressSignal({
  reason: 'suppression_undetermined',
  label: 'Suppression list not readable',
  outcomes: [
    {
      fires: ({ suppression }) => suppression.kind === 'undetermined',
      result: 'unknown',
      action: 'retry',
      bounce: null,
      // The address may be on the suppression list because of a bounce. Usually a few percent of all addresses are on it.
      prior: { probability: 0.04, low: 0.01, high: 0.1, basis: 'guess' },
      topic: 'again',
      message: 'The suppression list could not be checked right now: check the address again later.',
      when: 'The suppression list could not be read.',
      form: 'allow',
      sandbox: { mailbox: 'suppression-undetermined', evidence: { suppression: { kind: 'undetermined' } } },
    },
  ],
});
