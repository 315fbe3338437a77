// Watches the records of the sender's domains: checks each once a day and on demand, stores the last state, and reports changes.

import { dayMs, hourMs, minuteMs } from '../../durations.ts';
import type { PreflightRequest } from '../finding.ts';
import type { Preflight } from '../preflight.ts';
import { nextSenderState, senderChange } from './sender-state.ts';
import type { StoredChange, StoredWatch, WatchRepository } from './watch-repository.ts';

export interface SenderWatchPorts {
  readonly repository: WatchRepository;
  /** The preflight requests for the watched domains. */
  readonly requests: readonly PreflightRequest[];
  /** Other domains of the sender: they are checked on demand only. */
  readonly others?: readonly PreflightRequest[];
  /** Loads the checks. Most processes never need them. */
  readonly preflight: () => Promise<Pick<Preflight, 'check'>>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly newId: () => string;
  /** Called once for each change, in the process that saw it. */
  readonly onChange: (change: StoredChange, watch: StoredWatch) => Promise<void>;
  /** Called after each check that was stored, whether anything changed or not. */
  readonly onCheck?: (watch: StoredWatch) => Promise<void>;
  /** Sends a change to the callback. Resolves to whether it was accepted. Null if there is no callback. */
  readonly send: ((change: StoredChange) => Promise<boolean>) | null;
}

export interface WatchedDomain extends StoredWatch {
  readonly lastChange: StoredChange | null;
}

export interface SenderWatch {
  /** The watched domains in the order of the setting. */
  readonly domains: readonly string[];
  /** Checks the domains that are due, a few at most, and sends changes that the callback does not know yet. */
  tend(): Promise<void>;
  /**
   * Checks a watched domain now. Returns its new state. If another process is checking the domain at this moment, returns the
   * state of that check. Null if the domain is not watched.
   */
  check(domain: string): Promise<WatchedDomain | null>;
  list(): Promise<WatchedDomain[]>;
  /** The last states of all domains of the sender, watched or not. */
  states(): Promise<StoredWatch[]>;
  /** The latest changes of a domain, the newest first. */
  changes(domain: string): Promise<StoredChange[]>;
}

const checkEveryMs = dayMs;
/** If no resolver answers, the domain is checked again after this time. */
const againMs = hourMs;
/** Milliseconds of a lease. A process that checks for longer has failed. */
const leaseMs = 2 * minuteMs;
/** Maximum number of checks in one call: each takes seconds, and other maintenance waits for it. */
const checksAtOnce = 3;
/** For how long a callback that fails is sent again. */
const callbackMs = 3 * dayMs;
const callbacksAtOnce = 10;
const shownChanges = 20;

export function createSenderWatch(ports: SenderWatchPorts): SenderWatch {
  const { repository, requests, others = [], now, newId, send } = ports;
  const all = [...requests, ...others.filter((one) => requests.every(({ domain }) => domain !== one.domain))];

  /** Returns false if another process has the lease, or the domain is not due. */
  async function checkOne(request: PreflightRequest, force: boolean): Promise<boolean> {
    const { domain } = request;
    const token = newId();
    const at = now();
    if (!(await repository.claim({ domain, at, until: at + leaseMs, token, force }))) return false;
    const before = await repository.find(domain);
    const answer = await (await ports.preflight()).check(request);
    const known =
      before?.state && before.checkedAt !== null
        ? { state: before.state, checkedAt: before.checkedAt }
        : null;
    const state = nextSenderState(known, answer, JSON.stringify(request), at);
    const watch: StoredWatch =
      state === null
        ? {
            domain,
            state: before?.state ?? null,
            checkedAt: before?.checkedAt ?? null,
            failedAt: at,
            dueAt: at + againMs,
          }
        : { domain, state, checkedAt: at, failedAt: null, dueAt: at + checkEveryMs };
    const changed = state === null || known === null ? null : senderChange(known.state, state);
    const change: StoredChange | null =
      changed === null ? null : { ...changed, id: newId(), domain, at, since: known!.checkedAt };
    if (!(await repository.finish(watch, token, change))) return false;
    if (change !== null) await ports.onChange(change, watch);
    await ports.onCheck?.(watch);
    return true;
  }

  async function sendChanges(): Promise<void> {
    if (send === null) return;
    for (const change of await repository.untold(now() - callbackMs, callbacksAtOnce)) {
      if (!(await send(change))) return;
      await repository.told(change.id);
    }
  }

  const withChange = async (watch: StoredWatch): Promise<WatchedDomain> => ({
    ...watch,
    lastChange: (await repository.changes(watch.domain, 1))[0] ?? null,
  });

  const unchecked = (domain: string): StoredWatch => ({
    ...{ domain, state: null, checkedAt: null, failedAt: null },
    dueAt: now(),
  });

  async function statesOf(asked: readonly PreflightRequest[]): Promise<StoredWatch[]> {
    const stored = new Map((await repository.list()).map((watch) => [watch.domain, watch]));
    return asked.map(({ domain }) => stored.get(domain) ?? unchecked(domain));
  }

  return {
    domains: requests.map(({ domain }) => domain),

    async tend() {
      if (requests.length === 0) return;
      let checks = 0;
      const dueAt = new Map((await repository.list()).map((watch) => [watch.domain, watch.dueAt]));
      for (const request of requests) {
        if (checks >= checksAtOnce) break;
        if ((dueAt.get(request.domain) ?? 0) <= now() && (await checkOne(request, false))) checks++;
      }
      await sendChanges();
    },

    async check(domain) {
      const request = all.find((one) => one.domain === domain);
      if (request === undefined) return null;
      if (await checkOne(request, true)) await sendChanges();
      return withChange((await repository.find(domain)) ?? unchecked(domain));
    },

    list: async () => Promise.all((await statesOf(requests)).map(withChange)),

    states: () => statesOf(all),

    changes: (domain) => repository.changes(domain, shownChanges),
  };
}
