// Sends the changes of the gate's decisions: signed webhooks of the type `gate.changed` to GATE_CALLBACK_URL.

import { gateJson } from '../http/routes/gate.ts';
import type { GateRepository } from '../reports/gate/gate-repository.ts';
import type { GateChange } from '../reports/gate/question.ts';
import { type DeliveryPorts, deliverWebhook, stepAfter } from '../webhooks/delivery.ts';

export interface GateCallback extends DeliveryPorts {
  readonly repository: Pick<GateRepository, 'claim' | 'settle' | 'postpone'>;
  readonly url: string;
  /** Milliseconds to wait after each failed attempt. After the last one, the message is given up. */
  readonly retryWaitsMs: readonly number[];
  readonly onGivenUp: (message: { readonly id: string; readonly cause: string }) => void;
}

/** For how many milliseconds one process may hold a message before another one may send it. */
const sendLeaseMs = 2 * 60_000;

export const gateChangeBody = ({ campaign, purpose, before, answer, at }: GateChange): string =>
  JSON.stringify({
    type: 'gate.changed',
    timestamp: new Date(at).toISOString(),
    data: { campaign, purpose, before, ...gateJson(answer) },
  });

/** Sends one message that is due. Resolves to false if none is due. Rejects only if storage fails. */
export async function deliverGateChange(callback: GateCallback): Promise<boolean> {
  const { repository, url, now, retryWaitsMs, onGivenUp } = callback;
  const message = await repository.claim(now(), now() + sendLeaseMs);
  if (message === null) return false;
  const { id, body, attempts } = message;
  const attempt = await deliverWebhook({ url, id, body }, callback);
  const step = stepAfter(attempt, attempts, retryWaitsMs);
  if (step.kind === 'retry') await repository.postpone(id, now() + step.waitMs);
  else {
    if (step.kind === 'given_up') onGivenUp({ id, cause: step.cause });
    await repository.settle(id);
  }
  return true;
}
