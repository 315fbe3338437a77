// The pieces that authenticity stands on.

import { describe, expect, test } from 'vitest';
import { cachingPorts } from '../../src/webhooks/certificates.ts';
import { fromBase64, fromHex, isEcdsaSignature, toHex } from '../../src/webhooks/crypto.ts';
import { md5 } from '../../src/webhooks/md5.ts';
import { parseCertificate } from '../../src/webhooks/x509.ts';
import { bytes, certificatePem, element } from '../esp/signing.ts';

describe('MD5', () => {
  // RFC 1321, A.5.
  test.each([
    ['', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a', '0cc175b9c0f1b6a831c399e269772661'],
    ['abc', '900150983cd24fb0d6963f7d28e17f72'],
    ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
    ['abcdefghijklmnopqrstuvwxyz', 'c3fcd3d76192e4007dfb496cca67e13b'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 'd174ab98d277d9f5a5611c2c9f419d9f'],
    [
      '12345678901234567890123456789012345678901234567890123456789012345678901234567890',
      '57edf4a22be3c955ac49da2e2107b67a',
    ],
  ])('of %j', (text, digest) => {
    expect(toHex(md5(bytes(text)))).toBe(digest);
  });
});

test('what is no base64 or hexadecimal is null', () => {
  expect(fromBase64('***')).toBeNull();
  expect(fromHex('0g')).toBeNull();
  expect(fromHex('abc')).toBeNull();
  expect(fromHex('00fF')).toEqual(Uint8Array.of(0, 255));
});

describe('ECDSA', () => {
  test('many signatures, with numbers of every length, are right', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
    const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    if (!('privateKey' in pair)) throw new Error('a pair was asked for');
    const spki = new Uint8Array((await crypto.subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer);
    const integer = (number: Uint8Array) => {
      const digits = number.subarray(number.findIndex((byte) => byte !== 0));
      return element(0x02, Uint8Array.from(digits[0]! >= 0x80 ? [0] : []), digits);
    };
    for (let i = 0; i < 300; i++) {
      const data = bytes(`message ${i}`);
      const raw = new Uint8Array(
        await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, data),
      );
      const der = element(0x30, integer(raw.subarray(0, 32)), integer(raw.subarray(32)));
      expect(await isEcdsaSignature(spki, der, data)).toBe(true);
      expect(await isEcdsaSignature(spki, der, bytes('another message'))).toBe(false);
    }
  });

  test.each([[], [0x30], [0x30, 0x02, 0x02, 0x09], [0x30, 0x03, 0x02, 0x01, 0x01], [0x31, 0x00]])(
    'bytes that are no signature vouch for nothing: %s %s %s %s',
    async (...signature) => {
      expect(await isEcdsaSignature(new Uint8Array(0), Uint8Array.from(signature), bytes(''))).toBe(false);
    },
  );
});

describe('a certificate', () => {
  const spki = element(0x30, bytes('a key'));

  test.each([true, false])('gives its key and its time, with a version: %s', (version) => {
    expect(parseCertificate(certificatePem(spki, { version }))).toEqual({
      spki,
      notBefore: Date.UTC(2026, 0, 1),
      notAfter: Date.UTC(2026, 11, 31, 23, 59, 59),
    });
  });

  test('cut anywhere, it is none', () => {
    const [, body] = /-\n([^-]+)-/.exec(certificatePem(spki))!;
    const der = atob(body!.replace(/\s/g, ''));
    for (let length = 0; length < der.length; length++) {
      const cut = `-----BEGIN CERTIFICATE-----\n${btoa(der.slice(0, length))}\n-----END CERTIFICATE-----`;
      expect(parseCertificate(cut)).toBeNull();
    }
  });

  test('is fetched once', async () => {
    const pem = certificatePem(spki);
    const answers = [pem, 'never asked for'];
    const ports = cachingPorts(async () => answers.shift() ?? null, Date.now);
    for (let i = 0; i < 3; i++) expect(await ports.fetchCertificate('https://sns.example/1.pem')).toBe(pem);
  });

  test.each([
    ['could not be had', null],
    ['came broken', certificatePem(spki).replace('MI', 'AA').slice(0, 60)],
    ['is none', '<html>Service unavailable</html>'],
  ])('that %s is fetched again after ten seconds, and not before', async (_, answer) => {
    const pem = certificatePem(spki);
    const answers = [answer, pem];
    let now = 0;
    let asked = 0;
    const ports = cachingPorts(
      async () => answers[asked++]!,
      () => now,
    );
    const url = 'https://sns.example/1.pem';
    expect(await ports.fetchCertificate(url)).toBeNull();
    now = 9999;
    expect(await ports.fetchCertificate(url)).toBeNull();
    expect(asked).toBe(1);
    now = 10_000;
    expect(await ports.fetchCertificate(url)).toBe(pem);
  });

  test('many names do not fill the memory, and names that are made up push out no certificate', async () => {
    let fetched = 0;
    const ports = cachingPorts(
      async (url) => {
        fetched++;
        return url.endsWith('.pem') ? certificatePem(spki) : null;
      },
      () => 0,
    );
    for (let i = 0; i < 40; i++) await ports.fetchCertificate(`https://sns.example/${i}.pem`);
    for (let i = 0; i < 40; i++) await ports.fetchCertificate(`https://sns.example/${i}.made-up`);
    await ports.fetchCertificate('https://sns.example/39.pem');
    expect(fetched).toBe(80);
    await ports.fetchCertificate('https://sns.example/0.pem');
    await ports.fetchCertificate('https://sns.example/0.made-up');
    expect(fetched).toBe(82);
  });
});
