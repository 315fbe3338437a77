// A DoH server on Node's side, for the tests in workerd to ask over its own fetch.

import type { TestProject } from 'vitest/node';
import { contractZone } from '../contract/resolver.ts';
import { startDohServer } from '../dns/doh-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    dohUrl: string;
  }
}

export default async function setup(project: TestProject) {
  const server = await startDohServer(contractZone);
  project.provide('dohUrl', server.url);
  return server.close;
}
