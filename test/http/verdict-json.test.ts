// The text of an answer is the JSON of the response, whatever was asked and whatever was found.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verdictJson, withField } from '../../src/http/verdict-json.ts';
import { toResponse } from '../../src/verdict/response.ts';
import type { Verdict } from '../../src/verdict/verdict.ts';

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme-ascii' }));
const textOrNull = fc.option(text);
const probability = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
  fc.constantFrom(0, 1, 0.02, 1e-7),
);
const time = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });

const found = fc.record({
  scope: fc.oneof(fc.constant('all'), text),
  reason: fc.constantFrom('bounce' as const, 'unsubscribe' as const),
  effect: fc.constantFrom('block' as const, 'inform' as const),
  status: textOrNull,
  since: time,
});

const bare = fc.record({
  email: text,
  normalized: textOrNull,
  user: textOrNull,
  domain: textOrNull,
  result: fc.constantFrom('deliverable' as const, 'unknown' as const),
  reason: fc.constantFrom('suppressed' as const, 'null_mx' as const),
  signals: fc.array(fc.constantFrom('role_account' as const, 'implicit_mx' as const)),
  message: text,
  syntax: fc.option(
    fc.record({ code: fc.constant('no_at_sign' as const), position: fc.nat(), message: text }),
  ),
  didYouMean: textOrNull,
  action: fc.constantFrom('accept' as const, 'retry' as const),
  bounce: fc.record({
    class: fc.option(fc.constantFrom('hard' as const, 'soft' as const)),
    status: fc.option(fc.constant('5.1.1')),
    probability,
    low: probability,
    high: probability,
    basis: fc.constantFrom('prior' as const, 'observed' as const),
    sample: fc.nat(),
  }),
  mailHost: fc.oneof(
    fc.constant({ kind: 'null_mx' as const }),
    fc.record({
      kind: fc.constant('mx' as const),
      exchanges: fc.array(fc.record({ preference: fc.nat(), host: text })),
    }),
  ),
  provider: textOrNull,
  disposable: fc.boolean(),
  relay: fc.boolean(),
  role: fc.boolean(),
  free: fc.boolean(),
  plusTag: textOrNull,
  smtputf8: fc.boolean(),
  checkedAt: time,
  expiresAt: time,
});

const verdict: fc.Arbitrary<Verdict> = fc
  .tuple(bare, fc.option(text), fc.option(text), fc.option(found))
  .map(([one, sendTo, gateway, suppression]) => ({
    ...one,
    ...(sendTo !== null && { sendTo }),
    ...(gateway !== null && { gateway }),
    ...(suppression && { suppression }),
  }));

test('a verdict as text', () => {
  fc.assert(
    fc.property(verdict, fc.nat(), (one, took) => {
      expect(verdictJson(one, took)).toBe(JSON.stringify(toResponse(one, took)));
      // What is written once is the same the second time.
      expect(verdictJson(one, took)).toBe(JSON.stringify(toResponse(one, took)));
    }),
  );
});

test('a verdict with a token', () => {
  fc.assert(
    fc.property(verdict, text, (one, token) => {
      expect(withField(verdictJson(one, 0), 'token', token)).toBe(
        JSON.stringify({ ...toResponse(one, 0), token }),
      );
    }),
  );
});
