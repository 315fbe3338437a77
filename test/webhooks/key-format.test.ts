// Keys that verify signatures are recognized by their form, so that a wrong one is refused at start.

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  ed25519KeyFormat,
  publicKeyFormat,
  standardWebhookKeyFormat,
} from '../../src/webhooks/key-format.ts';

const der = (key: KeyObject): string => key.export({ type: 'spki', format: 'der' }).toString('base64');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;

describe('a public key', () => {
  test('of RSA or ECDSA is accepted for its own kind only', () => {
    expect(publicKeyFormat('rsa').accepts(der(rsa))).toBe(true);
    expect(publicKeyFormat('ec').accepts(der(ec))).toBe(true);
    expect(publicKeyFormat('rsa').accepts(der(ec))).toBe(false);
    expect(publicKeyFormat('ec').accepts(der(rsa))).toBe(false);
  });

  test('may have PEM lines', () => {
    expect(publicKeyFormat('rsa').accepts(rsa.export({ type: 'spki', format: 'pem' }) as string)).toBe(true);
  });

  test.each(['', 'not base64!', btoa('not a key')])('is not: %j', (text) => {
    expect(publicKeyFormat('rsa').accepts(text)).toBe(false);
  });

  test('is described by its kind', () => {
    expect(publicKeyFormat('rsa').description).toBe('an RSA public key in base64');
    expect(publicKeyFormat('ec').description).toBe('an ECDSA public key in base64');
  });
});

test('an Ed25519 key has 32 bytes', () => {
  const key = (bytes: number): string => btoa('k'.repeat(bytes));
  expect([31, 32, 33].map((bytes) => ed25519KeyFormat.accepts(key(bytes)))).toEqual([false, true, false]);
  expect(ed25519KeyFormat.accepts('not base64!')).toBe(false);
});

test('a secret of Standard Webhooks is base64, with or without its prefix', () => {
  for (const key of [`whsec_${btoa('secret')}`, btoa('secret')])
    expect(standardWebhookKeyFormat.accepts(key)).toBe(true);
  for (const key of ['', 'whsec_', 'whsec_not base64!'])
    expect(standardWebhookKeyFormat.accepts(key)).toBe(false);
});
