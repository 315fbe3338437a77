// /v1/keys: make, list, rotate, revoke.

import { type Context, Hono } from 'hono';
import { defaultOverlapMs, type Key, type NewKey, stateOf } from '../../keys/key.ts';
import type { MadeKey } from '../../keys/key-store.ts';
import { KeyRequest, RotateRequest } from '../api/keys.ts';
import { type Caller, type CallerVariables, may } from '../auth.ts';
import { jsonBody } from '../json-body.ts';
import type { HttpPorts } from '../ports.ts';
import { type Problem, problem } from '../problem.ts';
import { maxValidateBytes } from './validate.ts';

export const keyRoutes = ({ keyStore, keyRing, now }: HttpPorts) =>
  new Hono<{ Variables: CallerVariables }>()
    .post('/keys', jsonBody(maxValidateBytes, KeyRequest), async (c) => {
      const body = c.req.valid('json');
      const wanted: NewKey = body.kind === 'secret' ? { ...body, scopes: body.scopes ?? null } : body;
      const caller = c.get('caller');
      if (caller.kind === 'keyless' && !canMakeKeys(wanted)) return problem(c, firstKey);
      if (!mayGive(caller, wanted)) return problem(c, moreThanOwn);
      const made = await keyStore.create(wanted);
      keyRing.keysChanged();
      return madeKey(c, made, now());
    })
    .get('/keys', async (c) => {
      const keys = await keyStore.list();
      return c.json({ items: keys.map((key) => keyAnswer(key, now())) }, 200);
    })
    .post('/keys/:id/rotate', jsonBody(maxValidateBytes, RotateRequest), async (c) => {
      const { overlap_seconds } = c.req.valid('json');
      const id = c.req.param('id');
      const old = await keyStore.get(id);
      if (old === null) return problem(c, noSuchKey);
      if (!mayGive(c.get('caller'), old)) return problem(c, moreThanOwn);
      const overlap = overlap_seconds === undefined ? defaultOverlapMs : overlap_seconds * 1000;
      const outcome = await keyStore.rotate(id, overlap);
      if (outcome.kind === 'unknown') return problem(c, noSuchKey);
      if (outcome.kind === 'not_current') return problem(c, notCurrent);
      keyRing.keysChanged();
      return madeKey(c, outcome, now());
    })
    .delete('/keys/:id', async (c) => {
      if (!(await keyStore.revoke(c.req.param('id')))) return problem(c, noSuchKey);
      keyRing.keysChanged();
      return c.body(null, 204);
    });

/** Whoever holds a key that makes keys must not come to more than that key opens. */
function mayGive(caller: Caller, wanted: NewKey | Key): boolean {
  if (wanted.kind === 'publishable') return may(caller, 'validate');
  if (wanted.scopes === null) return caller.kind !== 'key' || caller.key.scopes === null;
  return wanted.scopes.every((scope) => may(caller, scope));
}

const canMakeKeys = (key: NewKey): boolean => key.kind === 'secret' && (key.scopes?.includes('keys') ?? true);

const madeKey = (c: Context, { text, key }: MadeKey, now: number) =>
  c.json({ key: text, ...keyAnswer(key, now) }, 201, { 'cache-control': 'no-store' });

const keyAnswer = (key: Key, now: number) => ({
  id: key.id,
  kind: key.kind,
  name: key.name,
  prefix: key.prefix,
  scopes: key.scopes,
  origins: key.origins,
  state: stateOf(key, now),
  created_at: timestamp(key.createdAt),
  expires_at: key.expiresAt === null ? null : timestamp(key.expiresAt),
  revoked_at: key.revokedAt === null ? null : timestamp(key.revokedAt),
  replaced_by: key.replacedBy,
  last_used_on: key.lastUsedOn,
});

const timestamp = (ms: number): string => new Date(ms).toISOString();

const noSuchKey: Problem = {
  type: 'no-such-key',
  title: 'There is no key of that id',
  status: 404,
  detail: 'GET /v1/keys lists all keys.',
};

const notCurrent: Problem = {
  type: 'key-not-current',
  title: 'The key cannot be rotated',
  status: 409,
  detail:
    'It was revoked, has expired, or was rotated already. Rotate the key in its place, or make another.',
};

const moreThanOwn: Problem = {
  type: 'forbidden:scope',
  title: 'A key cannot give more than it has',
  status: 403,
  detail: 'Use a key that has all the scopes asked for, or ADMIN_KEY.',
};

const firstKey: Problem = {
  type: 'first-key',
  title: 'The first key must be able to make others',
  status: 409,
  detail:
    'From the first key on, every call needs one. Make a secret key for everything, or with the scope "keys", ' +
    'first; or make keys with the command "presend keys create".',
};
