// presend.test: an integrator reaches every branch of their own code without DNS and without storage.

import { expect, test } from 'vitest';
import type { Mailbox } from '../../src/address/mailbox.ts';
import { judge } from '../../src/verdict/judge.ts';
import { policy } from '../../src/verdict/policy.ts';
import { sandboxEvidence, sandboxOutcomes } from '../../src/verdict/sandbox.ts';

const mailbox = (localPart: string): Mailbox => ({
  localPart,
  domain: 'presend.test',
  address: `${localPart}@presend.test`,
  smtputf8: false,
  quoted: false,
});

const verdictOn = (localPart: string) =>
  judge(sandboxEvidence(`${localPart}@presend.test`, mailbox(localPart), null, null), 0);

test('every reason has an address named after it', () => {
  for (const { reason } of policy) expect(verdictOn(reason.replaceAll('_', '-')).reason).toBe(reason);
});

test('every documented address is decided by one signal alone, but for the misspelling that also does not exist', () => {
  for (const name of Object.keys(sandboxOutcomes))
    expect(verdictOn(name).signals).toHaveLength(name === 'domain-typo' ? 2 : 1);
});

test('a plus tag makes as many addresses as a test needs', () => {
  expect(verdictOn('null-mx+42').reason).toBe('null_mx');
});

test('any other name is deliverable, also one that JavaScript knows', () => {
  for (const name of ['jane', 'constructor', '__proto__']) expect(verdictOn(name).result).toBe('deliverable');
});
