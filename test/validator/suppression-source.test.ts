// The suppression list as a source of evidence: whom it is asked about, and what its answer means.

import { describe, expect, test } from 'vitest';
import type { SuppressionMatch, Suppressions } from '../../src/suppression/suppressions.ts';
import { readBatch } from '../../src/validator/batch.ts';
import type { BatchFinding } from '../../src/validator/evidence-source.ts';
import { suppressionSource } from '../../src/validator/suppression-source.ts';

const batchOf = (...emails: string[]) =>
  readBatch(
    emails.map((email) => ({ email })),
    (names) => names.map(() => undefined),
  );

const bounced: SuppressionMatch = {
  scope: 'all',
  reason: 'bounce',
  status: '5.1.1',
  source: null,
  since: 0,
  effect: 'block',
};

/** What the source finds about `emails` if the list answers with `find`. */
function findingOf(find: Suppressions['find'], ...emails: string[]) {
  const failures: unknown[] = [];
  const source = suppressionSource({ find }, 1, (error) => failures.push(error));
  return { finding: source.gather(batchOf(...emails), 0), failures };
}

const about = (finding: BatchFinding, address: string) => finding.ofAddress?.(address) ?? null;

describe('the list is asked', () => {
  const askedFor = (...emails: string[]) => {
    const asked: (readonly string[])[] = [];
    findingOf(
      (addresses) => {
        asked.push(addresses);
        return addresses.map(() => null);
      },
      ...emails,
    );
    return asked;
  };

  test('once for each address', () => {
    expect(askedFor('jane@brisk-otter.com', 'bob@brisk-otter.com', 'jane@BRISK-OTTER.com')).toEqual([
      ['jane@brisk-otter.com', 'bob@brisk-otter.com'],
    ]);
  });

  test('about addresses only: not about the sandbox, not about texts that are not addresses', () => {
    expect(askedFor('jane@presend.test', 'jane', 'jane@brisk-otter.com')).toEqual([['jane@brisk-otter.com']]);
    expect(askedFor('jane@presend.test', 'jane')).toEqual([]);
  });
});

describe('an entry', () => {
  test('is about its own address', () => {
    const { finding } = findingOf(
      (addresses) => addresses.map((address) => (address.startsWith('jane') ? bounced : null)),
      'bob@brisk-otter.com',
      'jane@brisk-otter.com',
    );
    expect(about(finding as BatchFinding, 'bob@brisk-otter.com')).toBeNull();
    expect(about(finding as BatchFinding, 'jane@brisk-otter.com')).toMatchObject({
      suppression: { kind: 'suppressed', bounced: true, status: '5.1.1' },
    });
  });

  test.each<[string, Partial<SuppressionMatch>, object]>([
    ['for a bounce', {}, { kind: 'suppressed', bounced: true, status: '5.1.1' }],
    [
      'for an unsubscribe',
      { reason: 'unsubscribe', status: null },
      { kind: 'suppressed', bounced: false, status: null },
    ],
    [
      'that a confirmation lifts',
      { effect: 'confirm' },
      { kind: 'suppressed', bounced: true, status: '5.1.1', mayConfirm: true },
    ],
    ['about other mail', { effect: 'inform' }, { kind: 'clear' }],
  ])('%s', (_, entry, suppression) => {
    const { finding } = findingOf(() => [{ ...bounced, ...entry }], 'jane@brisk-otter.com');
    const { source, ...shown } = { ...bounced, ...entry };
    expect(about(finding as BatchFinding, 'jane@brisk-otter.com')).toEqual({
      suppression: { ...suppression, entry: shown },
    });
  });
});

describe('a list that does not answer', () => {
  const error = new Error('disk full');
  const undetermined = { suppression: { kind: 'undetermined' } };

  test('by throwing leaves its addresses undetermined, and the failure is reported', () => {
    const { finding, failures } = findingOf(() => {
      throw error;
    }, 'jane@brisk-otter.com');
    expect(about(finding as BatchFinding, 'jane@brisk-otter.com')).toEqual(undetermined);
    expect(failures).toEqual([error]);
  });

  test('by rejecting', async () => {
    const { finding, failures } = findingOf(() => Promise.reject(error), 'jane@brisk-otter.com');
    expect(about(await finding, 'jane@brisk-otter.com')).toEqual(undetermined);
    expect(failures).toEqual([error]);
  });

  test('by being late', async () => {
    const { finding, failures } = findingOf(() => new Promise(() => {}), 'jane@brisk-otter.com');
    expect(about(await finding, 'jane@brisk-otter.com')).toEqual(undetermined);
    expect(failures).toHaveLength(1);
  });

  test('a list that answers later counts', async () => {
    const { finding, failures } = findingOf(async () => [bounced], 'jane@brisk-otter.com');
    expect(about(await finding, 'jane@brisk-otter.com')).toMatchObject({
      suppression: { kind: 'suppressed' },
    });
    expect(failures).toEqual([]);
  });
});
