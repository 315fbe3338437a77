// When and how often to try again, and what a reply asks of other mail to its provider.

import { describe, expect, test } from 'vitest';
import { classifyReply } from '../../src/bounce/classify.ts';
import { namedRate, replyPace } from '../../src/bounce/reply-limit.ts';
import { fullMailboxTries, retryAdvice } from '../../src/bounce/retry-advice.ts';

const hour = 3600;
const advice = (reply: string, provider: string | null = null, presetHours: number | null = null) =>
  retryAdvice({ ...classifyReply(reply), reply, provider }, presetHours);
const pace = (reply: string, provider = 'gmail') => replyPace({ ...classifyReply(reply), reply, provider });

const yahoo = '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints';

describe('the next try', () => {
  test.each([
    ['the reply names it', '450 4.7.1 Greylisted, try again in 120 seconds', null, 120, 'reply'],
    [
      'a reply asks for too long a time',
      '421 4.7.0 Rate limited, try again in 30 days',
      null,
      120 * hour,
      'reply_cut',
    ],
    ['the provider says it elsewhere', yahoo, 'yahoo', 4 * hour, 'provider'],
    ['greylisting', '450 4.7.1 Greylisted', null, 300, 'reason'],
    ['full', '452 4.2.2 Mailbox full', null, 24 * hour, 'reason'],
    ['down', '421 4.3.2 System not accepting network messages', null, 1800, 'reason'],
    ['too many connections', '421 4.7.0 Too many connections', null, 900, 'provider'],
    ['a temporary block', '421 4.7.1 Your IP is on a blocklist', null, hour, 'reason'],
  ] as const)('%s', (_, reply, provider, after, basis) => {
    expect(advice(reply, provider)).toMatchObject({ after, basis });
  });

  test('the rule of one provider does not hold for another', () => {
    expect(advice(yahoo, 'gmail')).toMatchObject({ basis: 'reason' });
    // For a domain that tells no provider, the words tell it.
    expect(advice(yahoo, null)).toMatchObject({ basis: 'provider' });
  });

  test.each([
    '550 5.1.1 User unknown',
    '550 5.7.1 Message refused by policy',
    '554 5.7.1 Your IP is on a blocklist. Try again in 300 seconds',
    '250 2.0.0 OK',
  ])('no retry: %s', (reply) => expect(advice(reply)).toBeNull());

  test('a message that is too large stays too large', () => {
    expect(advice('552 5.3.4 Message too big, try again in 300 seconds')).toEqual({
      ...{ after: null, retries: 0, within: null, basis: 'reason' },
    });
  });

  test('two or three tries over one to three days, and no longer than the provider tries', () => {
    expect(advice('421 4.3.2 Try later')).toMatchObject({ retries: 3, within: 72 * hour });
    expect(advice('421 4.3.2 Try later', null, 8)).toMatchObject({ retries: 3, within: 8 * hour });
    // After four hours, only one more wait fits into eight.
    expect(advice(yahoo, 'yahoo', 8)).toMatchObject({ retries: 1, within: 8 * hour });
    // A full mailbox is tried over days, with further messages.
    expect(advice('452 4.2.2 Mailbox full', null, 8)).toMatchObject({ retries: 2, within: 72 * hour });
    expect(fullMailboxTries()).toEqual({ tries: 3, seconds: 72 * hour });
  });
});

describe('other mail to the provider', () => {
  test('a refusal of the sender that names a time suspends it', () => {
    expect(pace('421 4.7.28 Rate limited, try again in 300 seconds')).toEqual({
      kind: 'suspend',
      seconds: 300,
    });
    expect(pace('421 4.7.0 Too many connections, retry in 10 minutes')).toEqual({
      kind: 'suspend',
      seconds: 600,
    });
    expect(pace('421 4.7.0 Rate limited, try again in 5 days')).toEqual({
      kind: 'suspend',
      seconds: 12 * hour,
    });
    expect(pace('421 Service refuse. Veuillez essayer plus tard. OFR_999', 'orange_fr')).toEqual({
      ...{ kind: 'suspend', seconds: 4 * hour },
    });
  });

  test('one that names no time slows it', () => {
    const slow = (seconds: number, perHour: number | null = null) => ({ kind: 'slow', seconds, perHour });
    expect(pace('421 4.7.0 Try again later, closing connection')).toEqual(slow(900));
    expect(pace('421-4.7.28 Our system has detected an unusual rate of unsolicited mail')).toEqual(
      slow(hour),
    );
    expect(pace(yahoo, 'yahoo')).toEqual(slow(hour));
    expect(pace('450 4.7.0 Rate limit of 100 messages per hour exceeded')).toEqual(slow(hour, 100));
    expect(pace('450 4.7.0 Limit is 5/minute, slow down and retry in 5 minutes')).toEqual(slow(300, 300));
  });

  test.each([
    ['greylisting is about one recipient', '450 4.7.1 Greylisted, try again in 300 seconds'],
    ['so is a full mailbox', '452 4.2.2 Mailbox full, try again in 1 hour'],
    [
      'so is the rate of a mailbox',
      '450 4.2.1 The user is receiving mail at a rate that prevents additional messages',
    ],
    ['a server that is down says nothing about the sender', '451 4.3.0 Down, try again in 5 minutes'],
    ['a permanent refusal names no pace', '550 5.7.1 Blocked by our blocklist, try again in 1 hour'],
    [
      'broken authentication is not mended by waiting',
      '421 4.7.26 Unauthenticated mail, try again in 1 hour',
    ],
    ['a dead mailbox', '550 5.1.1 User unknown'],
  ])('%s', (_, reply) => expect(pace(reply)).toBeNull());
});

test.each([
  ['limit of 100 messages per hour', 100],
  ['500 mails/day', 20],
  ['10 per day', 1],
  ['1,200 messages an hour', 1200],
  ['sent 900 per hour, the limit is 300 per hour', 300],
  ['20 connections per minute', null],
  ['4.7.28 per hour', null],
  ['0 per hour', null],
  ['421 4.7.0 try again', null],
])('the rate of "%s" is %s', (reply, perHour) => expect(namedRate(reply)).toBe(perHour));
