// Certificates of webhook signers.

import { describe, expect, test } from 'vitest';
import { createCertificateCache, parseCertificate } from '../../src/webhooks/certificates.ts';
import { certificatePem, rsaKeys } from '../esp/signing.ts';

const { spki } = await rsaKeys('SHA-256');
const pem = certificatePem(spki);

describe('a certificate', () => {
  test('has a public key and a validity period', () => {
    const { spki: key, ...period } = parseCertificate(pem)!;
    expect(new Uint8Array(key)).toEqual(spki);
    expect(period).toEqual({ notBefore: Date.UTC(2026, 0, 1), notAfter: Date.UTC(2026, 11, 31, 23, 59, 59) });
  });

  test.each(['', 'hello', '<html>Service unavailable</html>', pem.slice(0, -200), pem.replace('MI', 'AA')])(
    'is not %j',
    (text) => {
      expect(parseCertificate(text)).toBeNull();
    },
  );
});

describe('the cache', () => {
  const url = 'https://sns.example/1.pem';

  test('fetches a certificate once', async () => {
    let fetched = 0;
    const cache = createCertificateCache(async () => (fetched++ === 0 ? pem : null), Date.now);
    for (let i = 0; i < 3; i++) expect(await cache.certificateAt(url)).not.toBeNull();
    expect(fetched).toBe(1);
  });

  test.each([
    ['could not be fetched', null],
    ['is not a certificate', '<html>Service unavailable</html>'],
  ])('fetches what %s again after ten seconds, not before', async (_, answer) => {
    const answers = [answer, pem];
    let now = 0;
    let fetched = 0;
    const cache = createCertificateCache(
      async () => answers[fetched++]!,
      () => now,
    );
    expect(await cache.certificateAt(url)).toBeNull();
    now = 9999;
    expect(await cache.certificateAt(url)).toBeNull();
    expect(fetched).toBe(1);
    now = 10_000;
    expect(await cache.certificateAt(url)).not.toBeNull();
  });

  test('is bounded, and invented URLs evict no certificate', async () => {
    let fetched = 0;
    const cache = createCertificateCache(
      async (asked) => {
        fetched++;
        return asked.endsWith('.pem') ? pem : null;
      },
      () => 0,
    );
    for (let i = 0; i < 40; i++) await cache.certificateAt(`https://sns.example/${i}.pem`);
    for (let i = 0; i < 40; i++) await cache.certificateAt(`https://sns.example/${i}.invented`);
    await cache.certificateAt('https://sns.example/39.pem');
    expect(fetched).toBe(80);
    await cache.certificateAt('https://sns.example/0.pem');
    await cache.certificateAt('https://sns.example/0.invented');
    expect(fetched).toBe(82);
  });
});
