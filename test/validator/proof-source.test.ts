// What is known about mailboxes reaches the verdict, and a failure of storage changes none.

import { expect, test } from 'vitest';
import type { KnownProof } from '../../src/address/mailbox-proof.ts';
import type { KnownProofs } from '../../src/mailbox/known-proofs.ts';
import { proofSource } from '../../src/validator/proof-source.ts';
import { validatorOver } from '../../src/validator/validate.ts';

const exchanges = [{ preference: 10, host: 'mx.example.net' }];

function validatorWith(find: KnownProofs['find']) {
  const failures: unknown[] = [];
  const validator = validatorOver({
    mailHosts: { lookup: () => ({ mailHost: { kind: 'mx', exchanges }, expires: Number.POSITIVE_INFINITY }) },
    suppressions: null,
    now: () => 0,
    timeoutMs: 1000,
    batchTimeoutMs: 1000,
    sources: [proofSource({ find }, 50, (error) => failures.push(error))],
  });
  return { validator, failures };
}

const smtp = (kind: 'unknown_user' | 'exists'): KnownProof => ({
  proof: { kind },
  basis: 'smtp',
  checkedAt: 0,
});

test('each address gets what is known about it, and each is looked up once', async () => {
  const asked: string[][] = [];
  const { validator } = validatorWith(async (mailboxes) => {
    asked.push(mailboxes.map(({ address }) => address));
    return mailboxes.map(({ address }) =>
      address.startsWith('dead') ? smtp('unknown_user') : address.startsWith('jane') ? smtp('exists') : null,
    );
  });
  const emails = ['dead', 'jane', 'kim', 'dead'].map((name) => `${name}@brisk-otter.com`);
  const all = [...emails, 'suppressed@presend.test', 'no address'];
  const { verdicts } = await validator.validateBatch(all.map((email) => ({ email })));
  expect(verdicts.map(({ reason }) => reason)).toEqual([
    ...['mailbox_unknown', 'no_known_obstacle', 'no_known_obstacle', 'mailbox_unknown'],
    ...['suppressed', 'syntax_error'],
  ]);
  expect(asked).toEqual([emails.slice(0, 3)]);
});

test.each([
  ['fails', () => Promise.reject(new Error('disk full'))],
  ['never answers', () => new Promise<never>(() => {})],
])('storage that %s changes no verdict', async (_, find) => {
  const { validator, failures } = validatorWith(find);
  const verdict = await validator.validate({ email: 'dead@brisk-otter.com' });
  expect(verdict.reason).toBe('no_known_obstacle');
  expect(failures).toHaveLength(1);
});
