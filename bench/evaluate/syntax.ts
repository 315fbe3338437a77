// Compares the address parser with known addresses. The file is NDJSON of `{"address", "valid"}`; `valid` is by RFC
// 5321 and RFC 6531.

import { readFileSync } from 'node:fs';
import { parseMailbox } from '../../src/address/parse.ts';

/** A case is accepted if the address can be parsed. The verdict on it does not matter here. */
export async function evaluate(file: string, _options: { legitimate?: string }) {
  const cases = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as { address: string; valid: boolean });
  const misses: string[] = [];
  let rejectsValid = 0;
  let acceptsInvalid = 0;
  for (const { address, valid } of cases) {
    const parsed = parseMailbox(address);
    if (parsed.ok === valid) continue;
    if (valid) rejectsValid++;
    else acceptsInvalid++;
    const outcome = parsed.ok ? 'accepts invalid' : `rejects valid: ${parsed.failure.code}`;
    misses.push(`${outcome.padEnd(40)} ${JSON.stringify(address)}`);
  }
  return {
    misses,
    summary: {
      cases: cases.length,
      agree: cases.length - misses.length,
      rejects_valid: rejectsValid,
      accepts_invalid: acceptsInvalid,
    },
  };
}
