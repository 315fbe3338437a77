// The check of the host names in tracked links: they must resolve to a host that exists.

import type { CheckResult, SenderFault } from './finding.ts';
import { isAbsent, type PreflightQuestions } from './questions.ts';
import type { TransportFaultCode } from './transport-faults.ts';

export interface TrackingFacts {
  readonly name: string;
  /** The target of the CNAME record; null if there is none. */
  readonly target: string | null;
  /** Whether the name has an address; null if no resolver answered. */
  readonly resolves: boolean | null;
}

export async function gatherTracking(
  name: string,
  { ask, confirm }: PreflightQuestions,
): Promise<TrackingFacts> {
  const [alias, v4] = await Promise.all([ask(name, 'CNAME'), ask(name, 'A')]);
  const v6 = isAbsent(v4) ? await ask(name, 'AAAA') : v4;
  const last = isAbsent(v6) ? await confirm(name, 'A', ({ kind }) => kind === 'addresses') : v6;
  return {
    name,
    target: alias.kind === 'names' ? (alias.names[0] ?? null) : null,
    resolves: last.kind === 'failure' ? null : last.kind === 'addresses',
  };
}

export function judgeTracking(facts: TrackingFacts): CheckResult<TrackingFacts> {
  const { name, target, resolves } = facts;
  const faults: SenderFault<TransportFaultCode>[] = [];
  if (resolves === false && target === null)
    faults.push({
      code: 'tracking_missing',
      about: name,
      seen: `${name} has no address and no CNAME record.`,
    });
  if (resolves === false && target !== null)
    faults.push({
      code: 'tracking_dangling',
      about: name,
      seen: `${name} is a CNAME record that leads to ${target}, which has no address.`,
    });
  return { facts, faults };
}
