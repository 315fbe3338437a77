// /v1/keys: create, list, rotate and revoke API keys.

import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import {
  defaultOverlapMs,
  type Key,
  maxOverlapMs,
  type NewKey,
  readOrigin,
  scopes,
  stateOf,
} from '../../keys/key.ts';
import type { MadeKey } from '../../keys/key-store.ts';
import { dayField, maxValidateBytes, momentField, nullableMoment, nullableString } from '../fields.ts';
import { actorOf, type Caller, type CallerVariables, hasScope } from '../middleware/auth.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { badBody, idParameter, type Resource, refusal } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { type Problem, problem } from '../problem.ts';

const name = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(100, 'must be at most 100 characters long'),
  v.description('What the key is for, such as "crm import". It must not contain an address.'),
);

const Scope = v.picklist(scopes);

const Scopes = v.pipe(
  v.array(Scope),
  v.minLength(1, 'must have at least one scope'),
  v.description('The scopes of the key; all by default.'),
);

const Origins = v.pipe(
  v.array(
    v.pipe(
      v.string(),
      v.check(
        (text) => readOrigin(text) === text,
        'must be an origin as browsers send it, such as https://shop.example: http or https, a lower-case ASCII host without *, the port only if it is not the default, and no path',
      ),
    ),
  ),
  v.minLength(1, 'must have at least one origin'),
  v.maxLength(100, 'must have at most 100 origins'),
  v.description('The origins whose pages may use the key: scheme, host and optional port.'),
);

export const KeyRequest = v.variant('kind', [
  v.object({ kind: v.literal('secret'), name, scopes: v.optional(Scopes) }),
  v.object({ kind: v.literal('publishable'), name, origins: Origins }),
]);

export const RotateRequest = v.object({
  overlap_seconds: v.optional(
    v.pipe(
      v.number(),
      v.integer('must be a whole number of seconds'),
      v.minValue(0, 'must be at least 0'),
      v.maxValue(maxOverlapMs / 1000, `must be at most ${maxOverlapMs / 1000}`),
      v.description('How many seconds the old key stays valid; 86400 (one day) by default.'),
    ),
  ),
});

export const KeyAnswer = v.object({
  id: v.string(),
  kind: v.picklist(['secret', 'publishable']),
  name: v.string(),
  prefix: v.pipe(v.string(), v.description('The first characters of the key.')),
  scopes: v.pipe(
    v.nullable(v.array(Scope)),
    v.description('Null if the key has all scopes or is publishable.'),
  ),
  origins: v.array(v.string()),
  state: v.picklist(['valid', 'expired', 'revoked']),
  created_at: momentField,
  expires_at: v.pipe(nullableMoment, v.description('When the key expires; null if it was not rotated.')),
  revoked_at: nullableMoment,
  replaced_by: v.pipe(
    nullableString,
    v.description('The id of the key that replaced this one; null if it was not rotated.'),
  ),
  last_used_on: v.pipe(v.nullable(dayField), v.description('The day (UTC) of the last use.')),
});

export const MadeKeyAnswer = v.object({
  key: v.pipe(
    v.string(),
    v.description(
      'The key itself. It is shown only in this response; presend stores only its hash and its first characters.',
    ),
  ),
  ...KeyAnswer.entries,
});

export const KeyListAnswer = v.object({ items: v.array(KeyAnswer) });

const forbidden = refusal(
  'The API key that you sent lacks the scope `keys`, or a scope that the new key would have. To create or rotate a publishable key, the API key that you sent also needs the scope `validate`.',
  'forbidden:scope',
);
const unknownKey = refusal('Unknown key id.', 'no-such-key');
const keyId = idParameter('The id of the key, which `GET /v1/keys` lists.', 'key_b1gM9q0Ki8');

export const keysResource: Resource = {
  tag: 'Keys',
  about: 'API keys: create, rotate and revoke them.',
  schemas: { Scope, KeyRequest, RotateRequest, KeyAnswer, MadeKeyAnswer, KeyListAnswer },
  operations: {
    'POST /v1/keys': {
      scope: 'keys',
      id: 'makeKey',
      summary: 'Create a key',
      description:
        'A secret key stays on your server and has all scopes or those that you name. A publishable key may be in a web page of its origins, and may only call `POST /v1/validate`. A key can only create keys with scopes that it has itself.',
      request: KeyRequest,
      example: { kind: 'publishable', name: 'shop form', origins: ['https://shop.example'] },
      answers: {
        201: ['The new key. It is shown only in this response.', MadeKeyAnswer],
        ...badBody,
        403: forbidden,
        409: refusal(
          'No key exists yet, and the first one must be a secret key with the scope `keys`.',
          'first-key',
        ),
      },
    },
    'GET /v1/keys': {
      scope: 'keys',
      id: 'listKeys',
      summary: 'List keys, newest first, without their secrets',
      description: 'Also lists expired and revoked keys.',
      answers: { 200: ['The keys.', KeyListAnswer] },
    },
    'POST /v1/keys/{id}/rotate': {
      scope: 'keys',
      id: 'rotateKey',
      summary: 'Rotate a key: create a new one, and let the old one expire later',
      description: 'The new key has the same kind, name, scopes and origins. A key can be rotated once.',
      path: keyId,
      request: RotateRequest,
      example: { overlap_seconds: 3600 },
      answers: {
        201: ['The new key. It is shown only in this response.', MadeKeyAnswer],
        ...badBody,
        403: forbidden,
        404: unknownKey,
        409: refusal('The key is revoked, expired or already rotated.', 'key-not-current'),
      },
    },
    'DELETE /v1/keys/{id}': {
      scope: 'keys',
      id: 'revokeKey',
      summary: 'Revoke a key',
      description:
        'Other processes of the service (on Workers: other isolates) may accept the key for 10 more seconds. Revoking a revoked key changes nothing.',
      path: keyId,
      answers: { 204: ['The key was revoked.'], 404: unknownKey },
    },
  },
};

type KeyPorts = Pick<HttpPorts, 'keyStore' | 'keyRing'>;

type KeyOutcome = { readonly made: MadeKey } | { readonly refused: Problem };

/** Makes a key for the caller, unless it would have more rights than the caller's. */
export async function makeKey(
  { keyStore, keyRing }: KeyPorts,
  caller: Caller,
  body: v.InferOutput<typeof KeyRequest>,
): Promise<KeyOutcome> {
  const wanted: NewKey = body.kind === 'secret' ? { ...body, scopes: body.scopes ?? null } : body;
  if (caller.kind === 'keyless' && !canMakeKeys(wanted)) return { refused: firstKey };
  if (!mayGiveKey(caller, wanted)) return { refused: moreThanOwn };
  const made = await keyStore.create(wanted, actorOf(caller));
  keyRing.keysChanged();
  return { made };
}

/** Rotates the key `id` for the caller. */
export async function rotateKey(
  { keyStore, keyRing }: KeyPorts,
  caller: Caller,
  id: string,
  overlapMs: number,
): Promise<KeyOutcome> {
  const old = await keyStore.get(id);
  if (old === null) return { refused: noSuchKey };
  if (!mayGiveKey(caller, old)) return { refused: moreThanOwn };
  const outcome = await keyStore.rotate(id, overlapMs, actorOf(caller));
  if (outcome.kind === 'unknown') return { refused: noSuchKey };
  if (outcome.kind === 'not_current') return { refused: notCurrent };
  keyRing.keysChanged();
  return { made: outcome };
}

export const keyRoutes = (ports: HttpPorts) => {
  const { keyStore, keyRing, now } = ports;
  return new Hono<{ Variables: CallerVariables }>()
    .post('/keys', jsonBody(maxValidateBytes, KeyRequest), async (c) => {
      const outcome = await makeKey(ports, c.get('caller'), c.req.valid('json'));
      return 'refused' in outcome ? problem(c, outcome.refused) : madeKey(c, outcome.made, now());
    })
    .get('/keys', async (c) => {
      const keys = await keyStore.list();
      return c.json({ items: keys.map((key) => keyAnswer(key, now())) }, 200);
    })
    .post('/keys/:id/rotate', jsonBody(maxValidateBytes, RotateRequest), async (c) => {
      const { overlap_seconds } = c.req.valid('json');
      const overlapMs = overlap_seconds === undefined ? defaultOverlapMs : overlap_seconds * 1000;
      const outcome = await rotateKey(ports, c.get('caller'), c.req.param('id'), overlapMs);
      return 'refused' in outcome ? problem(c, outcome.refused) : madeKey(c, outcome.made, now());
    })
    .delete('/keys/:id', async (c) => {
      const isRevoked = await keyStore.revoke(c.req.param('id'), actorOf(c.get('caller')));
      if (!isRevoked) return problem(c, noSuchKey);
      keyRing.keysChanged();
      return c.body(null, 204);
    });
};

/** Whether the caller may create or rotate the key `wanted`: it must not have a scope that the caller's own key lacks. */
export function mayGiveKey(caller: Caller, wanted: NewKey | Key): boolean {
  if (wanted.kind === 'publishable') return hasScope(caller, 'validate');
  if (wanted.scopes === null) return caller.kind !== 'key' || caller.key.scopes === null;
  return wanted.scopes.every((scope) => hasScope(caller, scope));
}

const canMakeKeys = (key: NewKey): boolean => key.kind === 'secret' && (key.scopes?.includes('keys') ?? true);

const madeKey = (c: Context, { text, key }: MadeKey, now: number) =>
  c.json({ key: text, ...keyAnswer(key, now) }, 201, { 'cache-control': 'no-store' });

/** A key as the API returns it, without its secret. */
export const keyAnswer = (key: Key, now: number) => ({
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
  title: 'Not found',
  status: 404,
  detail: 'Unknown key id. GET /v1/keys lists all keys.',
};

const notCurrent: Problem = {
  type: 'key-not-current',
  title: 'Conflict',
  status: 409,
  detail: 'The key is revoked, expired or already rotated. Rotate its replacement, or create a new key.',
};

const moreThanOwn: Problem = {
  type: 'forbidden:scope',
  title: 'Insufficient scope',
  status: 403,
  detail:
    'Your API key can only create and rotate keys whose scopes it has itself. To create or rotate a publishable key, it needs the scope "validate". Use an API key with these scopes, or ADMIN_KEY.',
};

const firstKey: Problem = {
  type: 'first-key',
  title: 'Conflict',
  status: 409,
  detail:
    'The first key must be a secret key with all scopes or with the scope "keys": as soon as a key exists, every call needs a key, ' +
    'and only such a key can create further keys. The command "presend keys create" can create any key.',
};
