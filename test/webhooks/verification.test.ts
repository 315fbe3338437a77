// The signature schemes that vendors share.

import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  isWithin,
  verifyHexHmac,
  verifySharedSecret,
  verifyStandardWebhook,
} from '../../src/webhooks/verification.ts';
import { now, request, withStandardWebhook } from '../esp/signing.ts';

describe('a time window', () => {
  test.each([
    [now - 1000, true],
    [now - 1001, false],
    [now + 300_000, true],
    [now + 300_001, false],
    [null, false],
  ])('of a second: %s', (time, expected) => {
    expect(isWithin(1000, time, now)).toBe(expected);
  });
});

describe('a shared secret', () => {
  const verify = (headers: Record<string, string>) =>
    verifySharedSecret(request('', headers), ['the secret']);

  test.each([
    ['the password of Basic, for any user', { authorization: `Basic ${btoa('any:the secret')}` }],
    ['a Bearer token', { authorization: 'bearer the-secret' }],
    ['X-Webhook-Token', { 'x-webhook-token': 'the secret' }],
  ])('%s', async (_, headers) => {
    const secrets = ['old', 'the secret', 'the-secret'];
    expect(await verifySharedSecret(request('', headers as Record<string, string>), secrets)).toEqual({
      kind: 'verified',
    });
  });

  test.each([
    ['no header', {}],
    ['another scheme', { authorization: 'Digest abc' }],
    ['Basic that is not base64', { authorization: 'Basic ***' }],
    ['Basic without a colon', { authorization: `Basic ${btoa('the secret')}` }],
  ])('%s has no credentials', async (_, headers) => {
    expect(await verify(headers as Record<string, string>)).toEqual({
      kind: 'refused',
      why: 'credentials_missing',
    });
  });

  test('another secret is wrong', async () => {
    const wrong = { kind: 'refused', why: 'credentials_wrong' };
    expect(await verify({ authorization: `Basic ${btoa('any:guess')}` })).toEqual(wrong);
    expect(await verifySharedSecret(request('', { 'x-webhook-token': '' }), [''])).toEqual(wrong);
  });
});

describe('HMAC-SHA-256 of the body in hexadecimal', () => {
  const hmac = (key: string): string => createHmac('sha256', key).update('the body').digest('hex');
  const verify = (headers: Record<string, string>) =>
    verifyHexHmac(request('the body', headers), ['old', 'new'], 'x-signature');

  test.each(['old', 'new'])('by the %s key is verified', async (key) => {
    expect(await verify({ 'x-signature': hmac(key) })).toEqual({ kind: 'verified' });
  });

  test.each([
    ['without the header', {}, 'signature_missing'],
    ['by another key', { 'x-signature': hmac('another') }, 'signature_wrong'],
    ['in other digits', { 'x-signature': 'not hexadecimal' }, 'signature_wrong'],
  ])('%s is refused', async (_, headers, why) => {
    expect(await verify(headers as Record<string, string>)).toEqual({ kind: 'refused', why });
  });
});

const signed = await withStandardWebhook('webhook', '{}');

describe('Standard Webhooks', () => {
  const signature = signed.request.headers.get('webhook-signature')!.split(' ').at(-1)!;
  const verify = async (signatures: readonly string[]) => {
    const headers = new Headers(signed.request.headers as Headers);
    headers.set('webhook-signature', signatures.join(' '));
    return (
      await verifyStandardWebhook({ ...signed.request, headers }, signed.secrets.signingKeys, 'webhook')
    ).kind;
  };

  test('the eighth signature is checked, and the ninth is not', async () => {
    expect(await verify([...Array(7).fill('v1,AAAA'), signature])).toBe('verified');
    expect(await verify([...Array(8).fill('v1,AAAA'), signature])).toBe('refused');
  });

  test('a signature of another version does not count', async () => {
    expect(await verify([signature.replace('v1,', 'v2,')])).toBe('refused');
  });

  test.each(['id', 'timestamp', 'signature'])('webhook-%s is required', async (name) => {
    const headers = new Headers(signed.request.headers as Headers);
    headers.delete(`webhook-${name}`);
    expect(await verifyStandardWebhook({ ...signed.request, headers }, ['a'], 'webhook')).toEqual({
      kind: 'refused',
      why: 'signature_missing',
    });
  });
});
