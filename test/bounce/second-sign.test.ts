// Words such as "user unknown" blame the recipient only if nothing in the reply shows that they mean another party, or if a
// definite status confirms that they mean the recipient.

import { describe, expect, test } from 'vitest';
import { classifyReply } from '../../src/bounce/classify.ts';
import { compileRules } from '../../src/bounce/rules.ts';
import { clausesOf, wordsOf } from '../../src/bounce/words.ts';

const list = (words: string) => words.split('|');
const combine = (...lists: readonly string[]) =>
  lists.map(list).reduce((begun, words) => begun.flatMap((start) => words.map((word) => `${start} ${word}`)));
const classOf = (reply: string) => classifyReply(reply).class;

const dead = 'does not exist|was not found|is unknown|is disabled|has been deleted|is invalid';

test.each([
  ['a component of the mail system', 'mailbox|user|account', 'server|database|profile|cluster|policy|filter'],
  [
    'an account of another purpose',
    'journal|archive|service|billing|accounting|tracking',
    'mailbox|user|account',
  ],
  [
    'a thing that belongs to a mailbox',
    'The socket|The delegate|The backup server|The app',
    'of this user|for the mailbox',
  ],
  ['a host on the way', 'The smart|The upstream|The gateway|The next', 'host'],
])('%s is not the recipient', (_, first, second) => {
  const replies = combine('550|554|550 5.3.0|550 5.7.1', first, second, dead);
  expect(replies.filter((reply) => classOf(reply) === 'hard')).toEqual([]);
});

test.each([
  ['the submitting user', 'The submitting|The authenticated|The SASL|The API', 'user|account'],
  ['a person who writes to a list', 'The moderator|The poster|The author', 'account|mailbox'],
  ['the address of a header', 'The Reply-To|The Errors-To|The List-Unsubscribe', 'address|mailbox'],
  ['something of yours', "Your organization's|Your company|Your tenant", 'account|user'],
])('%s is the sender', (_, first, second) => {
  const replies = combine('550|554|550 5.7.1', first, second, dead);
  expect(replies.filter((reply) => classOf(reply) !== 'policy')).toEqual([]);
});

test('a reply to AUTH (RFC 4954) is about the sender, whatever its words', () => {
  const replies = combine(
    '534|535|538|535 5.7.8',
    'user unknown|account disabled|no such user|mailbox not found',
  );
  expect(replies.filter((reply) => classOf(reply) !== 'policy')).toEqual([]);
});

test('plain words for a mailbox stay hard', () => {
  const replies = combine(
    '550|554|550 5.7.1|550 5.0.0',
    'The user|User|Mailbox|Recipient|This account|The email address|Local user|The mailbox of the recipient|Sales mailbox|Your recipient',
    dead,
  );
  expect(replies.filter((reply) => classOf(reply) !== 'hard')).toEqual([]);
});

test('a definite status confirms that the words mean the recipient', () => {
  expect(classOf('550 Accounting mailbox does not exist')).toBe('soft');
  expect(classOf('550 5.1.1 Accounting mailbox does not exist')).toBe('hard');
  expect(classOf('550 5.2.1 Accounting mailbox is disabled')).toBe('hard');
  expect(classOf('550 5.1.0 Accounting mailbox does not exist')).toBe('soft');
  expect(classOf('550 5.4.6 Accounting mailbox does not exist')).toBe('soft');
  expect(classOf('556 Accounting domain does not exist')).toBe('hard');
});

test('a clause without another party blames the recipient, whatever the other clauses name', () => {
  expect(classOf('550 Exchange gateway: mailbox not found')).toBe('hard');
  expect(classOf('550 Exchange gateway mailbox not found')).toBe('soft');
  expect(classOf('550 Mailbox server says (mx7): user unknown')).toBe('hard');
  expect(classOf('550 The server of this user was not found')).toBe('soft');
});

test('a clause ends at a comma, semicolon, colon, parenthesis or dash next to a space', () => {
  expect(clausesOf('mx7: no user, see log; (again) - at 10:30 re-try. The end')).toEqual([
    ['mx7'],
    ['no', 'user'],
    ['see', 'log'],
    ['again'],
    ['at', '10', '30', 're', 'try'],
    ['the', 'end'],
  ]);
  expect(clausesOf('')).toEqual([]);
});

describe('x.7.13 is about the user who authenticated (RFC 5248)', () => {
  test.each([
    '525 5.7.13 User account disabled',
    '550 5.7.13 Mailbox disabled',
    '535 5.7.13 Account disabled, authentication refused',
    '550 5.7.13 STOREDRV.AuthenticationRequiredForPublicFolder',
    '454 4.7.13 User account disabled',
  ])('%s', (reply) => {
    expect(classOf(reply)).toBe('policy');
  });

  test('unless the reply answers RCPT TO', () => {
    const words = 'User account disabled';
    expect(classOf(`525 5.7.13 <jane@example.org>: Recipient address rejected: ${words}`)).toBe('hard');
    expect(classifyReply(`525 5.7.13 ${words}`, { command: 'RCPT TO' }).class).toBe('hard');
    expect(classifyReply(`525 5.7.13 ${words}`, { command: 'DATA' }).class).toBe('policy');
  });
});

test('a 5yz reply without a known cause is policy if it names the sender or the content', () => {
  expect(classifyReply('550 Sensitive data found')).toMatchObject({
    class: 'policy',
    reason: 'policy_refused',
  });
  expect(classifyReply('550 Sorry about that')).toMatchObject({ class: 'soft', reason: 'unknown' });
  expect(classifyReply('451 Sensitive data found')).toMatchObject({ class: 'soft', reason: 'system_error' });
});

describe('the notation of doubt', () => {
  const input = (text: string) => ({
    words: wordsOf(text),
    replyCode: '',
    status: '',
    command: null,
    hosts: '',
  });
  const set = compileRules([
    ['unknown', 'recipient', 'mailbox_unknown', ['clear'], ['user unknown']],
    ['@doubt', '', '', [], []],
    ['whole', 'sender', 'policy_refused', [], ['sasl']],
    ['@doubt-clause', '', '', [], []],
    ['before', 'network', 'unknown', [], ['<!(the|refus*) user']],
  ]);
  const doubt = (text: string, ...clauses: string[]) => set.doubt(input(text), clauses.map(wordsOf))?.name;

  test.each([
    ['unlisted word', 'journal user', 'before'],
    ['listed word', 'the user', undefined],
    ['listed stem', 'refused user', undefined],
    ['nothing before', 'user', undefined],
    ['another sentence before', 'Known journal. User unknown', undefined],
    ['a word with a digit before', 'mx7 user', undefined],
  ])('<!(…): %s', (_, clause, expected) => {
    expect(doubt('', clause)).toBe(expected);
  });

  test('rules before @doubt-clause read the whole reply, the others every clause that blames', () => {
    expect(doubt('sasl', 'the user')).toBe('whole');
    expect(doubt('', 'sasl')).toBe(undefined);
    expect(doubt('journal user', 'the user')).toBe(undefined);
    expect(doubt('', 'journal user', 'the user')).toBe(undefined);
    expect(doubt('', 'journal user', 'archive user')).toBe('before');
    expect(doubt('')).toBe(undefined);
  });

  test('a rule after @doubt decides nothing by itself', () => {
    expect(set.first(input('sasl journal user'), 0, set.end)).toBe(null);
  });

  test('a rule is clear only with the mark', () => {
    expect(set.first(input('user unknown'), 0, set.end)).toMatchObject({ clear: true, certain: false });
    const plain = compileRules([['r', 'recipient', 'mailbox_unknown', ['certain'], ['user unknown']]]);
    expect(plain.first(input('user unknown'), 0, plain.end)).toMatchObject({ clear: false, certain: true });
  });
});

test('words in another language need no English second sign', () => {
  expect(classOf('550 Gesuchter Account existiert nicht')).toBe('hard');
});
