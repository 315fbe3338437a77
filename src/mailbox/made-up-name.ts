// Makes up local parts that no mailbox has, to find out whether a domain accepts mail for any name.

const consonants = 'bdfgklmnprstvz';
const vowels = 'aeiou';

/** Six syllables of 70 choices: with 10^9 names that were made up before, a repetition has a chance of about 1%. */
const syllables = 6;
const digits = 2;

/**
 * Returns a name of 14 characters such as `rakotimelusa47`. It can be pronounced and has nothing but ASCII letters and digits,
 * so a host that refuses strange-looking names does not refuse this one for its form. `random` returns a number from 0 to below
 * 1.
 */
export function makeUpName(random: () => number): string {
  const pick = (choices: string) => choices[Math.floor(random() * choices.length)]!;
  let name = '';
  for (let index = 0; index < syllables; index++) name += pick(consonants) + pick(vowels);
  for (let index = 0; index < digits; index++) name += pick('0123456789');
  return name;
}
