// Reading a batch: what it keeps of the texts of its requests.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { readBatch } from '../../src/validator/batch.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('a domain to look up does not keep the text from which its address was cut', () => {
  const pieces = 100;
  const pieceBytes = 1_000_000;
  const addressIn = (number: number): string => {
    const address = `jane.doe@company-number-${number}.example`;
    const piece = Buffer.alloc(pieceBytes, `${address},`).toString('latin1');
    return piece.slice(0, address.length);
  };
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const kept = Array.from({ length: pieces }, (_, number) =>
    [...readBatch([{ email: addressIn(number) }], () => [undefined]).pending.values()].map(
      ({ name }) => name,
    ),
  );
  collectGarbage();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan((pieces * pieceBytes) / 10);
  expect(kept.flat()).toHaveLength(pieces);
  expect(kept[7]).toEqual(['company-number-7.example']);
});
