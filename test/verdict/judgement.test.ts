// The judgements that many addresses at a domain share.

import { expect, test } from 'vitest';
import { nameFindings } from '../../src/address/name-rules.ts';
import { judgementOf, profileOf } from '../../src/verdict/judgement.ts';
import { evidence } from './evidence.ts';

const reasonOf = {
  impossible: 'impossible_mailbox',
  improbable: 'impossible_mailbox',
  unlikely_characters: 'unlikely_characters',
  nonstandard: 'nonstandard_local_part',
  non_ascii_refused: 'non_ascii_refused',
  non_ascii_doubtful: 'non_ascii_doubtful',
} as const;

test('each role and each finding on the name has its own judgement, computed once', () => {
  const profile = { ...profileOf(evidence()), plain: [] };
  const combinations = [null, ...nameFindings].flatMap((name) =>
    [false, true].map((role) => [role, name] as const),
  );
  const first = combinations.map(([role, name]) => judgementOf(profile, role, name, null));
  expect(new Set(first).size).toBe(combinations.length);
  for (const [index, [role, name]] of combinations.entries()) {
    const judgement = first[index]!;
    const named = name === null ? [] : [reasonOf[name]];
    const expected = [...named, ...(role ? ['role_account'] : [])];
    expect(new Set(judgement.signals)).toEqual(
      new Set(expected.length > 0 ? expected : ['no_known_obstacle']),
    );
    expect(judgement).toMatchObject({ role, name });
    expect(judgementOf(profile, role, name, null)).toBe(judgement);
  }
});

test('what a source found is judged for its address alone', () => {
  const profile = { ...profileOf(evidence()), plain: [] };
  const suppression = { kind: 'suppressed', bounced: true, status: '5.2.1' } as const;
  const judgement = judgementOf(profile, false, null, { suppression });
  expect(judgement.row.reason).toBe('suppressed');
  expect(judgement.bounce.status).toBe('5.2.1');
  expect(judgementOf(profile, false, null, null).row.reason).toBe('no_known_obstacle');
});

test('domains with the same facts share a profile, unless one has a suggestion', () => {
  expect(profileOf(evidence())).toBe(profileOf(evidence({ domain: { registrable: 'other.example' } })));
  for (const domain of [
    { free: true },
    { relay: true },
    { disposable: true },
    { provider: 'gmail' },
    { provider: 'gmail', registrable: 'gmail.com' },
    { registrable: 'example.edu' },
    { registrable: 'presend.test' },
  ])
    expect(profileOf(evidence({ domain })), JSON.stringify(domain)).not.toBe(profileOf(evidence()));
  const domain = { typo: { domain: 'gmail.com', confidence: 'possible' } } as const;
  expect(profileOf(evidence({ domain }))).not.toBe(profileOf(evidence({ domain })));
});
