import { expect, test } from 'vitest';
import { eachTimeout, type StartTimeout, sharedTimeout, type Timers } from '../src/clock.ts';

/** Timers of a process that the test runs. */
function handTimers() {
  let moment = 0;
  let last = 0;
  const timers = new Map<number, { due: number; callback: () => void }>();
  const runDue = () => {
    const due = [...timers].filter(([, timer]) => timer.due <= moment);
    for (const [id, { callback }] of due) if (timers.delete(id)) callback();
  };
  return {
    armed: () => timers.size,
    /** Runs each timer when it is due, until `time`. */
    to(time: number): void {
      for (; ; moment = Math.min(...[...timers.values()].map(({ due }) => due))) {
        runDue();
        if (timers.size === 0 || ![...timers.values()].some(({ due }) => due <= time)) break;
      }
      moment = time;
    },
    /** Runs no timer until `time`, because the process is busy, and then one turn of the event loop. */
    busyTo(time: number): void {
      moment = time;
      runDue();
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

test.each(kinds)('%s: what arrived while the process was busy is read before a timeout ends', (_, create) => {
  const { timers, to, busyTo } = handTimers();
  const start = create(1000, timers);
  let isExpired = false;
  start(() => {
    isExpired = true;
  });
  to(890);
  busyTo(5000);
  expect(isExpired).toBe(false);
  to(5099);
  expect(isExpired).toBe(false);
  to(5300);
  expect(isExpired).toBe(true);
});

test('a shared timeout gets a hundred turns of the event loop, however long each takes', () => {
  const { timers, busyTo } = handTimers();
  const start = sharedTimeout(1000, timers);
  let isExpired = false;
  start(() => {
    isExpired = true;
  });
  let turns = 0;
  while (!isExpired) busyTo(++turns * 500);
  expect(turns).toBeGreaterThanOrEqual(100);
  // A timeout that starts later has the same time, whatever came before.
  isExpired = false;
  start(() => {
    isExpired = true;
  });
  busyTo(timers.now() + 999);
  expect(isExpired).toBe(false);
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
