// The failures of one class → their most common cause, and what to do about it.

import { describe, expect, test } from 'vitest';
import type { BounceReason } from '../../src/bounce/bounce.ts';
import { commonCause } from '../../src/reports/advice.ts';
import type { Cause } from '../../src/reports/count.ts';

const cause = (messages: number, reason: BounceReason, status: string | null = null): Cause => ({
  failure: 'policy',
  reason,
  status,
  messages,
});

const of = (...causes: Cause[]) => commonCause(causes, 'policy');

describe('the reason', () => {
  test('is the one of most messages, over all statuses', () => {
    const causes = [
      cause(4, 'policy_refused', '5.7.1'),
      cause(3, 'authentication_failed', '5.7.23'),
      cause(3, 'authentication_failed', '5.7.26'),
    ];
    expect(of(...causes).reason).toBe('authentication_failed');
    expect(of(...causes.toReversed()).reason).toBe('authentication_failed');
  });

  test('comes from failures of the class alone', () => {
    const hard = { ...cause(9, 'mailbox_unknown', '5.1.1'), failure: 'hard' } as const;
    expect(of(hard, cause(1, 'spam_content'))).toMatchObject({ reason: 'spam_content', status: null });
    expect(of(hard).reason).toBe('unknown');
  });
});

describe('the status', () => {
  test.each<[string, Cause[], string | null]>([
    [
      'of more than half of the messages',
      [cause(2, 'spam_content', '5.7.1'), cause(1, 'spam_content')],
      '5.7.1',
    ],
    ['of half of the messages is none', [cause(1, 'spam_content', '5.7.1'), cause(1, 'spam_content')], null],
    [
      'has x in its last part if only the first two agree',
      [cause(1, 'spam_content', '5.7.1'), cause(1, 'spam_content', '5.7.26')],
      '5.7.x',
    ],
    ['is none where no failure has one', [cause(9, 'spam_content')], null],
  ])('%s', (_, causes, status) => {
    expect(of(...causes).status).toBe(status);
  });
});

describe('the advice', () => {
  test('is the one of the most common status of that reason', () => {
    const { advice } = of(
      cause(3, 'authentication_failed', '5.7.26'),
      cause(4, 'authentication_failed', '5.7.23'),
      cause(6, 'policy_refused', '5.7.1'),
    );
    expect(advice).toContain('Fix your SPF: the SPF record of the sender domain');
  });

  test('is the one of the reason if there is no status, or if its status has another reason', () => {
    const general = 'The message failed authentication: check your SPF, DKIM and DMARC settings.';
    expect(of(cause(1, 'authentication_failed')).advice).toBe(general);
    expect(of(cause(1, 'authentication_failed', '5.7.25')).advice).toBe(general);
    expect(of(cause(1, 'authentication_failed', '5.7.999')).advice).toBe(general);
  });
});
