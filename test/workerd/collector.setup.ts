// A stand-in for a collector of OpenTelemetry on Node's side. GET returns what was posted.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    collectorUrl: string;
  }
}

export default async function setup(project: TestProject) {
  const received: { readonly path: string; readonly key: string | undefined; readonly body: unknown }[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request.setEncoding('utf8')) text += part;
    const { url: path = '', method } = request;
    if (method === 'POST')
      received.push({
        path,
        key: request.headers['x-api-key'] as string | undefined,
        body: JSON.parse(text),
      });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(method === 'POST' ? {} : received));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  project.provide('collectorUrl', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
