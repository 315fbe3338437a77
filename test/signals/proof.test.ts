// What is known about a mailbox decides the verdict in its place of the order.

import { describe, expect, test } from 'vitest';
import type { MailboxProof } from '../../src/address/mailbox-proof.ts';
import type { AddressEvidence } from '../../src/signals/evidence.ts';
import { judge } from '../../src/verdict/judge.ts';
import { sandboxEvidence } from '../../src/verdict/sandbox.ts';

const mailbox = {
  localPart: 'jane',
  domain: 'presend.test',
  address: 'jane@presend.test',
  smtputf8: false,
  quoted: false,
};
const verdict = (proof: MailboxProof | null, others: Partial<AddressEvidence> = {}) =>
  judge({ ...sandboxEvidence(mailbox.address, mailbox, null, null), ...others, proof }, 0);

describe('the proof of a mailbox', () => {
  test.each([
    ['unknown_user', 'mailbox_unknown', 'undeliverable', '5.1.1'],
    ['disabled', 'mailbox_disabled', 'undeliverable', '5.2.1'],
    ['full', 'mailbox_full', 'risky', '4.2.2'],
    ['catch_all', 'catch_all', 'risky', null],
    ['exists', 'no_known_obstacle', 'deliverable', null],
  ] as const)('%s: %s, %s', (kind, reason, result, status) => {
    expect(verdict({ kind })).toMatchObject({ reason, result, bounce: { status } });
  });

  test.each<[MailboxProof | null]>([
    [null],
    [{ kind: 'refused_us', cause: 'blocked_reputation' }],
    [{ kind: 'undetermined', cause: 'greylisted' }],
    [{ kind: 'not_checked', cause: 'provider' }],
  ])('%o changes nothing', (proof) => {
    expect(verdict(proof)).toMatchObject({ reason: 'no_known_obstacle', result: 'deliverable' });
  });

  test('the suppression list comes first, and a catch-all after a role account', () => {
    const bounced = { kind: 'suppressed', bounced: true, status: '5.1.1' } as const;
    expect(verdict({ kind: 'unknown_user' }, { suppression: bounced }).reason).toBe('suppressed');
    expect(verdict({ kind: 'catch_all' }, { role: true }).signals).toEqual(['role_account', 'catch_all']);
  });
});
