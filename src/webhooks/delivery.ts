// Sends one webhook to a receiver, signed or not, after checking that its URL is allowed.

import { type CallbackNames, type CallbackTargets, callbackTarget } from './callback-target.ts';
import { webhookHeaders } from './sign.ts';

/** Sends one POST request. Does not follow redirects, reads only the status of the response, and sets its own timeout. */
export type WebhookTransport = (request: {
  readonly url: URL;
  /**
   * The checked IP addresses of the host. The transport must connect to one of them. If its runtime cannot choose the address,
   * the runtime itself must be unable to reach private addresses.
   */
  readonly addresses: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}) => Promise<
  { readonly kind: 'status'; readonly status: number } | { readonly kind: 'failed'; readonly cause: string }
>;

export interface DeliveryPorts {
  /** The key of the signature (see `webhookSecret`). */
  readonly secret: Uint8Array<ArrayBuffer>;
  readonly names: CallbackNames;
  readonly targets: CallbackTargets;
  readonly transport: WebhookTransport;
  /** Returns epoch milliseconds. */
  readonly now: () => number;
}

export type DeliveryAttempt =
  | { readonly kind: 'delivered' }
  /** `isFinal`: do not try again, because the receiver answered 410 Gone. */
  | { readonly kind: 'failed'; readonly cause: string; readonly isFinal: boolean };

/**
 * Signs a body as Standard Webhooks specifies and posts it. The caller must pass the same `id` on every attempt, so the
 * receiver recognizes a repeated message.
 */
export async function deliverWebhook(
  message: { readonly url: string; readonly id: string; readonly body: string },
  { secret, now, ...ports }: DeliveryPorts,
): Promise<DeliveryAttempt> {
  const { id, body } = message;
  return postJson({ ...message, headers: () => webhookHeaders(secret, { id, at: now(), body }) }, ports);
}

/** Posts JSON, with the headers that `headers` returns. The URL is checked as that of every webhook. */
export async function postJson(
  {
    url,
    body,
    headers = async () => ({}),
  }: {
    readonly url: string;
    readonly body: string;
    readonly headers?: () => Promise<Readonly<Record<string, string>>>;
  },
  { names, targets, transport }: Pick<DeliveryPorts, 'names' | 'targets' | 'transport'>,
): Promise<DeliveryAttempt> {
  const target = await callbackTarget(url, targets, names);
  if (target.kind === 'no_answer') return failed('host not found');
  if (target.kind === 'refused') return failed(`refused: ${target.why}`);
  const answer = await transport({
    url: target.url,
    addresses: target.addresses,
    headers: { 'content-type': 'application/json', 'user-agent': 'presend', ...(await headers()) },
    body,
  });
  if (answer.kind === 'failed') return failed(answer.cause);
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  return failed(`status ${status}`, status === 410);
}

const failed = (cause: string, isFinal = false): DeliveryAttempt => ({ kind: 'failed', cause, isFinal });

export type DeliveryStep =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'given_up'; readonly cause: string }
  /** Try again after this many milliseconds. */
  | { readonly kind: 'retry'; readonly cause: string; readonly waitMs: number };

/**
 * Says what follows the attempt number `attempts` (from 1) to deliver a message. `retryWaitsMs` has the milliseconds to wait
 * after the first failed attempt, after the second, and so on; after the last one the message is given up.
 */
export function stepAfter(
  attempt: DeliveryAttempt,
  attempts: number,
  retryWaitsMs: readonly number[],
): DeliveryStep {
  if (attempt.kind === 'delivered') return attempt;
  const { cause, isFinal } = attempt;
  const waitMs = retryWaitsMs[attempts - 1];
  return isFinal || waitMs === undefined ? { kind: 'given_up', cause } : { kind: 'retry', cause, waitMs };
}
