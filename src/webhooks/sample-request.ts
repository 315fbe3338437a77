// Sample webhook requests, with which an operator tests a hook. Each has one event about `sampleRecipient`, signed as the vendor
// signs, if the settings of the hook contain the key.

import { bytesOf, concat, fromBase64, hmacOf, toBase64, toHex } from './crypto.ts';

export interface SampleRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Query parameters that the vendor's URL has. */
  readonly query?: Readonly<Record<string, string>>;
  /**
   * False if presend cannot sign it: the vendor signs with a private key that only the vendor has, or the settings of the hook
   * are missing.
   */
  readonly isSigned: boolean;
}

/** An address of the sandbox domain, which needs no DNS and belongs to nobody. */
export const sampleRecipient = 'deliverable@presend.test';

const json = { 'content-type': 'application/json' };

/** A sample without a signature. Only the vendor can sign it, or the caller adds what the vendor would. */
export const unsignedSample = (value: unknown): SampleRequest => ({
  headers: json,
  body: JSON.stringify(value),
  isSigned: false,
});

/** A sample of a vendor that sends a shared secret: the password of HTTP Basic. */
export const secretSample = (secrets: readonly string[] | undefined, value: unknown): SampleRequest => ({
  ...unsignedSample(value),
  ...ifKey(secrets, (secret) => ({
    headers: { ...json, authorization: `Basic ${toBase64(bytesOf(`presend:${secret}`))}` },
    isSigned: true,
  })),
});

/** A sample of a vendor that sends a shared secret in the query of its URL. */
export const querySample = (
  secrets: readonly string[],
  sample: Pick<SampleRequest, 'headers' | 'body'>,
): SampleRequest => ({
  ...sample,
  isSigned: false,
  ...ifKey(secrets, (secret) => ({ query: { secret }, isSigned: true })),
});

/** A sample with the HMAC-SHA-256 of `signedText(body)`, in hexadecimal, in the header `header`. */
export async function hexHmacSample(
  keys: readonly string[] | undefined,
  header: string,
  value: unknown,
  {
    headers = {},
    signedText = (body) => body,
  }: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly signedText?: (body: string) => string;
  } = {},
): Promise<SampleRequest> {
  const sample = unsignedSample(value);
  const key = keys?.[0];
  if (!key) return sample;
  const signature = await hmacOf('SHA-256', bytesOf(key), bytesOf(signedText(sample.body)));
  return {
    ...sample,
    headers: { ...json, ...headers, [header]: toHex(signature) },
    isSigned: true,
  };
}

/**
 * A sample that is signed as `verifyStandardWebhook` verifies. `version` is the text before the signature. `now` is epoch
 * milliseconds.
 */
export async function standardWebhookSample(
  secrets: readonly string[] | undefined,
  prefix: 'webhook' | 'svix',
  value: unknown,
  now: number,
  version = 'v1,',
): Promise<SampleRequest> {
  const sample = unsignedSample(value);
  const key = fromBase64((secrets?.[0] ?? '').replace(/^whsec_/, ''));
  if (!key?.length) return sample;
  const id = `msg_sample_${now}`;
  const timestamp = String(Math.floor(now / 1000));
  const signature = await hmacOf(
    'SHA-256',
    key,
    concat(bytesOf(`${id}.${timestamp}.`), bytesOf(sample.body)),
  );
  return {
    ...sample,
    headers: {
      ...json,
      [`${prefix}-id`]: id,
      [`${prefix}-timestamp`]: timestamp,
      [`${prefix}-signature`]: `${version}${toBase64(signature)}`,
    },
    isSigned: true,
  };
}

/** What `make` returns for the first key; nothing if there is none. */
const ifKey = <Made extends object>(
  keys: readonly string[] | undefined,
  make: (key: string) => Made,
): Made | Record<never, never> => (keys?.[0] ? make(keys[0]) : {});
