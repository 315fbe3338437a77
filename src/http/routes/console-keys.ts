// /console/keys: make, rotate and revoke API keys.

import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { scopes as allScopes, defaultOverlapMs, type Key, stateOf } from '../../keys/key.ts';
import { actorOf, type CallerVariables } from '../middleware/auth.ts';
import { setSessionCookie } from '../middleware/session-cookie.ts';
import type { KeyFields, ListedKey } from '../pages/console/keys.ts';
import type { HttpPorts } from '../ports.ts';
import { notFound, problem } from '../problem.ts';
import { mistakesIn, readForm, requireSession, sendPage, viewerOf } from './console.ts';
import { KeyRequest, makeKey, mayGiveKey, RotateRequest, rotateKey } from './keys.ts';

type ConsoleContext = Context<{ Variables: CallerVariables }>;

const keysOnPage = 50;

export const consoleKeyRoutes = (ports: HttpPorts) => {
  const { keyStore, keyRing, keyUses, sessions, now } = ports;
  const pages = () => import('../pages/console/keys.ts');
  const viewer = (c: ConsoleContext) => viewerOf(c.get('caller'));

  async function listed(keys: readonly Key[]): Promise<ListedKey[]> {
    const usesOf = await keyUses.read();
    return keys.map((key) => ({ key, state: stateOf(key, now()), uses: usesOf(key.id) }));
  }

  async function showKeys(
    c: ConsoleContext,
    shown: { readonly fields?: KeyFields; readonly problem?: string; readonly done?: string } = {},
    status: 200 | 403 | 409 | 422 = 200,
  ) {
    const { sliceAfter } = await import('../pages/console/paging.ts');
    const cursor = c.req.method === 'GET' ? c.req.query('cursor') : undefined;
    const { items, next } = sliceAfter(await keyStore.list(), ({ id }) => id, cursor, keysOnPage);
    const page = { items: await listed(items), next };
    const { keysPage } = await pages();
    return sendPage(c, keysPage(viewer(c), { ...shown, page, isFirst: cursor === undefined }), status);
  }

  async function showKey(c: ConsoleContext, refused: string | null = null, status: 200 | 403 | 409 = 200) {
    const key = await keyStore.get(c.req.param('id')!);
    if (key === null) return problem(c, notFound);
    const caller = c.get('caller');
    const [one] = await listed([key]);
    const { keyPage } = await pages();
    const page = keyPage(viewer(c), {
      listed: one!,
      isOwn: caller.kind === 'key' && caller.key.id === key.id,
      mayRotate: key.replacedBy === null && mayGiveKey(caller, key),
      problem: refused,
    });
    return sendPage(c, page, status);
  }

  async function make(c: ConsoleContext) {
    const form = await readForm(c);
    if (form instanceof Response) return form;
    const fields = {
      name: form.get('name') ?? '',
      kind: form.get('kind') ?? '',
      scopes: form.getAll('scopes'),
      origins: form.get('origins') ?? '',
    };
    const refuse = (why: string, status: 403 | 409 | 422 = 422) =>
      showKeys(c, { fields, problem: why }, status);
    const wanted = v.safeParse(KeyRequest, wantedIn(fields, viewer(c)));
    if (!wanted.success) return refuse(mistakesIn(wanted.issues));
    if (wanted.output.name.includes('@'))
      return refuse('The name must not contain @: names are shown and logged.');
    const caller = c.get('caller');
    const outcome = await makeKey(ports, caller, wanted.output);
    if ('refused' in outcome) return refuse(outcome.refused.detail!, outcome.refused.status as 403 | 409);
    const { text, key } = outcome.made;
    // Without a session with the first key, the next page would ask for it.
    const signedIn = caller.kind === 'keyless' ? await sessions.signIn(text) : null;
    const isSignedIn = signedIn?.kind === 'signed_in';
    if (isSignedIn) setSessionCookie(c, signedIn.text, signedIn.expiresAt);
    const { newKeyPage } = await pages();
    return sendPage(c, newKeyPage(viewer(c), { key, text, replaced: null, isSignedIn }));
  }

  async function rotate(c: ConsoleContext) {
    const form = await readForm(c);
    if (form instanceof Response) return form;
    const seconds = Number(form.get('overlap') ?? defaultOverlapMs / 1000);
    const wanted = v.safeParse(RotateRequest, { overlap_seconds: seconds });
    if (!wanted.success) return showKey(c, mistakesIn(wanted.issues), 409);
    const id = c.req.param('id')!;
    const outcome = await rotateKey(ports, c.get('caller'), id, seconds * 1000);
    if ('refused' in outcome) {
      const { status, detail } = outcome.refused;
      return status === 404 ? problem(c, notFound) : showKey(c, detail!, status as 403 | 409);
    }
    const { text, key } = outcome.made;
    const { newKeyPage } = await pages();
    const replaced = await keyStore.get(id);
    return sendPage(c, newKeyPage(viewer(c), { key, text, replaced, isSignedIn: false }));
  }

  return new Hono<{ Variables: CallerVariables }>()
    .use('/console/keys', requireSession(ports, 'keys'))
    .use('/console/keys/*', requireSession(ports, 'keys'))
    .get('/console/keys', (c) => showKeys(c))
    .post('/console/keys', make)
    .get('/console/keys/:id', (c) => showKey(c))
    .post('/console/keys/:id/rotate', rotate)
    .post('/console/keys/:id/revoke', async (c) => {
      const key = await keyStore.get(c.req.param('id'));
      if (key === null) return problem(c, notFound);
      await keyStore.revoke(key.id, actorOf(c.get('caller')));
      keyRing.keysChanged();
      const { revokedText } = await pages();
      return showKeys(c, { done: revokedText(key, now()) });
    });
};

/** The key that a form asks for. Without a choice of scopes, a key may what its maker may. */
function wantedIn({ name, kind, scopes, origins }: KeyFields, { may }: ReturnType<typeof viewerOf>): unknown {
  if (kind === 'publishable')
    return {
      kind,
      name,
      origins: origins
        .split(/[\s,]+/)
        .filter((origin) => origin !== '')
        .map((origin) => origin.replace(/\/$/, '')),
    };
  if (scopes.length > 0) return { kind, name, scopes };
  const own = allScopes.filter(may);
  return own.length === allScopes.length ? { kind, name } : { kind, name, scopes: own };
}
