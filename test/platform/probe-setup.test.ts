// A prober whose set-up has a fault: who has time waits for the next check, and nobody is asked before.

import { expect, test } from 'vitest';
import { parseMailbox } from '../../src/address/parse.ts';
import type { ProbeFinding } from '../../src/mailbox/probe-finding.ts';
import type { Prober } from '../../src/mailbox/prober.ts';
import { onlyIfReady, watchProbeSetup } from '../../src/platform/probe-setup.ts';
import { virtualTimers } from '../mailbox/scripted-peer.ts';

const minute = 60_000;
const noon = Date.UTC(2026, 10, 20, 12);

/** The set-up has a fault until `repairedAt`. */
const probing = (repairedAt: number) => {
  const timers = virtualTimers(noon);
  const askedAt: number[] = [];
  const smtp: Prober = {
    async probe(mailboxes, { until }) {
      const isKept = until === 0;
      if (!isKept) askedAt.push(timers.now());
      const finding: ProbeFinding = isKept
        ? { proof: { kind: 'undetermined', cause: 'resting' }, checkedAt: null, retryAt: null }
        : { proof: { kind: 'exists' }, checkedAt: timers.now(), retryAt: null };
      return new Map(mailboxes.map(({ address }) => [address, finding]));
    },
  };
  const fault = { code: 'port_25', seen: '', todo: '' };
  const check = async () => ({ address: null, faults: timers.now() < repairedAt ? [fault] : [] });
  const prober = onlyIfReady(
    smtp,
    watchProbeSetup(check, timers, () => {}),
    timers,
  );
  const parsed = parseMailbox('jane@example.net');
  if (!parsed.ok) throw new Error('syntax');
  const ask = async (waitMs: number, signal?: AbortSignal) => {
    const terms = { until: timers.now() + waitMs, ...(signal && { signal }) };
    return (await timers.run(prober.probe([parsed.mailbox], terms))).get('jane@example.net')!;
  };
  return { timers, askedAt, ask };
};

test('a list waits until the fault is repaired, and is asked about then', async () => {
  const { ask, askedAt } = probing(noon + 70 * minute);
  expect((await ask(24 * 60 * minute)).proof).toEqual({ kind: 'exists' });
  // The checks are at noon, and after 5, 15 and 60 minutes more.
  expect(askedAt).toHaveLength(1);
  expect(askedAt[0]).toBeGreaterThanOrEqual(noon + 80 * minute);
  expect(askedAt[0]).toBeLessThan(noon + 81 * minute);
});

test('without time for the next check, it says when that is', async () => {
  const { ask, askedAt, timers } = probing(noon + 70 * minute);
  expect(await ask(30_000)).toEqual({
    proof: { kind: 'not_checked', cause: 'off' },
    checkedAt: null,
    retryAt: noon + 5 * minute,
  });
  expect([askedAt, timers.now()]).toEqual([[], noon]);
});

test('work that is stopped does not wait', async () => {
  const { ask, timers } = probing(noon + 70 * minute);
  expect((await ask(24 * 60 * minute, AbortSignal.abort())).proof).toEqual({
    kind: 'not_checked',
    cause: 'off',
  });
  expect(timers.now()).toBe(noon);
});
