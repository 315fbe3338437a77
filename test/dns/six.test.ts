// A batch on Workers, where a request may have six connections that wait for headers: the platform queues the others itself.

import { expect, test } from 'vitest';
import { createDns } from '../../src/dns/create-dns.ts';
import type { DohReply, DohTransport } from '../../src/dns/transport/fetch.ts';
import { validatorOver } from '../../src/validator/validate.ts';
import { manualTimers } from './manual-timers.ts';
import { createResponder, type Zone } from './zone.ts';

const latency = 30;
const mostConnections = 6;

const zone: Zone = new Proxy({} as Zone, {
  get: (_, name: string) => {
    if (name.startsWith('silent')) return { fault: 'hang' };
    return name === 'mx.net' ? { A: ['198.41.0.4'] } : { MX: [[0, 'mx.net']] };
  },
});

function world() {
  const timers = manualTimers();
  const respond = createResponder(zone);
  const waiting: (() => void)[] = [];
  const seen = { open: 0, asked: 0, queued: 0 };
  const transport: DohTransport = async ({ body }, _limit, signal) => {
    if (seen.open >= mostConnections) {
      seen.queued++;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    seen.open++;
    seen.asked++;
    const close = () => {
      seen.open--;
      waiting.shift()?.();
    };
    return new Promise<DohReply>((resolve, reject) => {
      const reply = respond(body!);
      let isAnswered = false;
      const timer =
        reply &&
        timers.setTimeout(() => {
          isAnswered = true;
          close();
          resolve({ ...reply, age: 0 });
        }, latency);
      signal.addEventListener('abort', () => {
        if (isAnswered) return;
        if (timer !== null) timers.clearTimeout(timer);
        close();
        reject(signal.reason);
      });
    });
  };
  const dns = createDns({
    urls: ['https://one.example/', 'https://two.example/', 'https://three.example/'],
    shareInFlight: false,
    transport,
    timers,
  });
  const validator = validatorOver({
    mailHosts: dns.mailHosts,
    suppressions: null,
    now: timers.now,
    timeoutMs: 1500,
    batchTimeoutMs: 10_000,
  });
  return {
    dns,
    seen,
    /** The verdicts on one address of each domain, and the milliseconds until they were there. */
    async validate(domains: readonly string[]) {
      const began = timers.now();
      let isSettled = false;
      const validation = validator.validateBatch(domains.map((domain) => ({ email: `jane@${domain}` })));
      void validation.then(() => {
        isSettled = true;
      });
      while (!isSettled) {
        await new Promise((resolve) => setImmediate(resolve));
        if (!isSettled) timers.advance(5);
      }
      return { verdicts: (await validation).verdicts, took: timers.now() - began };
    },
  };
}

const names = (kind: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${kind}${index}.net`);

test('500 cold domains take little longer than their questions, and no resolver rests', async () => {
  const { dns, seen, validate } = world();
  const { verdicts, took } = await validate(names('good', 500));
  expect(verdicts.filter(({ result }) => result !== 'deliverable')).toEqual([]);
  expect(took).toBeLessThanOrEqual(1.3 * (500 / mostConnections) * latency);
  expect(seen.asked).toBeLessThanOrEqual(1.02 * 500);
  expect(seen.queued).toBe(0);
  expect(dns.health().map(({ state }) => state)).toEqual(['up', 'up', 'up']);
});

test('20 silent domains among 200 make no other one unknown', async () => {
  const { dns, validate } = world();
  const domains = [...names('silent', 20), ...names('good', 180)];
  const { verdicts } = await validate(domains);
  const unknown = verdicts.flatMap(({ result }, index) => (result === 'unknown' ? [domains[index]] : []));
  expect(unknown).toEqual(names('silent', 20));
  expect(dns.health()[0]!.state).toBe('up');
});
