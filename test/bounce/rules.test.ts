// The rules of bounce-rules.txt: every sample above a rule comes out as that rule says.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bounceRules } from '../../data/packed/bounce-rules.ts';
import { enhancedStatuses } from '../../data/packed/enhanced-status.ts';
import { bounceArtefacts, packBounceRules } from '../../data/packer/bounce.ts';
import { classifyReply } from '../../src/bounce/classify.ts';
import { bounceReasons } from '../../src/bounce/reasons.ts';
import { compileRules } from '../../src/bounce/rules.ts';
import { wordsOf } from '../../src/bounce/words.ts';

const source = readFileSync(new URL('../../data/bounce-rules.txt', import.meta.url), 'utf8');

interface Sample {
  readonly text: string;
  readonly rule: string;
  readonly reason: string;
}

const samples: Sample[] = [];
let waiting: string[] = [];
for (const line of source.split('\n')) {
  if (line.startsWith('> ')) waiting.push(line.slice(2));
  else if (waiting.length > 0 && /^[a-z]/.test(line)) {
    const [rule = '', , reason = ''] = line.split(' ');
    samples.push(...waiting.map((text) => ({ text, rule, reason })));
    waiting = [];
  }
}

test.each(samples)('$rule: $text', ({ text, reason }) => {
  expect(classifyReply(text).reason).toBe(reason);
});

test('every reason of a rule and of a status is known', () => {
  const named = [...source.matchAll(/^[a-z][a-z0-9.-]+ [a-z]+ ([a-z_]+)/gm)].map((match) => match[1]!);
  const known = Object.keys(bounceReasons);
  expect(named.filter((reason) => !known.includes(reason))).toEqual([]);
  expect(enhancedStatuses.filter(([, , reason]) => !known.includes(reason))).toEqual([]);
});

test.each(bounceArtefacts())('$path matches its source', ({ path, text }) => {
  const read = (file: string) => readFileSync(new URL(`../../data/${file}`, import.meta.url), 'utf8');
  expect(read(path)).toBe(text);
});

test('rule names are unique', () => {
  const names = bounceRules.map(([name]) => name);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

describe('the notation of rules', () => {
  const rule = (...lines: string[]) =>
    JSON.parse(packBounceRules(lines.join('\n')).split('= [\n')[1]!.split(',\n];')[0]!) as unknown;

  test('expands sets of synonyms, alone and in a choice', () => {
    expect(
      rule(
        '{box} = user|mailbox',
        '{box} = account',
        'r network unknown',
        '  no {box}',
        '  ({box}|one) gone',
      ),
    ).toEqual([
      'r',
      'network',
      'unknown',
      [],
      ['no (user|mailbox|account)', '(user|mailbox|account|one) gone'],
    ]);
  });

  test('a phrase continues on a line with deeper indentation', () => {
    expect(rule('r network unknown code=550', '  (a|', '      b) c', '      d')).toEqual([
      'r',
      'network',
      'unknown',
      ['code=550'],
      ['(a|b) c d'],
    ]);
  });

  test('refuses undefined word sets', () => {
    expect(() => rule('r network unknown', '  {nothing}')).toThrow('nothing');
    expect(() => rule('  a phrase without a rule')).toThrow('before any rule');
  });
});

describe('a phrase', () => {
  const stands = (phrase: string, text: string) => {
    const set = compileRules([['r', 'network', 'unknown', [], [phrase]]]);
    const input = { words: wordsOf(text), replyCode: '', status: '', command: null, hosts: '' };
    return set.first(input, 0, 1) !== null;
  };

  test.each([
    ['user unknown', 'User-Unknown!', true],
    ['user unknown', 'unknown user', false],
    ['(user|mailbox) unknown', 'the mailbox unknown', true],
    ['user (is|) unknown', 'user unknown', true],
    ['user (is|) unknown', 'user is unknown', true],
    ['user … unknown', 'user jane of this host is unknown', true],
    ['user … unknown', 'user one two three four five six seven unknown', false],
    ['mail !(from|to) you', 'mail you', true],
    ['not accept mail !(from|for)', 'does not accept mail from you', false],
    ['not accept mail !(from|for)', 'does not accept mail', true],
    ['^ not found', '<jane@example.org> not found', true],
    ['^ not found', 'page not found', false],
    ['does not exist', "doesn't exist", true],
    ['can not', 'cannot', true],
    ['mailbox full', 'Mail box full', true],
    ['no existe', 'No éxiste', true],
    ['不 存 在', '邮箱不存在', true],
  ])('%j in %j: %j', (phrase, text, expected) => {
    expect(stands(phrase, text)).toBe(expected);
  });

  test.each(['… unknown', '(a|)', '!(a) b', '(a (b|c) d)'])('%j is refused', (phrase) => {
    expect(() => stands(phrase, 'a b c')).toThrow();
  });

  test('refuses an unknown condition', () => {
    expect(() => compileRules([['r', 'network', 'unknown', ['colour=red'], ['a']]])).toThrow('colour');
  });
});
