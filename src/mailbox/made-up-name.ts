// Makes up local parts that no mailbox has, to find out whether a domain accepts mail for any name.

const consonants = 'bdfgklmnprstvz';
const vowels = 'aeiou';

/**
 * Six syllables with 70 choices each: after 10^9 made-up names, the chance that a new name repeats an earlier one is about 1%.
 */
const syllables = 6;
const digits = 2;

/**
 * Returns a name of 14 characters such as `rakotimelusa47`. The name can be pronounced and has only ASCII letters and digits, so
 * hosts that refuse strange-looking names do not refuse it for its form. `random` returns a number from 0 to below 1.
 */
export function makeUpName(random: () => number): string {
  const pick = (choices: string) => choices[Math.floor(random() * choices.length)]!;
  let name = '';
  for (let index = 0; index < syllables; index++) name += pick(consonants) + pick(vowels);
  for (let index = 0; index < digits; index++) name += pick('0123456789');
  return name;
}
