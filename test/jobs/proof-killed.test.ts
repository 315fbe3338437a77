// A job that asks mail hosts survives the death of its process: the result is the one of a run that nobody disturbed, and nobody is
// asked again whose answer had arrived. Whom the questions were about that were under way, the database knows.

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/platform/database-file.ts';
import { createProbeRepository } from '../../src/storage/sqlite/probe-repository.ts';
import { addressHashKey, suppressionKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
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
const isListed: ReadonlySet<string> = new Set(addresses);
const hashKey = 'a key for tests that has 32 bytes';
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

const hostOf = (address: string) => Number(/-(\d+)\.com$/.exec(address)![1]);
/** One host in six puts off everybody but the postmaster once, as postgrey does. */
const isGreylisting = (address: string) => hostOf(address) % 6 === 5 && !address.startsWith('postmaster@');

/** The addresses of the list about which a session that was killed asked last, if it did not go on after that. */
const underWay = (sessions: readonly (readonly Question[])[]): string[] =>
  sessions
    .map((session) => session.at(-1))
    .filter((last) => last !== undefined && !last.isAcknowledged)
    .map((last) => last!.address)
    .filter((address) => isListed.has(address));

/** The findings that the database of the killed service has about the addresses. */
async function kept(folder: string, of: readonly string[]): Promise<(string | undefined)[]> {
  const { sqlite, database } = openDatabase(join(folder, 'var/presend.db'));
  const hasher = nodeHasher(addressHashKey(hashKey));
  const hashes = await hasher.hashAll(of.map(suppressionKey));
  const rows = await createProbeRepository(database).proofs(hasher.keyId, hashes, Date.now());
  sqlite.close();
  return hashes.map((hash) => rows.find(({ addressHash }) => addressHash === hash)?.finding);
}

test(`killed ${kills} times while it asks, a job gives the same result and asks nobody again whose answer had arrived`, async () => {
  const doh = await startDohServer(zone);
  onTestFinished(() => doh.close());
  const disturbed = await socksMailHosts(replyMs, isGreylisting);
  const environment = (proxy: string) => ({
    ...proberSettings,
    ...{ DOH_URLS: doh.url, PROBE_PROXY: proxy, ADDRESS_HASH_KEY: hashKey },
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
    await presendServe(undisturbed, environment((await socksMailHosts(replyMs, isGreylisting)).url)),
    id,
  );

  let lost = 0;
  for (let kill = 0; kill < kills; kill++) {
    const before = disturbed.sessions.length;
    // Spread over the whole job, so some die in the first sessions, and some in the last ones.
    const isAsking = disturbed.questions((kill * rows) / kills);
    const service = await presendServe(killed, environment(disturbed.url));
    await Promise.race([isAsking, ended(service, id)]);
    await wait((kill * 7) % (2 * replyMs));
    await service.stop('SIGKILL');
    const open = underWay(disturbed.sessions.slice(before));
    lost += open.length;
    // `asked`, unless the reply was read and kept just before the death.
    expect(await kept(killed, open)).not.toContain(undefined);
  }
  const actual = await complete(await presendServe(killed, environment(disturbed.url)), id);
  const expected = await expecting;
  expect(expected.job).toMatchObject({ state: 'completed', proof: { addresses: rows, settled: rows } });
  // Answers from before a kill are still answers of this job.
  expect(actual.job).toMatchObject({ state: 'completed', proof: { addresses: rows, settled: rows } });
  expect(expected.job.mailboxes).toEqual({ exists: (rows * 10) / 11, unknown_user: rows / 11 });
  const expectedLines = expected.file.split('\n');
  expect(actual.job.mailboxes).toEqual(expected.job.mailboxes);
  expect(actual.file.split('\n').filter((line, index) => line !== expectedLines[index])).toEqual([]);
  expect(actual.file === expected.file).toBe(true);

  // A question that was put off has no answer, and a control question is about nobody.
  const answers = disturbed.sessions
    .flat()
    .filter(({ isPutOff, address }) => !isPutOff && isListed.has(address));
  const again = Map.groupBy(answers, ({ address }) => address);
  const repeated = [...again.values()].filter((all) => all.length > 1);
  const readable = repeated.filter((all) => all.slice(0, -1).some((question) => question.isAcknowledged));
  expect(readable.map(([question]) => question!.address)).toEqual([]);
  // Each session that a kill broke off had one question under way at most.
  const brokenOff = disturbed.sessions.filter((session) =>
    session.some((question) => !question.isAcknowledged),
  );
  for (const session of brokenOff)
    expect(session.filter((question) => !question.isAcknowledged)).toEqual([session.at(-1)]);
  const atHost = Map.groupBy(disturbed.sessions.flat(), ({ address }) => address.split('@')[1]!);
  const most = Math.max(...[...atHost.values()].map(({ length }) => length));
  console.info(
    `${kills} kills, ${disturbed.sessions.length} sessions, ${brokenOff.length} broken off. Of ${rows} mailboxes, asked again although the reply was readable: ${readable.length}; asked again because the question was under way: ${repeated.length} (${lost} were, and the database knew each). Most questions at one host: ${most}.`,
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
