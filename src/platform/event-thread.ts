// Records delivery events in a separate thread. Verifying, reading, hashing and storing the events of a large webhook request
// takes tens of milliseconds, and in the main thread every verdict would wait for that time.

import type { IntakeOutcome } from '../esp/esp-intake.ts';
import type { DeliveryEvent } from '../events/delivery-event.ts';
import type { Recorded } from '../events/record.ts';
import type { EventIntake, IntakePorts, IntakeSettings } from './event-intake.ts';
import { createOnDemandHelper, startThread } from './on-demand-helper.ts';

/** What the program of the thread gets when it starts. */
export interface EventThreadData {
  /** The database file. */
  readonly path: string;
  readonly hashKey: Uint8Array;
  readonly settings: IntakeSettings;
}

export type EventThreadQuestion =
  | { readonly kind: 'record'; readonly events: readonly DeliveryEvent[] }
  | {
      readonly kind: 'receive';
      readonly provider: string;
      readonly headers: readonly (readonly [string, string])[];
      readonly body: Uint8Array<ArrayBuffer>;
      readonly now: number;
    };

export interface EventThreadAnswer {
  readonly result: readonly Recorded[] | IntakeOutcome;
  readonly newEvents: readonly NewEvent[];
}

/** The requests that the thread sends to the service. */
export type EventThreadRequest =
  | { readonly kind: 'mail_hosts'; readonly domains: readonly string[] }
  | { readonly kind: 'policy_bounces'; readonly stored: number }
  | { readonly kind: 'scores_turned' }
  | { readonly kind: 'new_events'; readonly events: readonly NewEvent[] };

/** What the metrics count of an event that was stored for the first time. */
export type NewEvent = Pick<DeliveryEvent, 'provider' | 'class' | 'kind'>;

export interface EventThread {
  /** Returns the intake that works in the thread. Call it once. */
  intake(ports: IntakePorts): EventIntake;
  /** Waits until all received events are stored, and ends the thread. */
  close(): Promise<void>;
}

const idleMs = 60_000;

export function createEventThread(
  data: EventThreadData,
  onChange: (isRunning: boolean) => void,
): EventThread {
  let ports: IntakePorts | undefined;
  const thread = createOnDemandHelper({
    start: () =>
      startThread('event-thread-program', {
        workerData: data,
        resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 },
      }),
    idleMs,
    async answer(request: EventThreadRequest) {
      if (request.kind === 'mail_hosts') return { value: await ports!.mailHostsOf(request.domains) };
      if (request.kind === 'scores_turned') return { value: await ports!.onScoresTurned() };
      if (request.kind === 'new_events') return { value: request.events.forEach(ports!.onNewEvent) };
      return { value: await ports!.onPolicyBounces(request.stored) };
    },
    onChange,
  });
  async function ask(question: EventThreadQuestion, transfer?: readonly ArrayBuffer[]) {
    const { result, newEvents } = (await thread.ask(question, transfer)) as EventThreadAnswer;
    newEvents.forEach(ports!.onNewEvent);
    return result;
  }
  return {
    intake(given) {
      ports = given;
      return {
        feedback: {
          record: async (events) =>
            events.length === 0 ? [] : ((await ask({ kind: 'record', events })) as Recorded[]),
        },
        espIntake: {
          async receive(provider, request) {
            const { now } = request;
            const headers = [...(request.headers as Headers)];
            // A copy, because the bytes may share their buffer with others.
            const body = request.body.slice();
            const question = { kind: 'receive', provider, headers, body, now } as const;
            return (await ask(question, [body.buffer])) as IntakeOutcome;
          },
        },
      };
    },
    close: () => thread.close(),
  };
}
