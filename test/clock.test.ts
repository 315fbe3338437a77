import { expect, test } from 'vitest';
import { eachTimeout, type StartTimeout, sharedTimeout, type Timers } from '../src/clock.ts';

/** Timers that expire when the test says so. */
function handTimers() {
  let moment = 0;
  let last = 0;
  const timers = new Map<number, { due: number; callback: () => void }>();
  return {
    armed: () => timers.size,
    to(time: number): void {
      moment = time;
      for (const [id, { due, callback }] of timers) {
        if (due > moment) continue;
        timers.delete(id);
        callback();
      }
    },
    timers: {
      now: () => moment,
      setTimeout(callback, milliseconds) {
        timers.set(++last, { due: moment + milliseconds, callback });
        return last;
      },
      clearTimeout: (timer) => void timers.delete(timer as number),
    } satisfies Timers,
  };
}

const kinds: [string, (milliseconds: number, timers: Timers) => StartTimeout][] = [
  ['a timer each', eachTimeout],
  ['one timer for all', sharedTimeout],
];

test.each(kinds)('%s: a timeout expires once, unless it is stopped', (_, create) => {
  const { timers, to } = handTimers();
  const start = create(100, timers);
  const expired: string[] = [];
  start(() => expired.push('first'));
  to(40);
  const stop = start(() => expired.push('stopped'));
  start(() => expired.push('third'));
  to(99);
  expect(expired).toEqual([]);
  stop();
  to(100);
  expect(expired).toEqual(['first']);
  to(139);
  expect(expired).toEqual(['first']);
  to(140);
  expect(expired).toEqual(['first', 'third']);
  to(1000);
  start(() => expired.push('later'));
  to(1100);
  expect(expired).toEqual(['first', 'third', 'later']);
});

test('a shared timeout uses one timer, and none once all have ended', () => {
  const { timers, to, armed } = handTimers();
  const start = sharedTimeout(100, timers);
  const stops = Array.from({ length: 50 }, () => start(() => {}));
  expect(armed()).toBe(1);
  for (const stop of stops) stop();
  to(100);
  expect(armed()).toBe(0);
});

test('a shared timeout does not keep the process alive', () => {
  const unref: string[] = [];
  const { timers } = handTimers();
  const start = sharedTimeout(100, {
    ...timers,
    setTimeout: () => ({ unref: () => unref.push('unref') }),
  });
  start(() => {});
  expect(unref).toEqual(['unref']);
});
