// Runs the service in this process with a simulated clock, a simulated DNS, and a simulated email service provider that
// reports events.

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemTimers } from '../../src/clock.ts';
import { fetchTransport } from '../../src/dns/transport/fetch.ts';
import { nodeCallbackTransport } from '../../src/platform/callback-transport.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { nodeRuntime } from '../../src/platform/node.ts';
import { createService } from '../../src/platform/service.ts';
import { readSettings } from '../../src/platform/settings.ts';
import { nodeFiles } from '../../src/storage/files/disk.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import type { VerdictResponse } from '../../src/verdict/response.ts';
import { createResponder, fetchFrom, type Zone } from '../../test/dns/zone.ts';
import type { Address } from './world.ts';

export interface Happened {
  readonly address: Address;
  readonly what: 'delivered' | 'bounced' | 'blocked' | 'full';
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface SimulatedService {
  now(): number;
  sleep(milliseconds: number): void;
  /** Starts or ends a DNS outage, in which every answer is SERVFAIL. */
  outage(is: boolean): void;
  /** Calls POST /v1/validate/batch with a thousand addresses at a time. */
  validate(addresses: readonly Address[]): Promise<VerdictResponse[]>;
  /** Sends the provider's webhook with `secret`; the right one by default. Returns the status of the response. */
  tell(events: readonly Happened[], secret?: string): Promise<number>;
  // biome-ignore lint/suspicious/noExplicitAny: the OpenAPI description has the shape of the response.
  calibration(): Promise<any>;
  close(): void;
}

const dayMs = 86_400_000;
const batchSize = 1000;
const espSecret = 'a-secret-of-the-simulated-provider';
const origin = 'http://127.0.0.1';

export async function startService(zone: Zone): Promise<SimulatedService> {
  let now = Date.UTC(2026, 8, 1, 9);
  let isOut = false;
  const responders = { up: createResponder(zone), out: createResponder(broken(zone)) };
  const outcome = readSettings({
    DATABASE_PATH: ':memory:',
    DOH_URLS: `${origin}/dns-query`,
    ESP_SPARKPOST_SHARED_SECRETS: espSecret,
  });
  if (!outcome.ok) throw new Error(outcome.mistakes.join(' '));
  const { sqlite, database } = openDatabase(':memory:');
  const { app, learning } = createService({
    ...(await nodeRuntime(
      outcome.settings,
      nodeHasher(addressHashKey('a key for simulations that is long')),
    )),
    database,
    clientAddress: () => '127.0.0.1',
    jobs: {
      files: nodeFiles(join(tmpdir(), 'presend-simulate')),
      limits: { rows: 1000, domains: 100, bytes: 1_000_000, rowsAtOnce: 100 },
      callbackTransport: nodeCallbackTransport,
      wake: () => {},
    },
    timers: { ...systemTimers, now: () => now },
    transport: fetchTransport(fetchFrom((query) => (isOut ? responders.out : responders.up)(query))),
    log: () => {},
  });
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    app.request(`${origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  return {
    now: () => now,
    sleep(milliseconds) {
      now += milliseconds;
    },
    outage(is) {
      isOut = is;
    },
    async validate(addresses) {
      const results: VerdictResponse[] = [];
      for (let start = 0; start < addresses.length; start += batchSize) {
        const items = addresses.slice(start, start + batchSize).map(({ email, source, ageDays }) => ({
          email,
          source,
          last_verified_at: ageDays === null ? null : new Date(now - ageDays * dayMs).toISOString(),
        }));
        const response = await post('/v1/validate/batch', { items });
        if (response.status !== 200) throw new Error(`the batch was answered with ${response.status}`);
        results.push(...((await response.json()) as { results: VerdictResponse[] }).results);
      }
      await learning.tend();
      return results;
    },
    async tell(events, secret = espSecret) {
      const response = await post('/v1/hooks/esp/sparkpost', events.map(sparkPostEvent), {
        authorization: `Bearer ${secret}`,
      });
      await learning.tend();
      return response.status;
    },
    calibration: async () => (await app.request(`${origin}/v1/reports/calibration?from=2026-09-01`)).json(),
    close: () => sqlite.close(),
  };
}

const broken = (zone: Zone): Zone =>
  Object.fromEntries(Object.keys(zone).map((name) => [name, { fault: 'servfail' }]));

/** https://developers.sparkpost.com/api/webhooks/ */
const bounceClasses = { bounced: '10', blocked: '51', full: '22' };

function sparkPostEvent({ address, what, at }: Happened, index: number): object {
  const event = {
    event_id: `${at} ${index} ${address.email}`,
    timestamp: new Date(at).toISOString(),
    rcpt_to: address.email,
    message_id: address.email,
    rcpt_meta: { source: address.source },
  };
  return {
    msys: {
      message_event:
        what === 'delivered'
          ? { ...event, type: 'delivery' }
          : { ...event, type: 'bounce', bounce_class: bounceClasses[what] },
    },
  };
}
