import { domainSignal } from './signal.ts';

export const noKnownObstacle = domainSignal({
  reason: 'no_known_obstacle',
  label: 'Mailbox gone (no known obstacle)',
  outcomes: [
    {
      fires: () => true,
      result: 'deliverable',
      action: 'accept',
      bounce: null,
      // Between the hard-bounce rate of well-kept lists (about 0.2–0.7%) and the 2% at which providers react. The domain
      // takes mail, so only a missing mailbox can bounce. The interval is a factor of about four on either side.
      prior: { probability: 0.008, low: 0.002, high: 0.03, basis: 'guess' },
      message: 'No known obstacle.',
      when: 'No check found a problem.',
      form: 'allow',
      sandbox: { mailbox: 'deliverable', example: 'No obstacle', evidence: {} },
    },
  ],
});
