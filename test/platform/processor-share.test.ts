import { expect, test } from 'vitest';
import { createProcessorShare } from '../../src/platform/processor-share.ts';

function share() {
  let usedMs = 400;
  let now = 0;
  const msUntilTurn = createProcessorShare({
    share: 0.25,
    burstMs: 1000,
    usedMs: () => usedMs,
    now: () => now,
  });
  return {
    msUntilTurn,
    /** The process works for so many milliseconds, as long on the clock. */
    work(ms: number) {
      usedMs += ms;
      now += ms;
    },
    rest(ms: number) {
      now += ms;
    },
  };
}

test('work after a rest does not wait', () => {
  const { msUntilTurn, work } = share();
  expect(msUntilTurn()).toBe(0);
  for (let report = 0; report < 10; report++) {
    work(100);
    expect(msUntilTurn()).toBe(0);
  }
});

test('work without end gets a quarter of the time', () => {
  const { msUntilTurn, work, rest } = share();
  let worked = 0;
  let waited = 0;
  while (worked + waited < 600_000) {
    work(20);
    worked += 20;
    const ms = msUntilTurn();
    rest(ms);
    waited += ms;
    expect(msUntilTurn()).toBeCloseTo(0);
  }
  expect(worked / (worked + waited)).toBeCloseTo(0.25, 2);
});

test('a long rest earns no more than the first burst', () => {
  const { msUntilTurn, work, rest } = share();
  rest(86_400_000);
  expect(msUntilTurn()).toBe(0);
  work(2000);
  // 2000 ms used, of which 500 were earned meanwhile and 1000 are the burst.
  expect(msUntilTurn()).toBe(2000);
});
