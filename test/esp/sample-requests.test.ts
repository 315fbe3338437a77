// The sample with which an operator tests a hook: it is signed with the settings of the hook, and read as one hard bounce.

import { describe, expect, test } from 'vitest';
import { espAdapters } from '../../src/esp/esp-registry.ts';
import { readWebhook } from '../../src/esp/receive-webhook.ts';
import { type SampleRequest, sampleRecipient } from '../../src/webhooks/sample-request.ts';
import { samples } from './samples.ts';
import { bytes, noCertificates, now } from './signing.ts';

/** Providers that sign with a private key that only they have. */
const signsAlone = new Set(['amazon_ses', 'mailpace', 'postal', 'sendgrid']);

const requestOf = ({ body, headers }: SampleRequest, at = now) => ({
  body: bytes(body),
  headers: new Headers(headers),
  now: at,
});

describe.each(espAdapters.map((adapter) => [adapter.name, adapter] as const))('%s', (name, adapter) => {
  test('the sample is accepted, unless only the provider can sign', async () => {
    const { secrets } = await samples[name]!.sign();
    const sample = await adapter.sample(secrets, now);
    const verification = await adapter.verify(requestOf(sample), secrets, noCertificates);
    expect(sample.isSigned).toBe(!signsAlone.has(name));
    expect(verification).toEqual(
      sample.isSigned ? { kind: 'verified' } : { kind: 'refused', why: 'signature_missing' },
    );
  });

  test('the sample of a hook without settings is not signed, and refused', async () => {
    const { secrets } = await samples[name]!.sign();
    const sample = await adapter.sample({}, now);
    expect(sample.isSigned).toBe(false);
    expect((await adapter.verify(requestOf(sample), secrets, noCertificates)).kind).toBe('refused');
  });

  test('the sample is one hard bounce of the sandbox address, and another one each time', async () => {
    const { secrets } = await samples[name]!.sign();
    const eventAt = async (at: number) => {
      const read = await readWebhook(adapter, requestOf(await adapter.sample(secrets, at), at));
      if (read.kind !== 'events') throw new Error(read.kind);
      expect(read.events).toHaveLength(1);
      return read.events[0]!;
    };
    const event = await eventAt(now);
    expect(event).toMatchObject({ kind: 'bounce', class: 'hard', recipient: sampleRecipient });
    expect((await eventAt(now + 5000)).id).not.toBe(event.id);
  });
});
