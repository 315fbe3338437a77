// Octets from the network: whatever they are, they are an answer to the question asked, or a failure.

import { encode } from '@leichtgewicht/dns-packet';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeAnswer, encodeQuery, isAskable } from '../../src/dns/wire.ts';
import { createResponder } from './zone.ts';

const question = { name: 'one.example', type: 'MX' } as const;
const query = encodeQuery(question);
const respond = createResponder({
  'one.example': { MX: [[5, 'mx.one.example']] },
  'two.example': { MX: [[5, 'mx.two.example']], A: ['198.41.0.4'] },
});
const good = respond(query)!.body;

test('a query is id 0, one question, recursion desired, and EDNS', () => {
  expect([...query.subarray(0, 12)]).toEqual([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
  expect(query).toHaveLength(12 + 17 + 11);
});

test('arbitrary octets are a failure', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (octets) => {
      expect(decodeAnswer(octets, query, question)).toMatchObject({ kind: 'failure' });
    }),
  );
});

test('arbitrary octets behind a header and the right question never throw', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
      (tail, head) => {
        const message = new Uint8Array([
          0,
          0,
          0x81,
          head[1]! & 3,
          0,
          1,
          0,
          head[3]! & 7,
          0,
          head[5]! & 7,
          0,
          0,
        ]);
        const octets = new Uint8Array([...message, ...query.subarray(12, 29), ...tail]);
        expect(decodeAnswer(octets, query, question)).toHaveProperty('kind');
      },
    ),
    { numRuns: 1000 },
  );
});

test('an answer cut short anywhere is a failure', () => {
  for (let length = 0; length < good.length; length++)
    expect(decodeAnswer(good.subarray(0, length), query, question)).toMatchObject({ kind: 'failure' });
});

test('an address cut short is no address', () => {
  const asked = { name: 'two.example', type: 'A' } as const;
  const body = respond(encodeQuery(asked))!.body;
  for (let cut = 1; cut <= 4; cut++)
    expect(decodeAnswer(body.subarray(0, -cut), encodeQuery(asked), asked)).toMatchObject({
      kind: 'failure',
    });
});

test('the answer to any other question is a failure', () => {
  const name = fc.stringMatching(/^[a-z0-9-]{1,20}(\.[a-z0-9-]{1,20}){0,3}$/);
  fc.assert(
    fc.property(name, fc.constantFrom('MX', 'A', 'AAAA', 'TXT'), (other, type) => {
      fc.pre(other !== question.name || type !== question.type);
      const message = encode({
        type: 'response',
        flags: 3,
        questions: [{ name: other, type: type as 'MX', class: 'IN' }],
      });
      expect(decodeAnswer(message, query, question)).toMatchObject({ kind: 'failure' });
    }),
  );
});

test('records of another name or class in the right answer are not taken for an answer', () => {
  const message = encode({
    type: 'response',
    questions: [{ ...question, class: 'IN' }],
    answers: [
      { name: 'two.example', type: 'MX', data: { preference: 1, exchange: 'mx.two.example' } },
      { name: 'one.example', type: 'MX', class: 'CH', data: { preference: 1, exchange: 'mx.two.example' } },
    ],
  });
  expect(decodeAnswer(message, query, question)).toEqual({ kind: 'failure', cause: 'bad_response' });
});

test('a question that comes back in other letters is the same question', () => {
  const message = encode({ type: 'response', flags: 3, questions: [{ name: 'ONE.exaMPle', type: 'MX' }] });
  expect(decodeAnswer(message, query, question)).toEqual({ kind: 'nxdomain' });
});

test('records of the name with NXDOMAIN contradict themselves', () => {
  const message = new Uint8Array(good);
  message[3]! |= 3;
  expect(decodeAnswer(message, query, question)).toEqual({ kind: 'failure', cause: 'bad_response' });
});

test('a TTL with its top bit set is zero', () => {
  const message = encode({
    type: 'response',
    questions: [{ ...question, class: 'IN' }],
    answers: [
      { name: 'one.example', type: 'MX', ttl: 0x8000_0001, data: { preference: 1, exchange: 'mx.example' } },
    ],
  });
  expect(decodeAnswer(message, query, question)).toMatchObject({ kind: 'mx', ttl: 0 });
});

test('names that can stand in a query', () => {
  for (const name of [
    'one.example',
    'a',
    '_dmarc.one.example',
    'xn--bcher-kva.example',
    `${'a'.repeat(63)}.example`,
  ])
    expect(isAskable(name)).toBe(true);
  for (const name of [
    '',
    '.',
    'one.example.',
    '.one',
    'a b.example',
    'bücher.example',
    `${'a'.repeat(64)}.example`,
  ])
    expect(isAskable(name)).toBe(false);
});
