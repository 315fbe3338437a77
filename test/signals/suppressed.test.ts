// A suppressed address has exactly one outcome, since every outcome that fires is reported.

import { expect, test } from 'vitest';
import type { SuppressionEvidence } from '../../src/signals/evidence.ts';
import { suppressed } from '../../src/signals/suppressed.ts';

const firing = (suppression: SuppressionEvidence): string[] =>
  suppressed.outcomes
    .filter(({ fires }) => fires({ role: false, suppression }))
    .map(({ result, action, bounce }) => `${result} ${action} ${bounce?.class ?? 'none'}`);

test.each([
  { bounced: true, mayConfirm: undefined, outcome: 'undeliverable reject hard' },
  { bounced: true, mayConfirm: false, outcome: 'undeliverable reject hard' },
  { bounced: true, mayConfirm: true, outcome: 'risky confirm none' },
  { bounced: false, mayConfirm: undefined, outcome: 'undeliverable reject none' },
  { bounced: false, mayConfirm: false, outcome: 'undeliverable reject none' },
  { bounced: false, mayConfirm: true, outcome: 'risky confirm none' },
])('bounced $bounced, may confirm $mayConfirm: $outcome', ({ bounced, mayConfirm, outcome }) => {
  const entry = { kind: 'suppressed', bounced, status: null } as const;
  expect(firing(mayConfirm === undefined ? entry : { ...entry, mayConfirm })).toEqual([outcome]);
});

test.each([{ kind: 'clear' }, { kind: 'not_asked' }, { kind: 'undetermined' }] as const)(
  '$kind is not suppressed',
  (suppression) => {
    expect(firing(suppression)).toEqual([]);
  },
);
