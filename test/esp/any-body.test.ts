// Whatever is posted, an adapter answers; it never throws and never suppresses a null.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { espAdapters } from '../../src/esp/esp-registry.ts';
import { readWebhook, receiveWebhook } from '../../src/esp/receive-webhook.ts';
import { suppressesAtOnce } from '../../src/events/recipient-event.ts';
import { samples } from './samples.ts';
import { basic, noCertificates, request } from './signing.ts';

const anyBody = fc.oneof(
  fc.json(),
  fc.string({ unit: 'binary' }),
  fc.jsonValue().map((value) => new URLSearchParams({ mandrill_events: JSON.stringify(value) }).toString()),
  fc
    .jsonValue()
    .map((value) => new URLSearchParams({ event: 'bounced', code: JSON.stringify(value) }).toString()),
);

/** The sample of a provider with any one value in it replaced by anything. */
const bentSample = (text: string) =>
  fc.tuple(fc.nat(60), fc.jsonValue()).map(([place, value]) => {
    let count = 0;
    return JSON.stringify(JSON.parse(text), (_, old) => (count++ === place ? value : old));
  });

/** The sample of a provider as JSON, and how its body is made of JSON. */
function inJson(provider: string, text: string): readonly [json: string, bodyOf: (json: string) => string] {
  if (provider === 'mandrill')
    return [
      new URLSearchParams(text).get('mandrill_events')!,
      (json) => new URLSearchParams({ mandrill_events: json }).toString(),
    ];
  if (provider === 'elastic_email')
    return [
      JSON.stringify(Object.fromEntries(new URLSearchParams(text))),
      (json) =>
        new URLSearchParams(
          Object.entries(JSON.parse(json) ?? {}).map(([name, value]): [string, string] => [name, `${value}`]),
        ).toString(),
    ];
  return [text, (json) => json];
}

describe.each(espAdapters)('$name', (adapter) => {
  const read = async (body: string, headers: Record<string, string>) => {
    const outcome = await readWebhook(adapter, request(body, headers));
    if (outcome.kind !== 'events') return;
    for (const event of outcome.events) {
      expect(event.label).toMatch(/^[\w ./:-]{1,64}$/);
      expect(event.at === null || Number.isFinite(event.at)).toBe(true);
      expect(suppressesAtOnce(event) && event.recipient === null).toBe(false);
    }
  };

  test('reads any body', async () => {
    await fc.assert(
      fc.asyncProperty(anyBody, fc.boolean(), (body, isJson) =>
        read(body, { 'content-type': isJson ? 'application/json' : 'application/x-www-form-urlencoded' }),
      ),
    );
  });

  test('reads a body in which anything stands for something', async () => {
    const { request: sample } = await samples[adapter.name]!.sign();
    const text = new TextDecoder().decode(sample.body);
    const [json, bodyOf] = inJson(adapter.name, text);
    await fc.assert(
      fc.asyncProperty(bentSample(json), (bent) =>
        read(bodyOf(bent), {
          'content-type': json === text ? 'application/json' : 'application/x-www-form-urlencoded',
        }),
      ),
    );
  });

  test('refuses any body with an invalid signature header', async () => {
    const { seal } = samples[adapter.name]!;
    const secrets = {
      signingKeys: ['a2V5'],
      sharedSecrets: ['shared'],
      topics: ['t'],
      webhookUrl: 'https://x.example',
    };
    await fc.assert(
      fc.asyncProperty(anyBody, fc.base64String(), async (body, value) => {
        const headers = 'header' in seal ? { ...basic, [seal.header]: value } : { ...basic };
        const outcome = await receiveWebhook(adapter, request(body, headers), secrets, noCertificates);
        expect(outcome.kind).toBe('refused');
      }),
      { numRuns: 50 },
    );
  });
});

test('bytes that are no UTF-8 are malformed', async () => {
  for (const adapter of espAdapters) {
    const body = Uint8Array.of(0xff, 0xfe, 0x7b);
    const outcome = await readWebhook(adapter, { ...request(''), body });
    expect(outcome).toEqual({ kind: 'malformed', status: 400 });
  }
});
