// Sends the drift callback: a signed webhook to DRIFT_CALLBACK_URL. A drift means that the bounces of a source or
// provider differ from the predictions.

import { weekMs } from '../durations.ts';
import type { Drift } from '../learning/drift.ts';
import { sha256Hex } from '../webhooks/crypto.ts';
import { type DeliveryPorts, deliverWebhook } from '../webhooks/delivery.ts';

export interface DriftCallback extends DeliveryPorts {
  readonly url: string;
}

/**
 * Sends a drift and returns whether the receiver accepted it. The same drift keeps its `webhook-id` for the rest of the
 * week, so the receiver can recognize a repetition. Weeks are counted from the Unix epoch, so each begins on Thursday
 * at 00:00 UTC.
 */
export async function sendDrift(drift: Drift, { url, ...ports }: DriftCallback): Promise<boolean> {
  const at = ports.now();
  const body = JSON.stringify({ type: 'drift.found', timestamp: new Date(at).toISOString(), data: drift });
  const { of, name, direction } = drift;
  const id = `drift_${sha256Hex(JSON.stringify([of, name, direction, Math.floor(at / weekMs)])).slice(0, 24)}`;
  return (await deliverWebhook({ url, id, body }, ports)).kind === 'delivered';
}
