// /console/connections: the webhooks of providers and CRMs, and their tests.

import { type Context, Hono } from 'hono';
import { isLoopback } from '../../domain/ip-address.ts';
import type { AnswerVariables } from '../answer.ts';
import type { CallerVariables } from '../middleware/auth.ts';
import type { BodyVariables } from '../middleware/body.ts';
import type { HttpPorts } from '../ports.ts';
import { notFound, problem } from '../problem.ts';
import { requireSession, sendPage, viewerOf } from './console.ts';
import { hookNamed, hookSettings, readHooks, tryHook } from './hooks.ts';

type Variables = CallerVariables & BodyVariables & AnswerVariables;

/** The URL of a path of this service as its visitors see it. */
function publicUrl(c: Context, path: string): URL {
  const url = new URL(path, c.req.url);
  if (c.req.header('x-forwarded-proto') === 'https') url.protocol = 'https:';
  return url;
}

export const consoleConnectionRoutes = (ports: HttpPorts) => {
  const pages = () => import('../pages/console/connections.ts');

  async function show(c: Context<{ Variables: Variables }>, isTested: boolean) {
    const { kind, vendor = '' } = c.req.param() as Readonly<Record<string, string>>;
    const tested = kind === 'esp' || kind === 'crm' ? hookNamed(kind, vendor) : undefined;
    if (tested === undefined) return problem(c, notFound);
    const hook = (await readHooks(ports)).items.find(
      ({ kind: of, name }) => of === tested.kind && name === vendor,
    )!;
    const url = publicUrl(c, hook.path);
    const test = isTested ? await tryHook(ports, c, tested, { url: url.href, sent: new Uint8Array() }) : null;
    const { connectionPage } = await pages();
    const view = {
      ...{ hook, test, now: ports.now(), url: url.href },
      settings: hookSettings(tested.kind, vendor)!,
      isLocal: isLoopback(url.hostname) || url.protocol === 'http:',
    };
    return sendPage(c, connectionPage(viewerOf(c.get('caller')), view));
  }

  return new Hono<{ Variables: Variables }>()
    .use('/console/connections', requireSession(ports, 'reports:read') as never)
    .use('/console/connections/*', requireSession(ports, 'reports:read') as never)
    .get('/console/connections', async (c) => {
      const { connectionsPage } = await pages();
      const { items } = await readHooks(ports);
      return sendPage(c, connectionsPage(viewerOf(c.get('caller')), items, ports.now()));
    })
    .get('/console/connections/:kind/:vendor', (c) => show(c, false))
    .post('/console/connections/:kind/:vendor/test', (c) => show(c, true));
};
