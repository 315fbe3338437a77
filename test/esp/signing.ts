// Signs webhook requests as the providers do, with keys that are made for each test run.

import type { EspSecrets } from '../../src/esp/esp-adapter.ts';
import { type CertificateSource, parseCertificate } from '../../src/webhooks/certificates.ts';
import type { WebhookRequest } from '../../src/webhooks/request.ts';

export const now = Date.UTC(2026, 10, 20, 12);
export const nowSeconds = String(now / 1000);
export const secret = 'correct horse battery staple';

export const noCertificates: CertificateSource = {
  certificateAt: async () => {
    throw new Error('needs no certificate');
  },
};

export const bytes = (text: string) => new TextEncoder().encode(text);
export const base64 = (data: ArrayBuffer | Uint8Array) =>
  btoa(String.fromCharCode(...new Uint8Array(data as ArrayBuffer)));
const hex = (data: ArrayBuffer) =>
  Array.from(new Uint8Array(data), (byte) => byte.toString(16).padStart(2, '0')).join('');

export const request = (
  body: string,
  headers: Record<string, string> = {},
  at: number = now,
): WebhookRequest => ({ body: bytes(body), headers: new Headers(headers), now: at });

export const json = (value: unknown, headers: Record<string, string> = {}) =>
  request(JSON.stringify(value), { 'content-type': 'application/json', ...headers });

export const basic = { authorization: `Basic ${btoa(`any:${secret}`)}` };

async function hmac(hash: 'SHA-1' | 'SHA-256', key: Uint8Array<ArrayBuffer>, data: Uint8Array<ArrayBuffer>) {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash }, false, ['sign']);
  return crypto.subtle.sign('HMAC', imported, data);
}

/** A request as it would arrive, the secrets it was made for, and what its sender would need to outside. */
export interface Signed {
  readonly request: WebhookRequest;
  readonly secrets: EspSecrets;
  readonly certificates?: CertificateSource;
}

export const withSharedSecret = (body: string): Signed => ({
  request: request(body, { 'content-type': 'application/json', ...basic }),
  secrets: { sharedSecrets: [secret] },
});

export async function withHexHmac(header: string, body: string): Promise<Signed> {
  return {
    request: request(body, { [header]: hex(await hmac('SHA-256', bytes(secret), bytes(body))) }),
    secrets: { signingKeys: [secret] },
  };
}

export async function withStandardWebhook(
  prefix: 'svix' | 'webhook',
  body: string,
  { id = 'msg_1', timestamp = nowSeconds } = {},
): Promise<Signed> {
  const key = bytes('0123456789abcdef0123456789abcdef');
  const signature = await hmac('SHA-256', key, bytes(`${id}.${timestamp}.${body}`));
  return {
    request: request(body, {
      [`${prefix}-id`]: id,
      [`${prefix}-timestamp`]: timestamp,
      [`${prefix}-signature`]: `v1a,AAAA v1,${base64(signature)}`,
    }),
    secrets: { signingKeys: [`whsec_${base64(key)}`] },
  };
}

export async function withMailgunSeal(
  event: object,
  { token = 'token-1', timestamp = nowSeconds } = {},
): Promise<Signed> {
  const signature = hex(await hmac('SHA-256', bytes('signing key'), bytes(timestamp + token)));
  return {
    request: json({ signature: { token, timestamp, signature }, 'event-data': event }, basic),
    secrets: { signingKeys: ['signing key'], sharedSecrets: [secret] },
  };
}

export async function withMailgunForm(fields: readonly (readonly [string, string])[]): Promise<Signed> {
  const signature = hex(await hmac('SHA-256', bytes('signing key'), bytes(`${nowSeconds}token-1`)));
  const body = new URLSearchParams([
    ...fields.map(([name, value]) => [name, value] as [string, string]),
    ['timestamp', nowSeconds],
    ['token', 'token-1'],
    ['signature', signature],
  ]);
  return {
    request: request(body.toString(), { 'content-type': 'application/x-www-form-urlencoded', ...basic }),
    secrets: { signingKeys: ['signing key'], sharedSecrets: [secret] },
  };
}

export async function withMandrillSignature(events: unknown): Promise<Signed> {
  const webhookUrl = 'https://presend.example/v1/hooks/esp/mandrill';
  const written = JSON.stringify(events);
  const signature = await hmac('SHA-1', bytes(secret), bytes(`${webhookUrl}mandrill_events${written}`));
  return {
    request: request(new URLSearchParams({ mandrill_events: written }).toString(), {
      'x-mandrill-signature': base64(signature),
    }),
    secrets: { signingKeys: [secret], webhookUrl },
  };
}

/** `signedText` is the event; it is the body, unless the body is a form that contains it. */
export async function withZeptomailSignature(body: string, signedText = body): Promise<Signed> {
  const signature = base64(await hmac('SHA-256', bytes(secret), bytes(signedText)));
  const seal = `ts=${now};s=${encodeURIComponent(signature)};s-algorithm=HmacSHA256`;
  return {
    request: request(body, { 'producer-signature': seal }),
    secrets: { signingKeys: [secret] },
  };
}

type Key = Parameters<typeof crypto.subtle.sign>[1];

interface KeyPair {
  readonly publicKey: Key;
  readonly privateKey: Key;
}

/** ASN.1 (X.690): one element of a tag and its content. */
export function element(tag: number, ...content: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const inner = content.flatMap((part) => [...part]);
  const length =
    inner.length < 0x80
      ? [inner.length]
      : inner.length < 0x100
        ? [0x81, inner.length]
        : [0x82, inner.length >> 8, inner.length & 0xff];
  return Uint8Array.from([tag, ...length, ...inner]);
}

function derInteger(number: Uint8Array): Uint8Array {
  const first = number.findIndex((byte) => byte !== 0);
  const digits = number.subarray(first);
  return element(0x02, digits[0]! >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0), digits);
}

/** The ASN.1 form (RFC 3279) of an ECDSA signature on P-256. */
export const derSignature = (raw: Uint8Array) =>
  element(0x30, derInteger(raw.subarray(0, 32)), derInteger(raw.subarray(32)));

export async function withSendgridSignature(body: string, timestamp = nowSeconds): Promise<Signed> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const pair = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as KeyPair;
  const raw = new Uint8Array(
    await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, bytes(timestamp + body)),
  );
  const spki = (await crypto.subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer;
  return {
    request: request(body, {
      'x-twilio-email-event-webhook-signature': base64(derSignature(raw)),
      'x-twilio-email-event-webhook-timestamp': timestamp,
    }),
    secrets: { signingKeys: [base64(spki)] },
  };
}

export async function withEd25519Signature(header: string, body: string): Promise<Signed> {
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as KeyPair;
  const signature = await crypto.subtle.sign('Ed25519', pair.privateKey, bytes(body));
  const key = (await crypto.subtle.exportKey('raw', pair.publicKey)) as ArrayBuffer;
  return {
    request: request(body, { [header]: base64(signature) }),
    secrets: { signingKeys: [base64(key)] },
  };
}

/** The headers of Standard Webhooks, with a signature that does not tell its version. */
export async function withSweegoSignature(body: string): Promise<Signed> {
  const { request: signed, secrets } = await withStandardWebhook('webhook', body);
  const [, signature] = signed.headers.get('webhook-signature')!.split('v1,');
  const headers = {
    'webhook-id': signed.headers.get('webhook-id')!,
    'webhook-timestamp': signed.headers.get('webhook-timestamp')!,
    'webhook-signature': signature!,
  };
  return { request: request(body, headers), secrets };
}

export async function rsaKeys(hash: 'SHA-1' | 'SHA-256') {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash,
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  };
  const pair = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as KeyPair;
  const spki = new Uint8Array((await crypto.subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer);
  const sign = async (data: string) =>
    base64(await crypto.subtle.sign(algorithm.name, pair.privateKey, bytes(data)));
  return { spki, sign };
}

export async function withPostalSignature(
  body: string,
  hash: 'SHA-1' | 'SHA-256' = 'SHA-256',
): Promise<Signed> {
  const { spki, sign } = await rsaKeys(hash);
  const header = hash === 'SHA-1' ? 'x-postal-signature' : 'x-postal-signature-256';
  return {
    request: request(body, { [header]: await sign(body) }),
    secrets: { signingKeys: [`-----BEGIN PUBLIC KEY-----\n${base64(spki)}\n-----END PUBLIC KEY-----`] },
  };
}

/** A certificate with this key, valid in 2026 (RFC 5280). Its own signature is empty. */
export function certificatePem(spki: Uint8Array): string {
  // sha256WithRSAEncryption.
  const oid = element(
    0x30,
    element(0x06, Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b)),
    element(0x05),
  );
  const name = element(0x30);
  const validity = element(
    0x30,
    element(0x17, bytes('260101000000Z')),
    element(0x17, bytes('261231235959Z')),
  );
  const signedPart = element(
    0x30,
    element(0xa0, element(0x02, Uint8Array.of(2))),
    element(0x02, Uint8Array.of(1)),
    oid,
    name,
    validity,
    name,
    spki,
  );
  const certificate = element(0x30, signedPart, oid, element(0x03, Uint8Array.of(0, 1)));
  const lines = base64(certificate).replace(/.{64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

export const topic = 'arn:aws:sns:eu-west-1:123456789012:ses-events';
export const certificateUrl =
  'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem';

/** An SNS message as Amazon sends it, with its event, or with the fields given instead. */
export async function withSnsSignature(
  event: unknown,
  {
    version = '2',
    fields = {},
    certificateIsAt = certificateUrl,
  }: {
    readonly version?: '1' | '2';
    readonly fields?: Record<string, string>;
    readonly certificateIsAt?: string;
  } = {},
): Promise<Signed> {
  const { spki, sign } = await rsaKeys(version === '1' ? 'SHA-1' : 'SHA-256');
  const message: Record<string, string> = {
    Type: 'Notification',
    MessageId: 'sns-1',
    TopicArn: topic,
    Message: JSON.stringify(event),
    Timestamp: '2026-11-20T12:00:00.000Z',
    ...fields,
  };
  const signed = ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']
    .filter((name) => name in message)
    .map((name) => `${name}\n${message[name]}\n`)
    .join('');
  const envelope = {
    ...message,
    SignatureVersion: version,
    Signature: await sign(signed),
    SigningCertURL: certificateIsAt,
  };
  return {
    request: request(JSON.stringify(envelope), { 'content-type': 'text/plain; charset=UTF-8' }),
    secrets: { topics: [topic] },
    certificates: {
      certificateAt: async (url) => {
        if (url !== certificateUrl) throw new Error('fetched from elsewhere');
        return parseCertificate(certificatePem(spki));
      },
    },
  };
}
