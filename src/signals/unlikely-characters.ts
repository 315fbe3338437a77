import { addressSignal } from './signal.ts';

export const unlikelyCharacters = addressSignal({
  reason: 'unlikely_characters',
  label: 'Characters entered by mistake',
  outcomes: [
    {
      fires: ({ name }) => name === 'unlikely_characters',
      result: 'risky',
      action: 'confirm',
      bounce: { class: 'hard', status: '5.1.1' },
      // Typographic quotes, full-width letters and encoding errors come from text editors and exports. The real mailbox
      // most likely has another name.
      prior: { probability: 0.8, low: 0.4, high: 0.97, basis: 'guess' },
      topic: 'doubtful',
      message: 'The address contains characters that are probably a mistake.',
      when: 'The part before the @ contains typographic, full-width or look-alike characters, an encoding error, or non-ASCII characters that the mailbox provider does not allow.',
      form: 'warn',
      sandbox: {
        mailbox: 'unlikely-characters',
        example: 'Unlikely characters',
        evidence: { name: 'unlikely_characters' },
      },
    },
  ],
});
