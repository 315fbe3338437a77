// The battery every adapter passes: only what the provider vouches for comes through, and the same event twice is one.

import { describe, expect, test } from 'vitest';
import type { EspSecrets } from '../../src/esp/esp-adapter.ts';
import { espAdapters } from '../../src/esp/esp-registry.ts';
import { receiveWebhook } from '../../src/esp/receive-webhook.ts';
import type { WebhookRequest } from '../../src/webhooks/request.ts';
import { samples } from './samples.ts';
import { bytes, noCertificates, type Signed } from './signing.ts';

const other = 'bWVsbG9uIG1lbGxvbiBtZWxsb24=';

const textOf = (request: WebhookRequest) => new TextDecoder().decode(request.body);

const withBody = (request: WebhookRequest, body: string): WebhookRequest => ({
  ...request,
  body: bytes(body),
});

const withHeader = (request: WebhookRequest, name: string, value: string | null): WebhookRequest => ({
  ...request,
  headers: { get: (asked) => (asked.toLowerCase() === name ? value : request.headers.get(asked)) },
});

/** The same signature but for one character in its middle. */
function bent(signature: string): string {
  const middle = signature.length >> 1;
  return `${signature.slice(0, middle)}${signature[middle] === '0' ? '1' : '0'}${signature.slice(middle + 1)}`;
}

function withBentSeal({ request }: Signed, seal: (typeof samples)[string]['seal']): WebhookRequest {
  if ('header' in seal) return withHeader(request, seal.header, bent(request.headers.get(seal.header)!));
  const field = new RegExp(`("${seal.bodyField}":")([^"]{20,})"`);
  return withBody(
    request,
    textOf(request).replace(field, (_, name, value) => `${name}${bent(value)}"`),
  );
}

const others: EspSecrets = {
  signingKeys: [other],
  sharedSecrets: [other],
  topics: ['arn:aws:sns:eu-west-1:999999999999:strangers'],
  webhookUrl: 'https://presend.example/v1/hooks/esp/mandrill',
};

/** Registers the battery; each runtime has a test file that does. */
export function testAuthenticity() {
  test('every provider has a sample', () => {
    expect(Object.keys(samples)).toEqual(espAdapters.map(({ name }) => name));
  });

  describe.each(espAdapters)('$name', (adapter) => {
    const { sign, seal, coversBody } = samples[adapter.name]!;
    const receive = (request: WebhookRequest, { secrets, certificates }: Signed) =>
      receiveWebhook(adapter, request, secrets, certificates ?? noCertificates);

    test('a genuine request comes through', async () => {
      const signed = await sign();
      const outcome = await receive(signed.request, signed);
      expect(outcome).toMatchObject({ kind: 'events', events: [{ recipient: 'jane@example.net' }] });
    });

    test('a tampered signature is refused', async () => {
      const signed = await sign();
      expect(await receive(withBentSeal(signed, seal), signed)).toMatchObject({
        kind: 'refused',
        status: 401,
      });
    });

    if (coversBody)
      test('a tampered body is refused', async () => {
        const signed = await sign();
        const forged = textOf(signed.request).replace('jane', 'john');
        expect(forged).not.toBe(textOf(signed.request));
        expect(await receive(withBody(signed.request, forged), signed)).toEqual({
          kind: 'refused',
          status: 401,
          why: 'signature_wrong',
        });
      });

    if ('header' in seal)
      test('a request without the header that vouches for it is refused', async () => {
        const signed = await sign();
        const bare = withHeader(signed.request, seal.header, null);
        expect((await receive(bare, signed)).kind).toBe('refused');
      });

    test('a request for an operator with other secrets is refused', async () => {
      const { request, certificates = noCertificates } = await sign();
      expect((await receiveWebhook(adapter, request, others, certificates)).kind).toBe('refused');
    });

    test('nothing comes through while no secret is agreed on', async () => {
      const { request, certificates = noCertificates } = await sign();
      const none = { signingKeys: [], sharedSecrets: [], topics: [] };
      for (const secrets of [{}, none])
        expect(await receiveWebhook(adapter, request, secrets, certificates)).toMatchObject({
          kind: 'refused',
          status: 401,
        });
    });

    test('an empty secret vouches for nobody', async () => {
      const { request, certificates = noCertificates } = await sign();
      const empty = { signingKeys: [''], sharedSecrets: [''], topics: [''], webhookUrl: '' };
      expect((await receiveWebhook(adapter, request, empty, certificates)).kind).toBe('refused');
    });

    test('a replayed event has the same id, and the id names nobody', async () => {
      const signed = await sign();
      const ids = [await receive(signed.request, signed), await receive(signed.request, signed)].map(
        (outcome) => (outcome.kind === 'events' ? outcome.events.map(({ id }) => id) : []),
      );
      expect(ids[0]).toEqual(ids[1]);
      expect(ids[0]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    });
  });
}
