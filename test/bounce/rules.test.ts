// The rules of bounce-rules.txt: every sample above a rule comes out as that rule says.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { enhancedStatuses } from '../../data/packed/enhanced-status.ts';
import { classifyReply } from '../../src/bounce/classify.ts';
import { reasons } from '../../src/bounce/reasons.ts';

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
    const [rule = '', reason = ''] = line.split(' ');
    samples.push(...waiting.map((text) => ({ text, rule, reason })));
    waiting = [];
  }
}

test.each(samples)('$rule: $text', ({ text, reason }) => {
  expect(classifyReply(text).reason).toBe(reason);
});

test('every reason of a rule and of a status is known', () => {
  const named = [...source.matchAll(/^[a-z][a-z0-9-]+ ([a-z_]+)/gm)].map((match) => match[1]!);
  const known = Object.keys(reasons);
  expect(named.filter((reason) => !known.includes(reason))).toEqual([]);
  expect(enhancedStatuses.filter(([, , reason]) => !known.includes(reason))).toEqual([]);
});
