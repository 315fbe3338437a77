// Large unsigned webhooks on every route: they are refused, and hardly any of their bytes are parsed.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemTimers } from '../../src/clock.ts';
import { hookSettings, hookTargets, hookTime, hostileBodies } from './hostile-hooks.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

const targets = await hookTargets();
const size = 256 * 1024;

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({
    zone,
    settings: {
      ...(await hookSettings()),
      ADMIN_KEY: 'admin-key-of-these-tests',
      TRUSTED_PROXIES: '127.0.0.1',
    },
    timers: { ...systemTimers, now: () => hookTime },
  });
});
afterAll(() => service.stop());

/** The most commas, brackets and braces outside strings in a text that JSON.parse got while `work` ran. */
async function mostStructure(work: () => Promise<unknown>): Promise<number> {
  const parse = vi.spyOn(JSON, 'parse');
  await work();
  const texts = parse.mock.calls.map(([text]) => String(text));
  parse.mockRestore();
  return Math.max(
    0,
    ...texts.map((text) => text.replace(/"(?:[^"\\]|\\.)*"?/gs, '').match(/[,[{]/g)?.length ?? 0),
  );
}

const bodies = Object.entries(hostileBodies).map(([name, { type, make }]) => ({
  name,
  type,
  of: (bytes: number) => new TextEncoder().encode(make(Math.min(size, bytes))),
}));

test('all routes and many bodies are tried', () => {
  expect(targets.length).toBe(28);
  for (const { name, of } of bodies) {
    expect(of(size).length, name).toBeGreaterThan(0.9 * size);
    expect(of(size).length, name).toBeLessThanOrEqual(size);
  }
});

describe.each(targets)('$name', ({ path, maxBytes, headers }) => {
  test('refuses every hostile body, and parses no more than a thousand parts of it', async () => {
    const searchParameters = vi.spyOn(globalThis, 'URLSearchParams');
    const wrong: string[] = [];
    for (const [at, { name, type, of }] of bodies.entries()) {
      const request = new Request(service.url + path, {
        method: 'POST',
        headers: { ...headers, 'content-type': type, 'x-forwarded-for': `198.51.100.${at}` },
        body: of(maxBytes),
      });
      let status = 0;
      const structure = await mostStructure(async () => {
        ({ status } = await service.handle(request));
      });
      if (status !== 400 && status !== 401) wrong.push(`${name}: ${status}`);
      if (structure > 1100) wrong.push(`${name}: ${structure} parts are parsed`);
    }
    expect(wrong).toEqual([]);
    expect(searchParameters.mock.calls.length).toBe(0);
    searchParameters.mockRestore();
  });
});
