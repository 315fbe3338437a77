// Octets from the network: whatever they are, they are an answer to the question asked, or a failure.

import { type Answer, encode, type Packet } from '@leichtgewicht/dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
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

test('a record of another type is not an answer, also next to an SOA', () => {
  const body = (authorities: Answer[]) =>
    encode({
      type: 'response',
      questions: [{ ...question, class: 'IN' }],
      answers: [{ name: 'one.example', type: 'A', data: '198.41.0.4' }],
      authorities,
    });
  expect(decodeAnswer(body([]), query, question)).toEqual({ kind: 'failure', cause: 'bad_response' });
});

describe('an extended DNS error (RFC 8914)', () => {
  /** The answer to `question` in which an OPT record has one extended error. */
  const answerWith = (infoCode: number, packet: Packet) => {
    const option = { code: 15, data: new Uint8Array(2) };
    const message = encode({
      type: 'response',
      questions: [{ ...question, class: 'IN' }],
      additionals: [{ name: '.', type: 'OPT', options: [option] } as unknown as Answer],
      ...packet,
    });
    // The encoder leaves the option's data out. It comes last.
    message[message.length - 1] = infoCode;
    return decodeAnswer(message, query, question);
  };
  const soa: Answer = {
    name: 'example',
    type: 'SOA',
    ttl: 60,
    data: { mname: 'ns.example', rname: 'hostmaster.example', minimum: 60 },
  };
  const nxdomain: Packet = { flags: 3 };
  const noData: Packet = { authorities: [soa] };
  const found: Packet = {
    answers: [{ name: 'one.example', type: 'MX', data: { preference: 5, exchange: 'mx.one.example' } }],
  };

  test.each([14, 18, 20, 22, 23])('%i proves no absence, and changes no other answer', (infoCode) => {
    expect(answerWith(infoCode, nxdomain)).toEqual({ kind: 'failure', cause: 'servfail' });
    expect(answerWith(infoCode, noData)).toEqual({ kind: 'failure', cause: 'servfail' });
    expect(answerWith(infoCode, found)).toMatchObject({ kind: 'mx' });
  });

  test.each([4, 15, 16, 17, 19])('%i makes every answer unusable', (infoCode) => {
    for (const packet of [nxdomain, noData, found])
      expect(answerWith(infoCode, packet)).toEqual({ kind: 'failure', cause: 'refused' });
  });

  test.each([0, 3, 24])('%i changes nothing', (infoCode) => {
    expect(answerWith(infoCode, nxdomain)).toMatchObject({ kind: 'nxdomain' });
    expect(answerWith(infoCode, noData)).toMatchObject({ kind: 'no_data' });
    expect(answerWith(infoCode, found)).toMatchObject({ kind: 'mx' });
  });
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
