// Which letters are vowels. `y` is one: in names it is nearly always pronounced as a vowel.

const vowels = 'aeiouy';
const vowelCodes: ReadonlySet<number> = new Set([...vowels].map((letter) => letter.charCodeAt(0)));

/** Whether the character with this code is a lower-case vowel. */
export const isVowelCode = (code: number): boolean => vowelCodes.has(code);

/** Whether `letter`, one character, is a lower-case vowel. */
export const isVowel = (letter: string): boolean => vowels.includes(letter);

/** `word` without its vowels. */
export const withoutVowels = (word: string): string =>
  [...word].filter((letter) => !isVowel(letter)).join('');
