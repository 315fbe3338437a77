// Alerts while their process is killed: each arrives once. CI kills a few times; `npm run system` kills 20 times.

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import type { GateQuestion } from '../../src/reports/gate/question.ts';
import type { StoredIncident } from '../../src/reports/incidents/incident.ts';
import { createGateRepository } from '../../src/storage/sqlite/gate-repository.ts';
import { createIncidentRepository } from '../../src/storage/sqlite/incident-repository.ts';
import { nodeSqliteDatabase } from '../../src/storage/sqlite/node-sqlite.ts';
import { webhookHeaders, webhookSecret } from '../../src/webhooks/sign.ts';
import { emptyFolder, presendServe } from '../cli/program.ts';

const kills = Number(process.env['KILLS'] ?? 3);
const secret = `whsec_${btoa('a secret of twenty-four bytes or more')}`;

const question: GateQuestion = {
  ...{ campaign: '', purpose: 'marketing', fromDomain: null, list: null, forecast: null },
  ...{ planned: null, firstSentAt: null },
};

const incidentOf = (number: number): StoredIncident => {
  const now = Date.now();
  return {
    id: `inc_${number}`,
    kind: 'provider_block',
    scope: { provider: `provider ${number}` },
    severity: 'critical',
    evidence: {
      ...{ from: now, to: now, messages: 9, sent: 10, rate: 0.9, rateBefore: 0, chance: 0 },
      ...{ providers: [], statuses: [], reasons: [] },
    },
    explanation: `Provider ${number} refuses your mail.`,
    advice: 'Stop.',
    ...{ openedAt: now, changedAt: now, changedSize: 0.9, seenAt: now, closedAt: null },
  };
};

test(`each alert arrives once over ${kills} kills`, { timeout: 600_000 }, async () => {
  const folder = emptyFolder();
  const received: { readonly id: string; readonly body: string }[] = [];
  let onRequest = (response: ServerResponse): void => void response.writeHead(204).end();
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
    onRequest(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const environment = {
    DOH_URLS: 'http://127.0.0.1:9/dns-query',
    ALERT_URLS: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    ALERT_GROUP_SECONDS: '0',
    CALLBACK_SECRET: secret,
    CALLBACK_TARGETS: 'loopback',
  };
  const path = join(folder, 'var/presend.db');
  const withDatabase = async (work: (sqlite: DatabaseSync) => unknown) => {
    const sqlite = new DatabaseSync(path);
    await work(sqlite);
    sqlite.close();
  };
  const told = (): string[] =>
    [...new Map(received.map(({ id, body }) => [id, body])).values()].flatMap((body) =>
      JSON.parse(body).data.alerts.map(
        ({ details }: { details: { incident?: string; campaign?: string } }) =>
          details.incident ?? details.campaign,
      ),
    );

  // Makes the database.
  await (await presendServe(folder, environment)).stop('SIGTERM');
  let incidents = 0;
  const campaigns: string[] = [];
  const openThree = () =>
    withDatabase(async (sqlite) => {
      const database = nodeSqliteDatabase(sqlite, { atEndOfTurn: setImmediate });
      const gate = createGateRepository(database);
      const campaign = `campaign ${incidents}`;
      // The gate was asked long ago, so the service does not decide again.
      const longAgo = Date.now() - 5 * 86_400_000;
      await gate.keep({ campaign, question, decision: 'go' }, longAgo, true, null);
      await gate.keep({ campaign, question, decision: 'stop' }, Date.now(), false, null);
      campaigns.push(campaign);
      const repository = createIncidentRepository(database);
      for (let one = 0; one < 3; one++) await repository.open(incidentOf(incidents++));
      // The leases of the dead process end.
      sqlite.exec("UPDATE alert_deliveries SET next_at = 0 WHERE state = 'pending'");
    });
  for (let kill = 0; kill < kills; kill++) {
    await openThree();
    const before = received.length;
    const service = await presendServe(folder, environment);
    // Each process dies while the receiver has its message: before it answered, or right after.
    await new Promise<void>((resolve) => {
      onRequest = (response) => {
        if (kill % 2 === 1) response.writeHead(204).end();
        void service.stop('SIGKILL').then(() => resolve());
        onRequest = () => {};
      };
    });
    expect(received.length).toBeGreaterThan(before);
  }
  onRequest = (response) => void response.writeHead(204).end();
  await openThree();
  const last = await presendServe(folder, environment);
  const all = [...Array.from({ length: incidents }, (_, number) => `inc_${number}`), ...campaigns];
  await expect.poll(() => told().length, { timeout: 60_000 }).toBe(all.length);
  expect(told().toSorted()).toEqual(all.toSorted());
  const versions = new Set(received.map(({ id, body }) => `${id} ${body}`));
  expect(versions.size).toBe(new Set(received.map(({ id }) => id)).size);
  await last.stop('SIGTERM');
  expect(last.output.stdout).not.toContain('alerts_failed');
});
