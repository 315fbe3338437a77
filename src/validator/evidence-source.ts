// The interface of a source of evidence, such as DNS or the suppression list, and the function that asks all sources about a
// batch.

import type { MaybePromise } from '../maybe-promise.ts';
import type { AddressFinding } from '../signals/evidence.ts';
import type { Learned } from '../verdict/probability.ts';
import type { Batch } from './batch.ts';
import type { FoundDomain } from './found-domain.ts';

/** What one source found about a batch. A source sets only the fields that it knows something about. */
export interface BatchFinding {
  /** Adds the finding of this source to a domain that was looked up, and returns the result. */
  readonly toDomain?: (domain: FoundDomain) => FoundDomain;
  /** Returns what the source found about a canonical address; null if it found nothing. */
  readonly ofAddress?: (address: string) => AddressFinding | null;
  /** The model that was fitted to reported deliveries and bounces. It adjusts the probability of a bounce. */
  readonly learned?: Learned | null;
}

/**
 * One source of evidence: DNS, the suppression list, the operator's allow and deny lists, or the learned model.
 *
 * `gather` returns what it found about the batch by the deadline (epoch milliseconds). It returns a promise only if it has
 * to wait. It never throws or rejects. If the source fails or is too slow, `gather` returns evidence that says so, such as the
 * suppression evidence `undetermined`, or returns `nothingFound`.
 */
export interface EvidenceSource {
  readonly name: string;
  /** Whether the evidence is about the domains of the batch or about its addresses. */
  readonly scope: 'domain' | 'address';
  gather(batch: Batch<unknown>, deadline: number): MaybePromise<BatchFinding>;
}

export const nothingFound: BatchFinding = {};

/** The findings of all sources, combined. */
export interface Gathered extends Required<BatchFinding> {
  /**
   * For each scope, the milliseconds until its slowest source answered; 0 if none had to wait. Sources of both scopes are asked
   * at the same time.
   */
  readonly waited: Readonly<Record<EvidenceSource['scope'], number>>;
}

/** Asks all sources at the same time. `deadline` and the result of `now` are in epoch milliseconds. */
export function gatherEvidence(
  sources: readonly EvidenceSource[],
  batch: Batch<unknown>,
  deadline: number,
  now: () => number,
): MaybePromise<Gathered> {
  const findings: MaybePromise<BatchFinding>[] = [];
  let waits = false;
  let foundNothing = true;
  for (const source of sources) {
    const finding = source.gather(batch, deadline);
    findings.push(finding);
    waits ||= finding instanceof Promise;
    foundNothing &&= finding === nothingFound;
  }
  if (foundNothing) return nothingGathered;
  const waited = { domain: 0, address: 0 };
  if (!waits) return combined(findings as BatchFinding[], waited);
  const started = now();
  const timed = findings.map(async (finding, index) => {
    const found = await finding;
    if (finding instanceof Promise) waited[sources[index]!.scope] = now() - started;
    return found;
  });
  return Promise.all(timed).then((all) => combined(all, waited));
}

/** Combines the findings of all sources. If two sources set the same field, the later source in the list wins. */
function combined(findings: readonly BatchFinding[], waited: Gathered['waited']): Gathered {
  let toDomain: Gathered['toDomain'] | undefined;
  let ofAddress: Gathered['ofAddress'] | undefined;
  let learned: Learned | null = null;
  for (const finding of findings) {
    if (finding.toDomain) toDomain = toDomain ? oneAfterOther(toDomain, finding.toDomain) : finding.toDomain;
    if (finding.ofAddress) ofAddress = ofAddress ? both(ofAddress, finding.ofAddress) : finding.ofAddress;
    learned = finding.learned ?? learned;
  }
  return { toDomain: toDomain ?? unchanged, ofAddress: ofAddress ?? nothing, learned, waited };
}

const unchanged = (domain: FoundDomain): FoundDomain => domain;
const nothing = (): null => null;

const nothingGathered: Gathered = {
  toDomain: unchanged,
  ofAddress: nothing,
  learned: null,
  waited: { domain: 0, address: 0 },
};

const oneAfterOther =
  (first: Gathered['toDomain'], second: Gathered['toDomain']): Gathered['toDomain'] =>
  (domain) =>
    second(first(domain));

const both =
  (first: Gathered['ofAddress'], second: Gathered['ofAddress']): Gathered['ofAddress'] =>
  (address) => {
    const one = first(address);
    const other = second(address);
    return one && other ? { ...one, ...other } : (one ?? other);
  };
