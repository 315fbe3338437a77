// The webhook about the suppression list while its process is killed: each change arrives once. CI kills a few times; `npm run
// system` kills 20 times.

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { webhookHeaders, webhookSecret } from '../../src/webhooks/sign.ts';
import { emptyFolder, presendServe, type Running } from '../cli/program.ts';

const kills = Number(process.env['KILLS'] ?? 4);
const addressesEach = 12;
const acknowledgedBeforeKill = 5;

const secret = `whsec_${btoa('a secret of twenty-four bytes or more')}`;

interface Message {
  readonly id: string;
  readonly body: string;
}

/** A receiver that keeps what it is sent. `onRequest` decides when a request is answered, if ever. */
async function startReceiver() {
  const received: Message[] = [];
  const receiver = {
    url: '',
    received,
    onRequest: (response: ServerResponse): void => void response.writeHead(204).end(),
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const body = Buffer.concat(chunks).toString();
    const id = request.headers['webhook-id'] as string;
    const at = Number(request.headers['webhook-timestamp']) * 1000;
    expect(request.headers).toMatchObject(await webhookHeaders(webhookSecret(secret)!, { id, at, body }));
    received.push({ id, body });
    receiver.onRequest(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return receiver;
}

test(`each change arrives once over ${kills} kills`, { timeout: 600_000 }, async () => {
  const folder = emptyFolder();
  const receiver = await startReceiver();
  const environment = {
    DOH_URLS: 'http://127.0.0.1:9/dns-query',
    SUPPRESSION_WEBHOOK_URL: receiver.url,
    CALLBACK_SECRET: secret,
    CALLBACK_TARGETS: 'loopback',
  };
  const addresses = Array.from({ length: kills * addressesEach }, (_, index) => `jane${index}@example.org`);
  const waiting = new Set(addresses);

  /** Adds addresses until they are acknowledged or the service is gone. */
  async function add(service: Running, some: readonly string[], acknowledged: () => void = () => {}) {
    for (const email of some) {
      const response = await fetch(`${service.url}/v1/suppressions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, reason: 'manual' }),
      }).catch(() => null);
      if (response === null || !response.ok) return;
      waiting.delete(email);
      acknowledged();
    }
  }

  for (let kill = 0; kill < kills; kill++) {
    const service = await presendServe(folder, environment);
    const killed = new Promise<void>((resolve) => {
      const die = () => void service.stop('SIGKILL').then(() => resolve());
      let acknowledged = 0;
      // Half of the processes die while the receiver has their message and has not answered; the others after some additions.
      if (kill % 2 === 0) receiver.onRequest = die;
      const count = () => {
        if (++acknowledged === acknowledgedBeforeKill && kill % 2 === 1) die();
      };
      void add(service, [...waiting].slice(0, addressesEach), count);
    });
    await killed;
    receiver.onRequest = (response) => void response.writeHead(204).end();
  }

  // The leases of the dead processes end.
  const database = new DatabaseSync(join(folder, 'var/presend.db'));
  database.exec('UPDATE suppression_messages SET next_at = 0');
  database.close();
  const last = await presendServe(folder, environment);
  await add(last, [...waiting]);
  expect(waiting.size).toBe(0);
  const told = () => {
    const bodies = new Map(receiver.received.map(({ id, body }) => [id, body]));
    return [...bodies.values()].flatMap((body): string[] =>
      JSON.parse(body).data.entries.map(({ address_hash }: { address_hash: string }) => address_hash),
    );
  };
  await expect.poll(() => told().length, { timeout: 60_000 }).toBe(addresses.length);
  expect(new Set(told()).size).toBe(addresses.length);
  // A message that came again has the same id and body.
  const versions = new Set(receiver.received.map(({ id, body }) => `${id} ${body}`));
  expect(versions.size).toBe(new Set(receiver.received.map(({ id }) => id)).size);
  expect(receiver.received.length).toBeGreaterThan(versions.size);
  await last.stop('SIGTERM');
});
