// What this process knows about each webhook that it receives: how many events came, when the last one came, and when and why a
// request was last refused.

import type { DeliveryEvent } from '../events/delivery-event.ts';
import { recipientAddress } from '../suppression/recipient.ts';

export interface HookState {
  /** Number of events received. An event that the vendor sends again is counted again. */
  readonly events: number;
  /** Number of events received that have no valid address. They are recorded, but cannot suppress an address. */
  readonly namingNobody: number;
  /** When the last event was received, in epoch milliseconds; null if none was. */
  readonly lastEventAt: number | null;
  /** When a request was last refused, in epoch milliseconds, and the reason; null if none was. */
  readonly lastRefusal: { readonly at: number; readonly why: string } | null;
}

export interface HookStates {
  /** When counting began, in epoch milliseconds. */
  readonly since: number;
  /** Call this after recording the events of a webhook. Each event's `provider` must be the name of the webhook. */
  received(events: readonly DeliveryEvent[]): void;
  refused(hook: string, why: string): void;
  of(hook: string): HookState;
}

const untouched: HookState = { events: 0, namingNobody: 0, lastEventAt: null, lastRefusal: null };

/** `now` returns epoch milliseconds. */
export function createHookStates(now: () => number): HookStates {
  const states = new Map<string, HookState>();
  const of = (hook: string): HookState => states.get(hook) ?? untouched;
  return {
    since: now(),
    received(events) {
      for (const { provider, recipient } of events) {
        const state = of(provider);
        const isNobody = recipient === null || recipientAddress(recipient) === null;
        states.set(provider, {
          ...state,
          events: state.events + 1,
          namingNobody: state.namingNobody + (isNobody ? 1 : 0),
          lastEventAt: now(),
        });
      }
    },
    refused(hook, why) {
      states.set(hook, { ...of(hook), lastRefusal: { at: now(), why } });
    },
    of,
  };
}
