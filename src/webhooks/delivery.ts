// Sends one webhook to a receiver, signed or not, after checking that its URL is allowed.

import { minuteMs } from '../durations.ts';
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
  | {
      readonly kind: 'status';
      readonly status: number;
      /** The header Retry-After; absent or null if there is none. */
      readonly retryAfter?: string | null | undefined;
    }
  | { readonly kind: 'failed'; readonly cause: string }
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
  | {
      readonly kind: 'failed';
      readonly cause: string;
      /** Do not try again, because the receiver answered 410 Gone. */
      readonly isFinal: boolean;
      /** Do not try again for this many milliseconds, because the receiver asked for it. */
      readonly restMs?: number;
    };

/**
 * Signs a body as Standard Webhooks specifies and posts it. The caller must pass the same `id` on every attempt, so the
 * receiver recognizes a repeated message.
 */
export async function deliverWebhook(
  message: { readonly url: string; readonly id: string; readonly body: string },
  { secret, now, ...ports }: DeliveryPorts,
): Promise<DeliveryAttempt> {
  const { id, body } = message;
  return postJson(
    { ...message, headers: () => webhookHeaders(secret, { id, at: now(), body }) },
    { ...ports, now },
  );
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
  { names, targets, transport, now }: Omit<DeliveryPorts, 'secret'>,
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
  const restMs = restOf(answer.retryAfter ?? '', now());
  return { ...failed(`status ${status}`, status === 410), ...(restMs > 0 && { restMs }) };
}

/** Longest rest that a receiver can ask for. Short, because a message is tried about ten times in three days. */
const longestRestMs = 2 * 60 * 60_000;

/** Milliseconds of a Retry-After, which is a number of seconds or a date (RFC 9110 section 10.2.3); 0 if it is neither. */
function restOf(text: string, now: number): number {
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), longestRestMs);
}

const failed = (cause: string, isFinal = false): DeliveryAttempt => ({ kind: 'failed', cause, isFinal });

export type DeliveryStep =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'given_up'; readonly cause: string }
  /** Try again after this many milliseconds. */
  | { readonly kind: 'retry'; readonly cause: string; readonly waitMs: number };

/**
 * Says what follows the attempt number `attempts` (from 1) to deliver a message. `retryWaitsMs` has the milliseconds to wait
 * after the first failed attempt, after the second, and so on; after the last one the message is given up. A receiver can ask for
 * a longer wait.
 */
export function stepAfter(
  attempt: DeliveryAttempt,
  attempts: number,
  retryWaitsMs: readonly number[],
): DeliveryStep {
  if (attempt.kind === 'delivered') return attempt;
  const { cause, isFinal, restMs = 0 } = attempt;
  const waitMs = retryWaitsMs[attempts - 1];
  return isFinal || waitMs === undefined
    ? { kind: 'given_up', cause }
    : { kind: 'retry', cause, waitMs: Math.max(waitMs, restMs) };
}

/** Messages that wait in an outbox, for `deliverDue`. */
export interface DueMessages<Message extends { readonly attempts: number }> {
  /** Claims the message that has been due longest, until `leaseUntil`. Null if none is due. */
  readonly claim: (now: number, leaseUntil: number) => Promise<Message | null>;
  /** Makes one attempt. Never rejects because of the receiver. */
  readonly send: (message: Message) => Promise<DeliveryAttempt>;
  readonly postpone: (message: Message, nextAt: number, cause: string) => Promise<void>;
  /** The message was delivered (`cause` is null), or it is given up. */
  readonly settle: (message: Message, cause: string | null) => Promise<void>;
  readonly onGivenUp?: (message: Message, cause: string) => void;
  /** As for `stepAfter`. */
  readonly retryWaitsMs: readonly number[];
  readonly now: () => number;
}

/** A worker that claims a message has this many milliseconds to send it. After that, another worker may send it. */
const leaseMs = 2 * minuteMs;

/** Sends one message that is due. Resolves to false if none is due. Rejects only if storage fails. */
export async function deliverDue<Message extends { readonly attempts: number }>({
  claim,
  send,
  postpone,
  settle,
  onGivenUp,
  retryWaitsMs,
  now,
}: DueMessages<Message>): Promise<boolean> {
  const message = await claim(now(), now() + leaseMs);
  if (message === null) return false;
  const step = stepAfter(await send(message), message.attempts, retryWaitsMs);
  if (step.kind === 'retry') await postpone(message, now() + step.waitMs, step.cause);
  else {
    await settle(message, step.kind === 'given_up' ? step.cause : null);
    if (step.kind === 'given_up') onGivenUp?.(message, step.cause);
  }
  return true;
}
