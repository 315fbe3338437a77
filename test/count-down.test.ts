// Waits in steps: exact on an idle process, and patient on a busy one.

import { describe, expect, test } from 'vitest';
import { countDown } from '../src/clock.ts';
import { busyTimers } from './dns/busy-timers.ts';
import { manualTimers } from './dns/manual-timers.ts';

describe('on an idle process', () => {
  test.each([1500, 1234, 37, 3, 1])('%i ms in ten steps take just as long', (milliseconds) => {
    const timers = manualTimers();
    let calls = 0;
    countDown(timers, milliseconds, 10, () => calls++);
    timers.advance(milliseconds - 1);
    expect(calls).toBe(0);
    timers.advance(1);
    expect(calls).toBe(1);
    timers.advance(10_000);
    expect([calls, timers.pending()]).toEqual([1, 0]);
  });

  test.each([0, -5])('%i ms end as soon as timers run', (milliseconds) => {
    const timers = manualTimers();
    let calls = 0;
    countDown(timers, milliseconds, 10, () => calls++);
    expect(calls).toBe(0);
    timers.advance(0);
    expect(calls).toBe(1);
  });
});

test('no timer is set to a negative time, of which Node would warn', () => {
  const delays: number[] = [];
  const timers = manualTimers();
  countDown(
    { ...timers, setTimeout: (callback, ms) => timers.setTimeout(callback, delays[delays.push(ms) - 1]!) },
    -223,
    10,
    () => {},
  );
  timers.advance(0);
  expect(delays).toEqual(Array.from({ length: 10 }, () => 0));
});

test.each([0, 1, 5, 9])(
  'cancelled after %i of ten steps, it runs no callback and leaves no timer',
  (steps) => {
    const timers = manualTimers();
    let calls = 0;
    const cancel = countDown(timers, 1000, 10, () => calls++);
    timers.advance(steps * 100);
    cancel();
    expect(timers.pending()).toBe(0);
    timers.advance(10_000);
    expect(calls).toBe(0);
  },
);

test('a busy process gets one turn of the event loop per step, even if steps are late', () => {
  const timers = busyTimers();
  let calls = 0;
  countDown(timers, 1000, 4, () => calls++);
  for (let turn = 0; turn < 3; turn++) timers.turn(5000);
  expect(calls).toBe(0);
  timers.turn(5000);
  expect(calls).toBe(1);
});
