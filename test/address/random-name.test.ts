// Which local parts look as if a program had drawn their characters.

import { expect, test } from 'vitest';
import { looksRandom } from '../../src/address/random-name.ts';
import { makeUpName } from '../../src/mailbox/made-up-name.ts';

function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const letters = 'abcdefghijklmnopqrstuvwxyz';
const drawn = (random: () => number, alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');

const firstNames =
  'jane john krzysztof zbigniew wolfgang hans-juergen siobhan rhys xavier joaquin vlastimil zdenek hrvoje srdjan mykhailo nguyen thanh xiaoming zhang qiang lakshmi krishnamurthy venkatesh bhaskar fatima abdulrahman mohammed yusuf ngozi chukwuemeka thembinkosi sigurbjorn bjork jussi marketta agnieszka szymon laszlo gyorgy ferenc evghenia vladislav svetlana takeshi ryunosuke hyunjin dwayne mcgregor alexx philip schmidt'.split(
    ' ',
  );
const surnames =
  'smith jones schwarzkopf schmidt hirschsprung knightsbridge brzeczyszczykiewicz szczepanski wojciechowski chrzanowski krstic vrhovec stvrtnikova dvorak hlavackova ngcobo mkhize nguyen zhang xu wong kwok krishnan subramaniam bhattacharya mukhopadhyay oconnor mcdonald fitzgerald vandenberg vandijk vdberg goossens maertens llewellyn pritchard gudmundsson thorvaldsdottir kjaergaard hjelmqvist wijngaarden rodriguez lopez quinn marquez figueiredo papadopoulos hatzigeorgiou tsvetkov shcherbakov hrytsenko abdulaziz alqahtani aldhaheri watanabe tsukamoto hernandez wright lynch strzelczyk'.split(
    ' ',
  );

test('no way to write the names of people looks random', () => {
  const ways: readonly ((first: string, last: string) => string)[] = [
    (first, last) => `${first}.${last}`,
    (first, last) => `${first}${last}`,
    (first, last) => `${last}${first}`,
    (first, last) => `${first[0]}${last}`,
    (first, last) => `${first[0]}.q.${last}`,
    (first, last) => `${last}${first[0]}`,
    (first, last) => `${first}_${last}1984`,
    (first, last) => `${first}${last}7`,
    (first, last) => `${first}+${last}`,
  ];
  const taken = firstNames.flatMap((first) =>
    surnames.flatMap((last) => ways.map((way) => way(first, last)).filter(looksRandom)),
  );
  expect(taken.slice(0, 40)).toEqual([]);
});

test.each([
  ...['john.q.public', 'jqpublic', 'info', 'no-reply', 'customer-service', 'hr.department', 'webmaster'],
  ...[
    'jane1984',
    '4jane2',
    'jane.doe.1984',
    'user123456',
    '20240117',
    '4917012345678',
    's1234567',
    'ab12cd34',
  ],
  ...['asdf', 'xkq7', 'jörg.müller', '"x k q 7 v z"', 'srs0=xk7q=vz=example.org=jane', 'b+xkq7vz2rtb9'],
])('%s does not', (localPart) => {
  expect(looksRandom(localPart)).toBe(false);
});

test.each([
  'xkq7vz2rtb',
  'qwxzvbkjhf',
  '3f2a9c1e8b7d4a60',
  'A7K2M9X4',
  '9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d',
  'xkq7vz2rtb+shop',
])('%s does', (localPart) => {
  expect(looksRandom(localPart)).toBe(true);
});

test('most strings that are drawn from letters and digits do, and names that were made up to be spoken do not', () => {
  const random = numbers(21);
  const share = (of: () => string) =>
    Array.from({ length: 2000 }, of).filter((one) => looksRandom(one)).length / 2000;
  expect(share(() => drawn(random, `${letters}0123456789`, 12))).toBeGreaterThan(0.6);
  expect(share(() => drawn(random, '0123456789abcdef', 16))).toBeGreaterThan(0.8);
  expect(share(() => drawn(random, letters, 14))).toBeGreaterThan(0.3);
  expect(share(() => makeUpName(random))).toBe(0);
});
