// How calls that record events share commits.

import type { DeliveryEvent } from './delivery-event.ts';

/** Maximum number of events per commit. They take a few hundred kilobytes of JSON. D1 allows 2 MB for one parameter. */
const eventsAtOnce = 2000;

export type RecordEvents<Recorded> = (events: readonly DeliveryEvent[]) => Promise<Recorded[]>;

/** Splits the events of a call into several commits, in order, if there are more than `eventsAtOnce`. */
export const inParts =
  <Recorded>(record: RecordEvents<Recorded>): RecordEvents<Recorded> =>
  async (events) => {
    const recorded: Recorded[] = [];
    for (let start = 0; start < events.length; start += eventsAtOnce)
      recorded.push(...(await record(events.slice(start, start + eventsAtOnce))));
    return recorded;
  };

/** Runs one commit at a time. The events of calls that arrive during a commit are stored together in the next one. */
export function together<Recorded>(record: RecordEvents<Recorded>): RecordEvents<Recorded> {
  interface Waiting {
    readonly events: readonly DeliveryEvent[];
    readonly resolve: (recorded: Recorded[]) => void;
    readonly reject: (error: unknown) => void;
  }
  const recordInParts = inParts(record);
  const waiting: Waiting[] = [];
  let isRunning = false;

  async function run(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) {
      const calls = takeCalls();
      try {
        const recorded = await recordInParts(calls.flatMap(({ events }) => events));
        let start = 0;
        for (const { events, resolve } of calls) {
          resolve(recorded.slice(start, start + events.length));
          start += events.length;
        }
      } catch (error) {
        for (const { reject } of calls) reject(error);
      }
    }
    isRunning = false;
  }

  /** Takes as many waiting calls as fit into one commit, at least one. */
  function takeCalls(): Waiting[] {
    let events = 0;
    let count = 0;
    for (const call of waiting) {
      events += call.events.length;
      if (events > eventsAtOnce && count > 0) break;
      count += 1;
    }
    return waiting.splice(0, count);
  }

  return (events) =>
    new Promise((resolve, reject) => {
      waiting.push({ events, resolve, reject });
      if (!isRunning) void run();
    });
}
