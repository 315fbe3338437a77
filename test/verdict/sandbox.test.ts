// presend.test: an integrator reaches every branch of their own code without DNS and without storage.

import { expect, test } from 'vitest';
import type { Mailbox } from '../../src/address/mailbox.ts';
import { catalogue } from '../../src/signals/catalogue.ts';
import { judge } from '../../src/verdict/judge.ts';
import { policyRows } from '../../src/verdict/policy.ts';
import { sandboxEvidence } from '../../src/verdict/sandbox.ts';

const mailbox = (localPart: string): Mailbox => ({
  localPart,
  domain: 'presend.test',
  address: `${localPart}@presend.test`,
  smtputf8: false,
  quoted: false,
});

const verdictOn = (localPart: string) =>
  judge(sandboxEvidence(`${localPart}@presend.test`, mailbox(localPart), null, null), 0);

test('every reason has an address named after it, or `deliverable`', () => {
  for (const { reason } of policyRows) expect(verdictOn(reason.replaceAll('_', '-')).reason).toBe(reason);
});

test('every documented address is decided by one signal alone, but for the misspelling that also does not exist', () => {
  const mailboxes = catalogue.flatMap(({ about, outcomes }) =>
    about === 'syntax' ? [] : outcomes.map(({ sandbox }) => sandbox.mailbox),
  );
  for (const name of mailboxes) expect(verdictOn(name).signals).toHaveLength(name === 'domain-typo' ? 2 : 1);
});

test('a plus tag makes as many addresses as a test needs', () => {
  expect(verdictOn('null-mx+42').reason).toBe('null_mx');
});

test('any other name is deliverable, also one that JavaScript knows', () => {
  for (const name of ['jane', 'constructor', '__proto__']) expect(verdictOn(name).result).toBe('deliverable');
});
