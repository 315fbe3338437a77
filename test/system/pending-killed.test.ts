// Verdicts whose proof follows, while the process of the service is killed: each receiver is told each verdict once. CI kills a few
// times; `npm run system` kills 20 times.

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { webhookHeaders, webhookSecret } from '../../src/webhooks/sign.ts';
import { emptyFolder, presendServe, type Running } from '../cli/program.ts';
import { startDohServer } from '../dns/doh-server.ts';
import type { Zone } from '../dns/zone.ts';
import { proberSettings, proberZone } from '../http/smtp-stand-in.ts';
import { socksMailHosts } from '../http/socks-mail-hosts.ts';

const kills = Number(process.env['KILLS'] ?? 4);
const addressesEach = 6;
const replyMs = 10;
const secret = `whsec_${btoa('a secret of twenty-four bytes or more')}`;

const domain = (row: number) => `brisk-otter-${row}.com`;
const addresses = Array.from(
  { length: kills * addressesEach },
  (_, row) => `${row % 3 ? 'user' : 'dead'}${row}@${domain(row)}`,
);

// Each address has a host of its own, because a host has a pause between its sessions.
const zone: Zone = {
  ...proberZone,
  ...Object.fromEntries(
    addresses.flatMap((_, row) => [
      [domain(row), { MX: [[10, `mx.${domain(row)}`] as [number, string]] }],
      [`mx.${domain(row)}`, { A: [`198.51.100.${(row % 250) + 1}`] }],
    ]),
  ),
};

/** A receiver that keeps what it is sent. `onRequest` decides when a request is answered, if ever. */
async function startReceiver() {
  const receiver = {
    url: '',
    received: [] as { readonly id: string; readonly body: string }[],
    onRequest: (response: ServerResponse): void => void response.writeHead(204).end(),
  };
  const server = createServer(async (request, response) => {
    let body = '';
    try {
      for await (const chunk of request) body += chunk;
    } catch {
      return;
    }
    const id = request.headers['webhook-id'] as string;
    const at = Number(request.headers['webhook-timestamp']) * 1000;
    expect(request.headers).toMatchObject(await webhookHeaders(webhookSecret(secret)!, { id, at, body }));
    receiver.received.push({ id, body });
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

test(`each new verdict arrives once over ${kills} kills`, { timeout: 900_000 }, async () => {
  const folder = emptyFolder();
  const receiver = await startReceiver();
  const doh = await startDohServer(zone);
  onTestFinished(() => doh.close());
  const hosts = await socksMailHosts(replyMs);
  const environment = {
    ...proberSettings,
    ...{ DOH_URLS: doh.url, PROBE_PROXY: hosts.url, CALLBACK_SECRET: secret, CALLBACK_TARGETS: 'loopback' },
  };
  const waiting = new Set(addresses);

  /** Asks about addresses until they are acknowledged or the service is gone. */
  async function ask(service: Running, some: readonly string[], acknowledged: () => void = () => {}) {
    for (const email of some) {
      const response = await fetch(`${service.url}/v1/validate`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, callback_url: receiver.url }),
      }).catch(() => null);
      if (response === null || !response.ok) return;
      const verdict = await response.json().catch(() => null);
      if (verdict === null) return;
      // What was asked before a kill may be known by now; its verdict is told all the same.
      waiting.delete(email);
      acknowledged();
    }
  }

  for (let kill = 0; kill < kills; kill++) {
    const service = await presendServe(folder, environment);
    await new Promise<void>((resolve) => {
      const die = () => void service.stop('SIGKILL').then(() => resolve());
      let acknowledged = 0;
      // A third of the processes die while the receiver has their message and has not answered, a third while a host is asked, and a
      // third after some requests.
      if (kill % 3 === 0) receiver.onRequest = die;
      if (kill % 3 === 1)
        hosts
          .questions(0)
          .then(() => wait((kill * 7) % (2 * replyMs)))
          .then(die);
      const count = () => {
        if (++acknowledged === addressesEach - 1 && kill % 3 === 2) die();
      };
      void ask(service, [...waiting].slice(0, addressesEach), count);
    });
    receiver.onRequest = (response) => void response.writeHead(204).end();
  }

  const last = await presendServe(folder, environment);
  await ask(last, [...waiting]);
  expect(waiting.size).toBe(0);
  const told = () => new Map(receiver.received.map(({ id, body }) => [id, JSON.parse(body)]));
  await expect.poll(() => told().size, { timeout: 300_000, interval: 500 }).toBe(addresses.length);
  const verdicts = [...told().values()].map(({ data }) => data.verdict as { email: string; reason: string });
  expect(new Set(verdicts.map(({ email }) => email))).toEqual(new Set(addresses));
  for (const { email, reason } of verdicts)
    expect(reason).toBe(email.startsWith('dead') ? 'mailbox_unknown' : 'no_known_obstacle');
  // A message that came again has the same id and body.
  const versions = new Set(receiver.received.map(({ id, body }) => `${id} ${body}`));
  expect(versions.size).toBe(told().size);
  expect(receiver.received.length).toBeGreaterThan(versions.size);
  console.info(
    `${addresses.length} verdicts, ${receiver.received.length} messages, ${hosts.sessions.flat().filter(({ address }) => addresses.includes(address)).length} questions in ${kills} kills`,
  );
  await last.stop('SIGTERM');
});
