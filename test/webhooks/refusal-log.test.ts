// The log of refused webhooks.

import { expect, test } from 'vitest';
import { createRefusalLog, type RefusalLine } from '../../src/webhooks/refusal-log.ts';

function logAt() {
  const lines: RefusalLine[] = [];
  let now = 0;
  const log = createRefusalLog(
    (line) => lines.push(line),
    () => now,
  );
  return { lines, log, wait: (ms: number) => (now += ms) };
}

test('the first refusal is logged at once, and the others of the minute with the next line', () => {
  const { lines, log, wait } = logAt();
  for (let i = 0; i < 5; i++) log('resend', 'signature_wrong');
  expect(lines).toEqual([{ hook: 'resend', why: 'signature_wrong', refusals: 1 }]);
  wait(59_999);
  log('resend', 'signature_wrong');
  expect(lines).toHaveLength(1);
  wait(1);
  log('resend', 'signature_wrong');
  expect(lines[1]).toEqual({ hook: 'resend', why: 'signature_wrong', refusals: 6 });
});

test('another hook and another cause have lines of their own', () => {
  const { lines, log } = logAt();
  log('resend', 'signature_wrong');
  log('resend', 'signature_missing');
  log('postmark', 'signature_wrong');
  expect(lines).toHaveLength(3);
});
