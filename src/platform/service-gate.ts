// Assembles the gate of the service: its storage, its log line and its callback.

import type { Timers } from '../clock.ts';
import { retryWaitsMs } from '../jobs/callbacks.ts';
import type { Preflight } from '../preflight/preflight.ts';
import type { EventCounter } from '../reports/count.ts';
import { createGate, type Gate } from '../reports/gate/gate.ts';
import type { GateRepository } from '../reports/gate/gate-repository.ts';
import { espPreset } from '../reports/gate/presets.ts';
import type { GateChange } from '../reports/gate/question.ts';
import type { IncidentRepository } from '../reports/incidents/incident-repository.ts';
import type { Database } from '../storage/database.ts';
import { createGateRepository } from '../storage/sqlite/gate-repository.ts';
import { createReplyLimitRepository } from '../storage/sqlite/reply-limit-repository.ts';
import type { DeliveryPorts } from '../webhooks/delivery.ts';
import { deliverGateChange, type GateCallback, gateChangeBody } from './gate-callback.ts';
import { createKnownFaults } from './known-faults.ts';
import type { LogFields } from './log-messages.ts';
import type { Settings } from './settings.ts';

export interface GateRuntime {
  readonly settings: Pick<Settings, 'gateCallbackUrl' | 'listProfile' | 'espPreset'>;
  readonly database: Database;
  readonly counter: EventCounter;
  readonly incidents: IncidentRepository;
  readonly loadPreflight: () => Promise<Preflight>;
  readonly timers: Timers;
  /** How signed webhooks are sent; null without CALLBACK_SECRET. */
  readonly signed: DeliveryPorts | null;
  readonly log: (line: LogFields) => void;
}

export interface ServiceGate {
  readonly gate: Gate;
  readonly gateRepository: GateRepository;
  /** Sends one change that is due to GATE_CALLBACK_URL; null if it is not set. Resolves to false if none is due. */
  readonly sendGateChange: (() => Promise<boolean>) | null;
}

export function createServiceGate(runtime: GateRuntime): ServiceGate {
  const { settings, database, signed, timers, log } = runtime;
  const gateRepository = createGateRepository(database);
  const callback: GateCallback | null =
    settings.gateCallbackUrl === null || signed === null
      ? null
      : {
          ...signed,
          repository: gateRepository,
          url: settings.gateCallbackUrl,
          retryWaitsMs,
          onGivenUp: (message) => log({ level: 'error', event: 'gate_callback_given_up', ...message }),
        };
  const gate = createGate({
    repository: gateRepository,
    replyLimits: createReplyLimitRepository(database),
    counter: runtime.counter,
    incidents: runtime.incidents,
    senderFaults: createKnownFaults(runtime.loadPreflight, timers),
    profile: settings.listProfile,
    account: espPreset(settings.espPreset)?.limits ?? null,
    now: timers.now,
    newId: () => `gate_${crypto.randomUUID()}`,
    bodyOf: callback === null ? null : gateChangeBody,
    tell: (change) => log(gateLine(change)),
  });
  return {
    ...{ gate, gateRepository },
    sendGateChange: callback && (() => deliverGateChange(callback)),
  };
}

/** The log line about a change of the gate's decision. Campaigns are not named, because people may put addresses into names. */
const gateLine = ({ purpose, before, answer }: GateChange): LogFields => ({
  level: answer.decision === 'go' ? 'info' : 'warning',
  event: 'gate_changed',
  ...{ purpose, before, decision: answer.decision },
  reasons: answer.reasons.map(({ code }) => code),
  until: new Date(answer.until).toISOString(),
});
