// Lists wait less where waiting was in vain.

import { describe, expect, test } from 'vitest';
import type { MailHosts } from '../../src/dns/mail-hosts.ts';
import { withPatience } from '../../src/dns/patience.ts';
import type { MailHost } from '../../src/domain/mail-host.ts';
import { manualTimers } from './manual-timers.ts';

const alive: MailHost = { kind: 'mx', exchanges: [{ preference: 0, host: 'mx.net' }] };
const timeout: MailHost = { kind: 'undetermined', cause: 'timeout' };
const servfail: MailHost = { kind: 'undetermined', cause: 'servfail' };

/** Mail hosts that answer after `latency(domain)` milliseconds: `finds(domain)`, or a timeout if the deadline is earlier. */
function world(latency: (domain: string) => number, finds: (domain: string) => MailHost = () => alive) {
  const timers = manualTimers();
  const given: number[] = [];
  const mailHosts: MailHosts = {
    concurrency: 32,
    lookup: (domain, deadline) => {
      const left = deadline - timers.now();
      given.push(left);
      const answers = latency(domain) <= left;
      return new Promise((resolve) => {
        const found = { mailHost: answers ? finds(domain) : timeout, expires: 0 };
        timers.setTimeout(() => resolve(found), Math.min(left, latency(domain)));
      });
    },
  };
  const patient = withPatience(mailHosts, timers.now);
  const lookup = async (domain: string) => {
    const found = patient.lookup(domain, timers.now() + 5000);
    timers.advance(Math.min(given.at(-1)!, latency(domain)));
    return (await found).mailHost;
  };
  return {
    patient,
    timers,
    given,
    lookup,
    /** The times that `count` lookups are given. */
    times: async (count: number, name: (index: number) => string) => {
      given.length = 0;
      for (let index = 0; index < count; index++) await lookup(name(index));
      return [...given];
    },
  };
}

const never = Number.POSITIVE_INFINITY;
const isDead = (domain: string) => (/dead/.test(domain) ? never : 30);
const most = (times: readonly number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];

test('where everything answers, every lookup has its full time', async () => {
  const { times } = world(() => 1000);
  expect(new Set(await times(100, (index) => `good${index}.net`))).toEqual(new Set([5000]));
});

test('the first timeouts change nothing', async () => {
  const { times } = world(isDead);
  expect(await times(5, (index) => `host${index}.dead.net`)).toEqual([5000, 5000, 5000, 5000, 5000]);
});

describe('under a parent domain whose servers are dead', () => {
  test('five waits in vain shorten the next ones, ten in a row more', async () => {
    const { times } = world(isDead);
    const given = await times(12, (index) => `host${index}.dead.net`);
    expect(given.slice(4)).toEqual([5000, 1500, 1500, 1500, 1500, 1500, 500, 500]);
  });

  test('one lookup in sixteen has its full time', async () => {
    const { times } = world(isDead);
    await times(20, (index) => `host${index}.dead.net`);
    const given = await times(160, (index) => `host${index}.dead.net`);
    expect(given.filter((time) => time === 5000).length).toBe(10);
    expect(given.filter((time) => time === 500).length).toBe(150);
  });

  test('other domains of the same list that answer keep their time until the first of them has answered', async () => {
    const { times, lookup } = world(isDead);
    await times(30, (index) => `host${index}.dead.net`);
    expect(await lookup('good.org')).toEqual(alive);
    expect(most(await times(9, (index) => `host${index}.dead.net`))).toBe(500);
    await lookup('good.org');
    expect((await times(1, () => 'better.org'))[0]).toBe(1500);
  });

  test('servers that are back end it', async () => {
    let isBack = false;
    const { times } = world((domain) => (isBack ? 30 : isDead(domain)));
    await times(30, (index) => `host${index}.dead.net`);
    isBack = true;
    const given = await times(3, (index) => `back${index}.dead.net`);
    expect(given[0]).toBe(500);
    // The waits in vain are remembered longer than the timeouts in a row.
    expect(given.slice(1)).toEqual([1500, 1500]);
  });
});

describe('dead domains of unrelated names between live ones', () => {
  const name = (index: number) => (index % 2 === 0 ? `dead${index}.net` : `good${index}.net`);

  test('are given the usual time', async () => {
    const { times } = world(isDead);
    await times(40, name);
    const given = await times(100, name);
    expect(given.filter((time) => time === 1500).length).toBeGreaterThan(90);
    expect(given.filter((time) => time < 1500)).toEqual([]);
  });

  test('unless slow ones have answered now and then', async () => {
    const slow = (index: number) => (index % 8 === 0 ? `slow${index}.net` : `dead${index}.net`);
    const { times } = world((domain) => (domain.startsWith('slow') ? 3000 : never));
    const given = await times(60, slow);
    expect(given.filter((time) => time === 5000).length).toBeGreaterThan(50);
  });
});

test('a failure that is told is an answer', async () => {
  const { times } = world(
    () => 30,
    () => servfail,
  );
  expect(new Set(await times(50, (index) => `host${index}.broken.net`))).toEqual(new Set([5000]));
});

test('old experience fades', async () => {
  let isDeadNow = true;
  const { times } = world(() => (isDeadNow ? never : 3000));
  await times(500, (index) => `host${index}.net`);
  isDeadNow = false;
  await times(200, (index) => `host${index}.net`);
  expect(most(await times(9, (index) => `host${index}.net`))).toBe(5000);
});

test('an earlier deadline stays, and so does the number of lookups at once', async () => {
  const { patient, given, times, timers } = world(isDead);
  await times(30, (index) => `host${index}.dead.net`);
  void patient.lookup('host.dead.net', timers.now() + 100);
  expect(given.at(-1)).toBe(100);
  expect(patient.concurrency).toBe(32);
});

test('what is in memory is returned without a promise', () => {
  const found = { mailHost: alive, expires: 1 };
  const mailHosts: MailHosts = { lookup: () => found };
  expect(withPatience(mailHosts, () => 0).lookup('good.net', 5000)).toBe(found);
});
