// The API of keys.

import * as v from 'valibot';
import { maxOverlapMs, readOrigin, scopes } from '../../keys/key.ts';
import { nullableString } from './fields.ts';
import { type Area, badBody } from './operation.ts';

const name = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, 'Expected at least one character.'),
  v.maxLength(100, 'Expected at most 100 characters.'),
  v.description('What it is for, such as "crm import". Not an address.'),
);

const Scopes = v.pipe(
  v.array(v.picklist(scopes)),
  v.minLength(1, 'Expected at least one scope.'),
  v.description('What the key opens; absent: everything.'),
);

const Origins = v.pipe(
  v.array(
    v.pipe(
      v.string(),
      v.check(
        (text) => readOrigin(text) === text,
        'Expected an origin such as https://shop.example: a scheme, a host in lower case, nothing after it.',
      ),
    ),
  ),
  v.minLength(1, 'Expected at least one origin.'),
  v.maxLength(100, 'Expected at most 100 origins.'),
  v.description('The origins whose pages may use the key: scheme, host, and port where there is one.'),
);

export const KeyRequest = v.variant('kind', [
  v.object({ kind: v.literal('secret'), name, scopes: v.optional(Scopes) }),
  v.object({ kind: v.literal('publishable'), name, origins: Origins }),
]);

export const RotateRequest = v.object({
  overlap_seconds: v.optional(
    v.pipe(
      v.number(),
      v.integer('Expected whole seconds.'),
      v.minValue(0, 'Expected 0 or more.'),
      v.maxValue(maxOverlapMs / 1000, `Expected at most ${maxOverlapMs / 1000}.`),
      v.description('How long the old key stays valid; a day by default.'),
    ),
  ),
});

export const KeyAnswer = v.object({
  id: v.string(),
  kind: v.picklist(['secret', 'publishable']),
  name: v.string(),
  prefix: v.pipe(v.string(), v.description('The first characters of the key.')),
  scopes: v.pipe(
    v.nullable(v.array(v.picklist(scopes))),
    v.description('Null: everything, or a publishable key.'),
  ),
  origins: v.array(v.string()),
  state: v.picklist(['valid', 'expired', 'revoked']),
  created_at: v.string(),
  expires_at: v.pipe(nullableString, v.description('Set by a rotation: when the old key ends.')),
  revoked_at: nullableString,
  replaced_by: v.pipe(nullableString, v.description('The id of the key that a rotation put in its place.')),
  last_used_on: v.pipe(nullableString, v.description('The day (UTC) of the latest use.')),
});

export const MadeKeyAnswer = v.object({
  key: v.pipe(v.string(), v.description('The key itself. It is shown this once and stored nowhere.')),
  ...KeyAnswer.entries,
});

export const KeyListAnswer = v.object({ items: v.array(KeyAnswer) });

const forbidden = ['The key that was sent lacks a scope; nobody can give more than they have.'] as const;
const noSuchKey = ['There is no key of that id.'] as const;

export const keys: Area = {
  tag: 'Keys',
  schemas: { KeyRequest, RotateRequest, KeyAnswer, MadeKeyAnswer, KeyListAnswer },
  operations: {
    'POST /v1/keys': {
      id: 'makeKey',
      summary: 'Make a key',
      request: KeyRequest,
      example: { kind: 'publishable', name: 'shop form', origins: ['https://shop.example'] },
      answers: {
        201: ['The key; it is shown this once.', MadeKeyAnswer],
        ...badBody,
        403: forbidden,
        409: ['The first key of a service without keys must be able to make others.'],
      },
    },
    'GET /v1/keys': {
      id: 'listKeys',
      summary: 'All keys, the latest first, without their texts',
      answers: { 200: ['The keys.', KeyListAnswer] },
    },
    'POST /v1/keys/{id}/rotate': {
      id: 'rotateKey',
      summary: 'Make a key with the same rights; the old one ends after an overlap',
      request: RotateRequest,
      example: { overlap_seconds: 3600 },
      answers: {
        201: ['The key in its place; it is shown this once.', MadeKeyAnswer],
        ...badBody,
        403: forbidden,
        404: noSuchKey,
        409: ['The key was revoked, has expired, or was rotated already.'],
      },
    },
    'DELETE /v1/keys/{id}': {
      id: 'revokeKey',
      summary: 'End a key at once',
      answers: { 204: ['It is not valid any more.'], 404: noSuchKey },
    },
  },
};
