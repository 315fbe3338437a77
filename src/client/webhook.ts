// Verifies the webhooks that presend sends: job callbacks, changes of the suppression list and drift reports. They are signed as
// Standard Webhooks specifies (https://www.standardwebhooks.com), version v1. Uses WebCrypto only.

import { webhookSecret } from '../webhooks/sign.ts';
import type { Schemas } from './routes.ts';

/** A request that was received, if it is not a `Request` of fetch. */
export interface ReceivedWebhook {
  /** `Headers`, or the headers of Node, Express and the like. */
  readonly headers: Pick<Headers, 'get'> | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body as it arrived, not parsed: the signature covers exactly these bytes. */
  readonly body: string | Uint8Array | ArrayBuffer;
}

/** The `data` of each type of webhook. Later versions add types and fields: ignore what you do not know. */
export interface WebhookData {
  'job.completed': Schemas['JobCompletedMessage']['data'];
  'job.failed': Schemas['JobFailedMessage']['data'];
  'list.reverified': Schemas['ListReverifiedMessage']['data'];
  'suppression.added': Schemas['SuppressionAddedMessage']['data'];
  'suppression.lifted': Schemas['SuppressionLiftedMessage']['data'];
  'drift.found': Schemas['DriftFoundMessage']['data'];
  'sender_dns.changed': Schemas['SenderDnsChangedMessage']['data'];
  'gate.changed': Schemas['GateChangedMessage']['data'];
}

export type WebhookEvent = {
  [Type in keyof WebhookData]: {
    /** The id of the message, the same at every attempt. Remember ids for a few days, and process each id once. */
    id: string;
    type: Type;
    /** When the event happened (RFC 3339, UTC). */
    timestamp: string;
    data: WebhookData[Type];
  };
}[keyof WebhookData];

export type WebhookMistake =
  | 'signature_missing'
  | 'timestamp_outside_window'
  | 'signature_wrong'
  /** The signature is right, but the body is not an event. */
  | 'malformed';

/** The webhook is not from presend, or too old. Answer 400 or 401, and do nothing. */
export class PresendWebhookError extends Error {
  override readonly name = 'PresendWebhookError';
  readonly why: WebhookMistake;

  constructor(why: WebhookMistake) {
    super(`Webhook refused: ${why}`);
    this.why = why;
  }
}

export interface VerifyWebhookOptions {
  /** How many seconds the timestamp of the webhook may differ from `now`; 300 by default. */
  readonly tolerance?: number | undefined;
  /** Epoch milliseconds; the time of the call by default. */
  readonly now?: number | undefined;
}

/** Signatures that are checked per request. presend sends one. */
const mostSignatures = 8;

/**
 * Resolves to the event in a webhook of presend. `secret` is the service's CALLBACK_SECRET (`whsec_…`), or several of them while
 * it is replaced. Reads the body of a `Request`.
 * @throws PresendWebhookError if the signature or the timestamp is wrong; TypeError if a secret or the body is unusable.
 */
export async function verifyWebhook(
  request: Request | ReceivedWebhook,
  secret: string | readonly string[],
  { tolerance = 300, now = Date.now() }: VerifyWebhookOptions = {},
): Promise<WebhookEvent> {
  const keys = (typeof secret === 'string' ? [secret] : secret).map(keyOf);
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
    headerOf(request.headers, `webhook-${name}`),
  );
  const body = await bytesOf(request);
  if (!id || !timestamp || !signatures) throw new PresendWebhookError('signature_missing');
  const age = /^\d{1,12}$/.test(timestamp) ? Math.abs(now / 1000 - Number(timestamp)) : Number.NaN;
  if (!(age <= tolerance)) throw new PresendWebhookError('timestamp_outside_window');
  const signed = concat(new TextEncoder().encode(`${id}.${timestamp}.`), body);
  const given = signatures.split(' ', mostSignatures).map(signatureOf);
  const checks = keys.flatMap((key) => given.map((signature) => isSignature(key, signature, signed)));
  if (!(await Promise.all(checks)).includes(true)) throw new PresendWebhookError('signature_wrong');
  return eventOf(id, new TextDecoder().decode(body));
}

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const key = typeof secret === 'string' ? webhookSecret(secret) : null;
  if (key === null)
    throw new TypeError('presend: the secret must be the CALLBACK_SECRET of the service, whsec_…');
  return key;
}

function headerOf(headers: ReceivedWebhook['headers'], name: string): string | null {
  if (typeof headers.get === 'function') return headers.get(name);
  const [, value] = Object.entries(headers).find(([own]) => own.toLowerCase() === name) ?? [];
  return typeof value === 'string' ? value : (value?.[0] ?? null);
}

async function bytesOf(request: Request | ReceivedWebhook): Promise<Uint8Array> {
  if ('arrayBuffer' in request) return new Uint8Array(await request.arrayBuffer());
  const { body } = request;
  if (typeof body === 'string') return new TextEncoder().encode(body);
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (body instanceof Uint8Array) return body;
  throw new TypeError('presend: pass the body as it arrived, as text or bytes, not parsed');
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** Returns the bytes of a signature such as `v1,K5oZ…`; null for another version, or if it is not base64. */
function signatureOf(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    if (!text.startsWith('v1,')) return null;
    return Uint8Array.from(atob(text.slice('v1,'.length)), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/** WebCrypto compares the signature in constant time. */
async function isSignature(
  key: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer> | null,
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  if (signature === null) return false;
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', key, algorithm, false, ['verify']);
  return crypto.subtle.verify('HMAC', imported, signature, signed);
}

function eventOf(id: string, text: string): WebhookEvent {
  try {
    const { type, timestamp, data } = JSON.parse(text);
    if (typeof type === 'string' && typeof data === 'object')
      return { id, type, timestamp, data } as WebhookEvent;
  } catch {}
  throw new PresendWebhookError('malformed');
}
