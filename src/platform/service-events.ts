// Assembles what becomes of stored events: they are counted, moved to files and deleted.

import {
  type ColdEventsPorts,
  createColdEvents,
  defaultColdLimits,
  workerColdLimits,
} from '../events/cold/cold-events.ts';
import { DamagedColdFile } from '../events/cold/cold-format.ts';
import { createColdReader } from '../events/cold/cold-reader.ts';
import { createHistoryCounting } from '../events/count-history.ts';
import { createEventExpiry, defaultExpiryLimits, workerExpiryLimits } from '../events/expire.ts';
import type { Database } from '../storage/database.ts';
import { createColdRepository } from '../storage/sqlite/cold-repository.ts';
import { createEventRepository } from '../storage/sqlite/event-repository.ts';
import { createEventHistory } from '../storage/sqlite/event-store.ts';
import { describedError } from './described-error.ts';
import type { LogFields } from './log-messages.ts';
import type { Runtime } from './runtime.ts';

export interface EventsRuntime extends Pick<Runtime, 'settings' | 'jobs' | 'shareInFlight'> {
  /** The database for work that no request waits for. */
  readonly background: Database;
  readonly now: () => number;
  readonly log: (line: LogFields) => void;
}

export function createServiceEvents(runtime: EventsRuntime) {
  const { settings, jobs, shareInFlight, background, now, log } = runtime;
  const coldSpan = { hotMs: settings.eventHotMs, retentionMs: settings.eventRetentionMs };
  const coldPorts: Pick<ColdEventsPorts, 'repository' | 'files' | 'onFailure'> = {
    repository: createColdRepository(background, 'default', settings.suppressionRules.soft.count),
    files: jobs.files,
    onFailure: (error, file) =>
      log({
        level: 'error',
        event: error instanceof DamagedColdFile ? 'cold_file_damaged' : 'cold_events_failed',
        file,
        ...describedError(error),
      }),
  };
  const coldEvents = createColdEvents({
    ...coldPorts,
    ...coldSpan,
    now,
    newId: () => crypto.randomUUID(),
    limits: shareInFlight ? defaultColdLimits : workerColdLimits,
  });
  const eventExpiry = createEventExpiry(
    createEventRepository(background),
    shareInFlight ? defaultExpiryLimits : workerExpiryLimits,
  );
  const eventHistory = createEventHistory(background);
  const historyCounting = createHistoryCounting({
    history: eventHistory,
    // Few events at once on Node, where each transaction blocks other work; more on Workers, where each call of D1 takes long.
    ...(shareInFlight ? { eventsAtOnce: 500, steps: 20 } : { eventsAtOnce: 2000, steps: 5 }),
    onFailure: (error) => log({ level: 'error', event: 'event_history_failed', ...describedError(error) }),
  });
  const coldReader = createColdReader(coldPorts);
  return { coldSpan, coldEvents, coldReader, eventExpiry, eventHistory, historyCounting };
}
