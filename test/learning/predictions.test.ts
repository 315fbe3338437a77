// What is stored of a verdict until its outcome is known.

import { describe, expect, test } from 'vitest';
import type { StoredPrediction } from '../../src/learning/learning-repository.ts';
import { createPredictions } from '../../src/learning/predictions.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { judgementOf, type Prediction, profileOf } from '../../src/verdict/judgement.ts';
import { evidence } from '../verdict/evidence.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const year = 365 * 86_400_000;

const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));

function prediction(
  localPart: string,
  { registrable = 'example.com', ...differences }: Partial<Prediction> & { registrable?: string } = {},
): Prediction {
  const judgement = judgementOf(profileOf(evidence({ domain: { registrable } })), false, null);
  const address = `${localPart}@${registrable}`;
  return {
    mailbox: { localPart, domain: registrable, address, smtputf8: false, quoted: false },
    judgement,
    bounce: judgement.bounce,
    judgedAt: noon,
    source: null,
    lastVerifiedAt: null,
    ...differences,
  };
}

/** A queue that stores into `statements`. */
function start() {
  const statements: (readonly StoredPrediction[])[] = [];
  const failures: unknown[] = [];
  let isBroken = false;
  const predictions = createPredictions({
    repository: {
      async savePredictions(_, rows) {
        if (isBroken) throw new Error('disk error');
        statements.push(rows);
      },
    },
    hasher,
    onFailure: (error) => failures.push(error),
  });
  return { predictions, statements, failures, breaks: () => (isBroken = true) };
}

async function storedOf(given: Prediction): Promise<StoredPrediction> {
  const { predictions, statements } = start();
  predictions.keep([given]);
  await predictions.flush();
  return statements[0]![0]!;
}

describe('the prior that is stored', () => {
  const fresh = prediction('jane').judgement.row.prior.probability;

  test('grows with the age of the address', async () => {
    const { prior } = await storedOf(prediction('jane', { lastVerifiedAt: noon - 2 * year }));
    // 21% of business mailboxes die in a year.
    expect(prior).toBeCloseTo(1 - (1 - fresh) * (1 - 0.2107) ** 2, 3);
  });

  test('is the one of the signal if the age is unknown', async () => {
    expect((await storedOf(prediction('jane'))).prior).toBe(fresh);
  });

  test('is the one of the signal in the sandbox, whatever the age', async () => {
    const sandboxed = prediction('jane', { registrable: 'presend.test', lastVerifiedAt: noon - 2 * year });
    expect((await storedOf(sandboxed)).prior).toBe(fresh);
  });
});

describe('the queue', () => {
  const many = (count: number): Prediction[] =>
    Array.from({ length: count }, (_, index) => prediction(`a${index}`));

  test('is stored in statements of 500', async () => {
    const { predictions, statements } = start();
    predictions.keep(many(1001));
    await predictions.flush();
    expect(statements.map((rows) => rows.length)).toEqual([500, 500, 1]);
    await predictions.flush();
    expect(statements).toHaveLength(3);
  });

  test('is stored up to a number, in the order in which it came', async () => {
    const { predictions, statements } = start();
    predictions.keep(many(1000));
    await predictions.flush(700);
    expect(statements.map((rows) => rows.length)).toEqual([500, 200]);
    await predictions.flush();
    expect(new Set(statements.flat().map(({ addressHash }) => addressHash)).size).toBe(1000);
  });

  test('takes a new verdict on a waiting address even when it is full', async () => {
    const { predictions, statements } = start();
    predictions.keep(many(20_000));
    predictions.keep([
      prediction('beyond the room', { source: 'shop' }),
      prediction('a7', { source: 'shop' }),
    ]);
    await predictions.flush();
    const shop = statements.flat().filter(({ source }) => source !== '');
    const { addressHash } = await storedOf(prediction('a7'));
    expect(shop.map((row) => row.addressHash)).toEqual([addressHash]);
  });

  test('loses what could not be stored, tells so, and goes on', async () => {
    const { predictions, statements, failures, breaks } = start();
    predictions.keep(many(501));
    breaks();
    await predictions.flush();
    expect(failures).toEqual([new Error('disk error'), new Error('disk error')]);
    await predictions.flush();
    expect(failures).toHaveLength(2);
    expect(statements).toEqual([]);
  });
});
