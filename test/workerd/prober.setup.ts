// A presend on Node that asks stand-in mail hosts, for a Worker to ask, and a receiver of its callbacks.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { startNodeService } from '../http/node-service.ts';
import { proberSettings, proberZone, standInSmtp } from '../http/smtp-stand-in.ts';
import { zone } from '../http/zone.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    prober: { readonly url: string; readonly key: string };
    /** POST keeps a body, and GET returns all bodies as a JSON array of texts. */
    receiver: string;
  }
}

const adminKey = 'an-admin-key-for-tests';

export default async function setup(project: TestProject) {
  const service = await startNodeService({
    zone: { ...zone, ...proberZone },
    settings: { ...proberSettings, ADMIN_KEY: adminKey },
    smtp: standInSmtp(),
  });
  const response = await fetch(`${service.url}/v1/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'secret', name: 'a Worker', scopes: ['probe'] }),
  });
  const { key } = (await response.json()) as { key: string };
  project.provide('prober', { url: service.url, key });
  const received: string[] = [];
  const receiver = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    if (request.method === 'POST') received.push(body);
    response.end(request.method === 'POST' ? '' : JSON.stringify(received));
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  project.provide('receiver', `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
  return async () => {
    receiver.close();
    await service.stop();
  };
}
