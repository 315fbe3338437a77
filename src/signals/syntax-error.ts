import { syntaxSignal } from './signal.ts';

export const syntaxError = syntaxSignal({
  reason: 'syntax_error',
  label: 'Not an address',
  outcomes: [
    {
      result: 'undeliverable',
      action: 'reject',
      bounce: { class: 'hard', status: '5.1.3' },
      // No server that follows RFC 5321 (section 4.1.2) accepts such an address. A few servers are lenient.
      prior: { probability: 0.99, low: 0.97, high: 1, basis: 'guess' },
      topic: 'syntax',
      message: 'This is not an e-mail address.',
      when: 'The text violates the syntax of RFC 5321 and RFC 6531; `syntax` gives the position and the cause.',
      form: 'block',
      sandbox: { mailbox: 'a..b', example: 'Two dots in a row', evidence: {} },
    },
  ],
});
