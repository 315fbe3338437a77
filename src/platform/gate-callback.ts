// Sends the changes of the gate's decisions: signed webhooks of the type `gate.changed` to GATE_CALLBACK_URL.

import { gateJson } from '../http/routes/gate.ts';
import type { GateMessage, GateRepository } from '../reports/gate/gate-repository.ts';
import type { GateChange } from '../reports/gate/question.ts';
import { type DeliveryPorts, deliverDue, deliverWebhook } from '../webhooks/delivery.ts';

export interface GateCallback extends DeliveryPorts {
  readonly repository: Pick<GateRepository, 'claim' | 'settle' | 'postpone'>;
  readonly url: string;
  /** Milliseconds to wait after each failed attempt. After the last one, the message is given up. */
  readonly retryWaitsMs: readonly number[];
  readonly onGivenUp: (message: { readonly id: string; readonly cause: string }) => void;
}

export const gateChangeBody = ({ campaign, purpose, before, answer, at }: GateChange): string =>
  JSON.stringify({
    type: 'gate.changed',
    timestamp: new Date(at).toISOString(),
    data: { campaign, purpose, before, ...gateJson(answer) },
  });

/** Sends one message that is due. Resolves to false if none is due. Rejects only if storage fails. */
export async function deliverGateChange(callback: GateCallback): Promise<boolean> {
  const { repository, url, now, retryWaitsMs, onGivenUp } = callback;
  return deliverDue<GateMessage>({
    ...{ now, retryWaitsMs },
    claim: repository.claim,
    send: ({ id, body }) => deliverWebhook({ url, id, body }, callback),
    postpone: ({ id }, nextAt) => repository.postpone(id, nextAt),
    settle: ({ id }) => repository.settle(id),
    onGivenUp: ({ id }, cause) => onGivenUp({ id, cause }),
  });
}
