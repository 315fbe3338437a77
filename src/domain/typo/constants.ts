// The constants of the typing-error model. Costs and limits are in the unit of an ordinary typing error, such as pressing a
// neighboring key.
//
// Source of every value: `guess`, chosen by hand and checked on lists of misspelled and real domains. `npm run fit -- typos`
// searches for better ones on generated slips (bench/fit/slips.ts), half of which it holds out. Its result of 27 November 2026
// was not applied: it is better on the half that was held out, but corrects fewer of the misspellings that people make.

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
  /** Changes of the maximum cost of a misspelled name (`limits` in candidates.ts). */
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
  /** The costs of a wrong ending (ending.ts). */
  ending: {
    /** Factor by which the result of `typingCost` is multiplied: an error in the ending costs slightly less than in the name. */
    slip: 0.9,
    /** An ending of `slips`, such as `co` for `com`. */
    usualSlip: 0.7,
    /** Another existing ending without a country, such as `net` for `com`. */
    otherGeneric: 1.2,
    /** The ending of a country, such as `de` for `com`. */
    otherCountry: 1.3,
    /** Extra cost for an existing ending if the name is misspelled too. */
    inexact: 0.5,
    /** Another ending of the right country, such as `uk` for `co.uk`. */
    sameCountry: 0.3,
    /** The ending written twice, or after an additional label, which is the name or in `mailWords`: `com.com`, `www.com`. */
    repeated: 0.6,
    /** The ending of a country after the name of a very popular provider that is not `international`. */
    unmistakable: 0.9,
    /** Something added after the ending, as in `com.ar` for `com`. */
    appended: 0.6,
    /** Extra cost of each added letter. */
    appendedLetter: 0.2,
    /** Any ending that does not exist. */
    garbage: 1.9,
  },
  /** The costs of a wrong national ending (national.ts). */
  national: {
    /** Another usual second level instead of the right one, such as `com` for `co`. */
    otherSecondLevel: 0.8,
    /** A missing or an additional dot. */
    dot: 0.4,
    /** The two labels in the wrong order: `br.com`. */
    swapped: 0.8,
    /** The ending, or a part of it, written twice. */
    repeated: 0.6,
    /** The last letter of the country is missing. This costs less than a missing first letter, because it is more frequent. */
    truncated: 0.8,
    /**
     * Other letters after an ending without a country: `com.xq` for `com`. The cost is high, because the second dot shows that a
     * country was intended.
     */
    stray: 3,
  },
  /** The costs of a name that resembles another one as a whole (resemblance.ts). */
  resemblance: {
    /** The name written by its sound: `geemail` for `gmail`. */
    sound: 1.2,
    /** The same letters in another order. */
    scrambled: 2.1,
    /** The same letters in another order, and one letter more or less. */
    almostScrambled: 2.2,
    /** The same consonants in the same order, with other vowels. */
    vowels: 2.2,
  },
} as const;
