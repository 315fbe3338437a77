// The callback of a drift: signed as those of jobs are, to the address that the operator set.

import type { CallbackTransport } from '../jobs/callbacks.ts';
import type { Drift } from '../learning/drift.ts';
import { type CallbackNames, type CallbackTargets, callbackTarget } from '../webhooks/callback-target.ts';
import { webhookHeaders } from '../webhooks/sign.ts';
import { sha256 } from './key-material.ts';

export interface DriftCallback {
  readonly url: string;
  readonly secret: Uint8Array<ArrayBuffer>;
  readonly names: CallbackNames;
  readonly targets: CallbackTargets;
  readonly transport: CallbackTransport;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const weekMs = 7 * 86_400_000;

/** Whether the receiver took it. The same drift of one week has the same `webhook-id`. */
export async function sendDrift(
  drift: Drift,
  { url, secret, names, targets, transport, now }: DriftCallback,
): Promise<boolean> {
  const target = await callbackTarget(url, targets, names);
  if (target.kind !== 'allowed') return false;
  const at = now();
  const body = JSON.stringify({ type: 'drift.found', timestamp: new Date(at).toISOString(), data: drift });
  const { of, name, direction } = drift;
  const id = `drift_${sha256(JSON.stringify([of, name, direction, Math.floor(at / weekMs)])).slice(0, 24)}`;
  const answer = await transport({
    url: target.url,
    addresses: target.addresses,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'presend',
      ...(await webhookHeaders(secret, { id, at, body })),
    },
    body,
  });
  return answer.kind === 'status' && answer.status >= 200 && answer.status < 300;
}
