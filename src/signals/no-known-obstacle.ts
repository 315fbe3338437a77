import { domainSignal } from './signal.ts';

export const noKnownObstacle = domainSignal({
  reason: 'no_known_obstacle',
  label: 'No known obstacle',
  outcomes: [
    {
      fires: () => true,
      result: 'deliverable',
      action: 'accept',
      bounce: null,
      // As far as is known, the domain accepts mail, so mail bounces only if the mailbox does not exist. The probability lies
      // between the hard bounce rate of well-kept lists (about 0.2% to 0.7%) and the bounce rate at which providers begin to
      // block senders (2%). `low` is about a quarter of it, and `high` about four times as much.
      prior: { probability: 0.008, low: 0.002, high: 0.03, basis: 'guess' },
      topic: 'fine',
      message: 'No known obstacle.',
      when: 'No check found a problem.',
      form: 'allow',
      sandbox: { mailbox: 'deliverable', example: 'No obstacle', evidence: {} },
    },
  ],
});
