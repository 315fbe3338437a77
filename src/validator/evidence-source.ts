// The port of everything that a verdict is based on, and the one function that asks all sources.

import type { MaybePromise } from '../maybe-promise.ts';
import type { Batch } from './batch.ts';

/**
 * One source of evidence: the DNS, the suppression list, the operator's overrides, what was learned.
 *
 * `gather` returns what it found about the batch by the deadline (epoch milliseconds), without a promise if nothing has
 * to be waited for. It never throws or rejects: what it cannot find out is `undetermined`, with a cause.
 */
export interface EvidenceSource<Found> {
  readonly name: string;
  /** Whether it is about the domains of the batch or about its addresses. */
  readonly scope: 'domain' | 'address';
  gather(batch: Batch<unknown>, deadline: number): MaybePromise<Found>;
}

export type EvidenceSources = Readonly<Record<string, EvidenceSource<unknown>>>;

/** What each source found. */
export type EvidenceOf<Sources extends EvidenceSources> = {
  readonly [Name in keyof Sources]: Sources[Name] extends EvidenceSource<infer Found> ? Found : never;
};

export interface Gathered<Sources extends EvidenceSources> {
  readonly evidence: EvidenceOf<Sources>;
  /** Milliseconds spent waiting for each scope; the waits overlap. */
  readonly waited: Readonly<Record<'domain' | 'address', number>>;
}

const noWait = { domain: 0, address: 0 };

/** Asks all sources at once. `now`: epoch milliseconds. */
export function gatherEvidence<Sources extends EvidenceSources>(
  sources: Sources,
  batch: Batch<unknown>,
  deadline: number,
  now: () => number,
): MaybePromise<Gathered<Sources>> {
  const evidence: Record<string, unknown> = {};
  const waits: Promise<void>[] = [];
  const waited = { domain: 0, address: 0 };
  let started = 0;
  for (const name in sources) {
    const source = sources[name]!;
    const found = source.gather(batch, deadline);
    if (!(found instanceof Promise)) {
      evidence[name] = found;
      continue;
    }
    if (waits.length === 0) started = now();
    const wait = found.then((value) => {
      evidence[name] = value;
      waited[source.scope] = Math.max(waited[source.scope], now() - started);
    });
    waits.push(wait);
  }
  const gathered = {
    evidence: evidence as EvidenceOf<Sources>,
    waited: waits.length === 0 ? noWait : waited,
  };
  return waits.length === 0 ? gathered : Promise.all(waits).then(() => gathered);
}
