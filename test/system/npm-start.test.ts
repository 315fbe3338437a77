// `npm start` with the real npm: a signal to npm ends the service, after the requests in progress, and npm has its exit status.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { emptyFolder } from '../cli/program.ts';
import { startDohServer } from '../dns/doh-server.ts';
import { zone } from '../http/zone.ts';

const root = new URL('../..', import.meta.url).pathname;

async function npmStart(environment: Record<string, string>) {
  const folder = emptyFolder();
  const child = spawn('npm', ['start'], {
    cwd: root,
    // A group of its own, so that the test can end all of it.
    detached: true,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      PORT: '0',
      DATABASE_PATH: join(folder, 'presend.db'),
      ...environment,
    },
  });
  onTestFinished(() => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // All of it has ended.
    }
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = /listens on (\S+)/.exec(output);
      if (found) resolve(found[1]!);
    });
    child.once('exit', () => reject(new Error(`it ended: ${output}`)));
  });
  return {
    url,
    /** Sends the signal to npm alone, and gives npm's exit status or signal. */
    async stop(signal: NodeJS.Signals) {
      const ended = once(child, 'exit');
      child.kill(signal);
      return ((await ended) as [number | null, NodeJS.Signals | null]).find((one) => one !== null);
    },
  };
}

const isListening = (url: string) =>
  fetch(`${url}/healthz`).then(
    () => true,
    () => false,
  );

describe.each(['SIGTERM', 'SIGINT'] as const)('%s to npm', (signal) => {
  test('leaves no server behind, and the request in progress is answered', { timeout: 60_000 }, async () => {
    const doh = await startDohServer(zone);
    onTestFinished(() => doh.close());
    const { url, stop } = await npmStart({ DOH_URLS: doh.url, VALIDATE_TIMEOUT_MS: '1500' });
    const answered = fetch(`${url}/v1/validate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'jane@silent-zone.org' }),
    });
    // The service asks for the domain when it has the request.
    await doh.heard('MX silent-zone.org');
    const status = stop(signal);
    expect(await (await answered).json()).toMatchObject({ reason: 'dns_undetermined' });
    expect(await status).toBe(0);
    expect(await isListening(url)).toBe(false);
  });
});
