// A job that asks mail hosts survives the death of its process: the result is the one of a run that nobody disturbed, and nobody is
// asked again who had answered.

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { emptyFolder, presendServe, type Running } from '../cli/program.ts';
import { startDohServer } from '../dns/doh-server.ts';
import type { Zone } from '../dns/zone.ts';
import { proberSettings, proberZone } from '../http/smtp-stand-in.ts';
import { type Question, socksMailHosts } from '../http/socks-mail-hosts.ts';

const kills = Number(process.env['KILLS'] ?? 3);
const hosts = 24;
const rows = 24 * 22;
const replyMs = 20;

const domain = (row: number) => `brisk-otter-${row % hosts}.com`;
const addresses = Array.from(
  { length: rows },
  (_, row) => `${row % 11 ? 'user' : 'dead'}${row}@${domain(row)}`,
);
const list = `email\n${addresses.join('\n')}\n`;

const zone: Zone = {
  ...proberZone,
  ...Object.fromEntries(
    Array.from({ length: hosts }, (_, host) => [
      [domain(host), { MX: [[10, `mx.${domain(host)}`] as [number, string]] }],
      [`mx.${domain(host)}`, { A: [`198.51.100.${host + 1}`] }],
    ]).flat(),
  ),
};

/**
 * Whether the answer to a question could not be kept before its process died: it is the last one of its session, or a refusal that
 * did not count yet. A refusal counts once the host has accepted somebody and refused a made-up name, and what counts is kept before
 * the next question.
 */
const mayBeLost = (session: readonly Question[], index: number): boolean =>
  index === session.length - 1 ||
  (!session[index]!.isAccepted && session.slice(index, -2).every(({ isAccepted }) => !isAccepted));

test(`killed ${kills} times while it asks, a job gives the same result and asks nobody again who had answered`, async () => {
  const doh = await startDohServer(zone);
  onTestFinished(() => doh.close());
  const disturbed = await socksMailHosts(replyMs);
  const environment = (proxy: string) => ({
    ...proberSettings,
    ...{ DOH_URLS: doh.url, PROBE_PROXY: proxy },
  });
  const killed = emptyFolder();
  const first = await presendServe(killed, environment(disturbed.url));
  const upload = await fetch(`${first.url}/v1/jobs?proof=true`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: list,
  });
  expect(upload.status).toBe(202);
  const { id } = (await upload.json()) as { id: string };
  await first.stop('SIGKILL');
  const undisturbed = emptyFolder();
  cpSync(join(killed, 'var'), join(undisturbed, 'var'), { recursive: true });
  const expecting = complete(
    await presendServe(undisturbed, environment((await socksMailHosts(replyMs)).url)),
    id,
  );

  for (let kill = 0; kill < kills; kill++) {
    // Spread over the whole job, so some die in the first sessions, and some in the last ones.
    const isAsking = disturbed.questions((kill * rows) / kills);
    const service = await presendServe(killed, environment(disturbed.url));
    await Promise.race([isAsking, ended(service, id)]);
    await wait((kill * 7) % (2 * replyMs));
    await service.stop('SIGKILL');
  }
  const actual = await complete(await presendServe(killed, environment(disturbed.url)), id);
  const expected = await expecting;
  expect(expected.job).toMatchObject({ state: 'completed', proof: { addresses: rows, settled: rows } });
  expect(expected.job.mailboxes).toEqual({ exists: (rows * 10) / 11, unknown_user: rows / 11 });
  expect(actual.file === expected.file).toBe(true);

  const asked = new Map<string, { session: readonly Question[]; index: number }[]>();
  for (const session of disturbed.sessions)
    for (const [index, { address }] of session.entries())
      asked.set(address, [...(asked.get(address) ?? []), { session, index }]);
  const again = addresses.filter((address) => asked.get(address)!.length > 1);
  const wrongly = again.filter((address) =>
    asked
      .get(address)!
      .slice(0, -1)
      .some(({ session, index }) => !mayBeLost(session, index)),
  );
  expect(wrongly).toEqual([]);
  const atHost = Map.groupBy(disturbed.sessions.flat(), ({ address }) => address.split('@')[1]!);
  const most = Math.max(...[...atHost.values()].map(({ length }) => length));
  console.info(
    `${disturbed.sessions.length} sessions, ${again.length} of ${rows} answers lost in ${kills} kills; ${most} questions at one host`,
  );
}, 900_000);

interface Ended {
  readonly job: { readonly mailboxes?: object };
  readonly file: string;
}

/** Resolves when the job or the service has ended. */
async function ended(service: Running, id: string): Promise<void> {
  await fetch(`${service.url}/v1/jobs/${id}/events`)
    .then((response) => response.text())
    .catch(() => {});
}

async function complete(service: Running, id: string): Promise<Ended> {
  await ended(service, id);
  const job = (await (await fetch(`${service.url}/v1/jobs/${id}`)).json()) as Ended['job'];
  const file = await (await fetch(`${service.url}/v1/jobs/${id}/result`)).text();
  await service.stop('SIGKILL');
  return { job, file };
}
