// The constants of the typing-error model. They were set by hand; `npm run fit -- typos` searches for better ones on generated
// slips (bench/fit/slips.ts) and prints both results. Costs and limits are in the unit of an ordinary typing error, such as
// pressing a neighboring key.

export const constants = {
  /** The costs of single edits. */
  slip: {
    neighbour: 1,
    // The keys are neighbors on an AZERTY or QWERTZ keyboard, but not on QWERTY.
    neighbourElsewhere: 1.25,
    alike: 1.25,
    digit: 0.7,
    // Any other letter in place of the right one.
    stranger: 1.9,
    // Two adjacent letters in the wrong order.
    transposition: 0.9,
    // A letter moved by two positions.
    rotation: 1.4,
    // A letter typed twice instead of once, or once instead of twice.
    doubled: 0.8,
    // Two to four letters typed twice in a row, as in `gmgmail`.
    repeated: 1.1,
    dropped: 1,
    // An additional letter whose key is next to that of the letter before or after it, or an `h` after a consonant.
    added: 1,
    // Any other additional letter.
    addedStranger: 1.45,
    // An additional digit whose key is not next to that of the letter before or after it. It is usually intended, as in
    // mail4.dk.
    addedDigit: 2.2,
    hyphen: 0.5,
    // Extra cost of an error at the first letter, if the error itself costs more than 1. People notice a wrong first letter, so
    // such a word is more often a different name.
    first: 0.45,
    // Two letters for one that resembles them, or one for two: `rn` for `m`.
    pair: 0.8,
  },
  /** Changes of the maximum cost of a misspelled name (`limits` in suggest.ts). */
  leeway: {
    /** Increase if the domain as typed cannot exist, because its top-level domain does not exist. */
    broken: 0.6,
    /**
     * Increase for endings other than `com`, because fewer names are registered under them. It does not apply to most names of
     * up to three letters (see `isCrowded`).
     */
    quiet: 0.35,
    /** Increase for popular names: most names that closely resemble such a name are misspellings of it. */
    popular: 0.4,
    /** Increase for a long invented name, if the ending is one of its provider. */
    ownEnding: 0.6,
    /** Increase for an ending that only network operators may use. Few other names exist under it. */
    networkOnly: 0.35,
    /**
     * Decrease, if the domain as typed may exist, for providers with few users. The domain is then more probably another real
     * one than a misspelling.
     */
    rare: 0.3,
  },
} as const;
