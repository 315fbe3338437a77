// A presend on Node that asks stand-in mail hosts, for a Worker to ask.

import type { TestProject } from 'vitest/node';
import { startNodeService } from '../http/node-service.ts';
import { proberSettings, proberZone, standInSmtp } from '../http/smtp-stand-in.ts';
import { zone } from '../http/zone.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    prober: { readonly url: string; readonly key: string };
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
  return () => service.stop();
}
