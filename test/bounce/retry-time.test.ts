// Given a reply, the time after which it asks to try again, or none.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { longestRetrySeconds, retryTime } from '../../src/bounce/retry-time.ts';

const hour = 3600;
const day = 24 * hour;

describe('the time that a reply names', () => {
  test.each([
    ['450 4.7.1 try again in 300 seconds', 300],
    ['421 4.7.0 Please retry in 5 minutes', 300],
    ['421 4.7.28 192.0.2.7 rate limited, try again in 600 s', 600],
    ['421 Try again after 15mins', 900],
    ['451 retry in 4m59s', 299],
    ['450 try again in 1.5 hours', 1.5 * hour],
    ['450 try again in 1,000 seconds', 1000],
    ['450 retry after 1 hour and 30 minutes', 1.5 * hour],
    [
      '450 4.3.2 Too many mails, try again in 1 hour(s) 25 minute(s) and see ( http://portal.example/rules )',
      5100,
    ],
    ['450 try again in half an hour', 1800],
    ['450 Greylisted: retry in five minutes', 300],
    ['450-4.7.1 Please try again\r\n450 4.7.1 in 300 seconds', 300],
    ['450 4.3.2 Please try again later, after 20 minutes', 1200],
    ['421 too many messages: in 10 minutes, please try again', 600],
    ['450 4.7.1 you must wait 58 seconds', 58],
    ['450 4.7.1 wait at least 10 min before retrying', 600],
    ['450 Do not retry for 24 hours', day],
    ['421 Your IP is blocked for 1 hour', hour],
  ])('%s', (reply, seconds) => {
    expect(retryTime(reply)).toEqual({ seconds, isCut: false });
  });

  test.each([
    ['451 4.7.1 Greylisting in action, please come back in 00:05:00', 300],
    ['450 4.2.0 <jane@example.org>: Recipient address rejected: Greylisted for 300 seconds', 300],
    ['450 Greylisted (300 seconds left)', 300],
    ['450 4.7.1 greylisted, try after 5 minutes', 300],
  ])('greylisting: %s', (reply, seconds) => {
    expect(retryTime(reply)?.seconds).toBe(seconds);
  });

  test.each([
    ['450 Bitte versuchen Sie es in 5 Minuten erneut', 300],
    ['451 Réessayez dans 10 minutes', 600],
    ['450 Veuillez patienter 5 minutes avant de réessayer', 300],
    ['450 Inténtelo de nuevo en 5 minutos', 300],
    ['450 riprova tra 5 minuti', 300],
    ['450 tente novamente em 5 minutos', 300],
    ['450 probeer het over 5 minuten opnieuw', 300],
    ['450 Spróbuj ponownie za 5 minut', 300],
    ['450 försök igen om 5 minuter', 300],
    ['450 Повторите попытку через 5 минут', 300],
    ['451 请在5分钟后重试', 300],
    ['450 请等待30秒', 30],
    ['450 5分後に再送してください', 300],
  ])('other languages: %s', (reply, seconds) => {
    expect(retryTime(reply)?.seconds).toBe(seconds);
  });

  test.each([
    ['421 4.7.0 Retry-After: 120', 120],
    ['421 4.7.0 retry_after=120', 120],
    ['450 retry in PT10M', 600],
  ])('forms of RFC 9110 and ISO 8601: %s', (reply, seconds) => {
    expect(retryTime(reply)?.seconds).toBe(seconds);
  });

  test('of a range and of several times the longest', () => {
    expect(retryTime('450 retry in 5-10 minutes')?.seconds).toBe(600);
    expect(retryTime('450 retry in 5 to 10 minutes')?.seconds).toBe(600);
    expect(retryTime('450 Greylisted for 300 seconds. Try again in 10 minutes')?.seconds).toBe(600);
  });
});

describe('no time', () => {
  test.each([
    '421 4.7.0 try again later',
    '450 4.7.28 rate limited',
    '450 4.2.1 try again 4.7.28',
    '450 try again in 4.7.28 minutes',
    '421 192.0.2.7 try again',
    '450 try again in 192.0.2.7 seconds',
    '450 try again in -300 seconds',
    '450 wait-300',
    '450 retry 5m3kx',
    '450 try again in 12:30:00',
    '450 Greylisted, see http://x.example/retry-in-300-seconds',
    // Rates and limits.
    '450 100 messages in 60 minutes exceeded',
    '450 Too many messages in 60 minutes, please try again later',
    '450 limit of 300 per 60 seconds. Please try again',
    '450 You have exceeded 5 retries in 10 minutes',
    // How long somebody tried, waited or will try.
    '450 retry for the next 5 days',
    '450 will keep trying for 5 days',
    '451 message delayed for 4 hours',
    '421 connection timed out after 60 seconds; try again later',
    '450 4.4.2 no response in 5 minutes, will retry',
    '450 blocked 5 minutes ago',
    '450 retry within 5 minutes',
    'Could not deliver for the last 432000 seconds. Giving up.',
    '550 5.1.1 User unknown',
    '',
  ])('%s', (reply) => {
    expect(retryTime(reply)).toBeNull();
  });
});

test('times that no sender can keep are cut, and the answer says so', () => {
  expect(retryTime('450 try again in 0 seconds')).toEqual({ seconds: 1, isCut: true });
  expect(retryTime('450 try again in 2 weeks')).toEqual({ seconds: longestRetrySeconds, isCut: true });
  const huge = `450 try again in ${'9'.repeat(400)} seconds`;
  expect(retryTime(huge)).toEqual({ seconds: longestRetrySeconds, isCut: true });
  expect(retryTime('450 try again in 5 days')).toEqual({ seconds: 5 * day, isCut: false });
});

const units = [
  ['seconds', 1],
  ['min', 60],
  ['hours', hour],
  ['Minuten', 60],
] as const;

test('any number and unit after "try again in" is read, whatever text is around it', () => {
  const around = fc.string({ maxLength: 40 }).map((text) => text.replace(/[\d<@]/g, '').trim());
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 120 }),
      fc.constantFrom(...units),
      around,
      (number, [unit, seconds], before) => {
        const read = retryTime(`450 4.7.1 ${before}. Try again in ${number} ${unit}. Bye`);
        expect(read).toEqual({ seconds: Math.min(number * seconds, longestRetrySeconds), isCut: false });
      },
    ),
  );
});

test('any text has a time within the limits or none, and nothing throws', () => {
  const piece = fc.constantFrom(
    ...'try again|in|retry|after|wait|for|5|300|-1|1e9|4.7.28|192.0.2.7|seconds|minutes|m|s|h|half|an|hour|and|to|:|=|-|.|,|(|)|\n|Retry-After|00:05:00|greylisted|ago|left|分|後|再|<|@|https://'.split(
      '|',
    ),
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(' ')),
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, (reply) => {
      const found = retryTime(reply);
      if (found === null) return;
      expect(Number.isInteger(found.seconds)).toBe(true);
      expect(found.seconds).toBeGreaterThanOrEqual(1);
      expect(found.seconds).toBeLessThanOrEqual(longestRetrySeconds);
    }),
    { numRuns: 2000 },
  );
});

test('a status or an IP address after the words is never a time', () => {
  const part = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 3, maxLength: 4 }),
      fc.constantFrom(...units),
      (parts, [unit]) => {
        expect(retryTime(`450 try again in ${parts.join('.')} ${unit}`)).toBeNull();
      },
    ),
  );
});
