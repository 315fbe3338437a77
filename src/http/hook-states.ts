// What this process knows about each webhook that it receives: how many events came, when the last one came, and when and why a
// request was last refused.

import type { DeliveryEvent } from '../events/delivery-event.ts';
import { recipientAddress } from '../suppression/recipient.ts';

export interface HookState {
  /** Number of events received. An event that the vendor sends again is counted again. */
  readonly events: number;
  /** How many of these events name no valid address. Such events are recorded but cannot suppress an address. */
  readonly namingNobody: number;
  /** Epoch milliseconds. */
  readonly lastEventAt: number | null;
  readonly lastRefusal: { readonly at: number; readonly why: string } | null;
}

export interface HookStates {
  /** When counting began, in epoch milliseconds. */
  readonly since: number;
  /** Call this after recording the events of a webhook. Their `provider` is the name of the hook. */
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
