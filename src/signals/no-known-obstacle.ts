import { domainSignal } from './signal.ts';

export const noKnownObstacle = domainSignal({
  reason: 'no_known_obstacle',
  label: 'Missing mailbox (no known obstacle)',
  outcomes: [
    {
      fires: () => true,
      result: 'deliverable',
      action: 'accept',
      bounce: null,
      // The domain accepts mail, so only a missing mailbox can bounce. The probability is between the hard bounce rate
      // of well-kept lists (about 0.2% to 0.7%) and the 2% at which providers react. The ends of the interval are a
      // factor of about four away.
      prior: { probability: 0.008, low: 0.002, high: 0.03, basis: 'guess' },
      message: 'No known obstacle.',
      when: 'No check found a problem.',
      form: 'allow',
      sandbox: { mailbox: 'deliverable', example: 'No obstacle', evidence: {} },
    },
  ],
});
