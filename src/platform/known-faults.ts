// The errors in the DNS records of From domains, as the last preflight found them. The gate needs them before every part of a
// campaign, so they are cached, and a question waits only a short time for a new check.

import type { Timers } from '../clock.ts';
import { hourMs, minuteMs } from '../durations.ts';
import { isDnsUnreachable } from '../preflight/finding.ts';
import type { Preflight } from '../preflight/preflight.ts';
import { readPreflight } from '../preflight/read-request.ts';
import type { KnownFault } from '../reports/gate/decide.ts';

/** How long findings are used, and how soon a check that got no answer is repeated. */
const usedMs = hourMs;
const repeatedMs = 5 * minuteMs;
/** Milliseconds for which a question waits for the first check of its domain. */
const waitMs = 1500;
const mostDomains = 100;

/**
 * Returns a function that gives the errors in the DNS records of a domain. If a new check takes too long or fails, it gives the
 * last result, or null if there is none. A late check continues, and later questions have its result.
 */
export function createKnownFaults(
  preflight: () => Promise<Preflight>,
  timers: Timers,
): (domain: string) => Promise<readonly KnownFault[] | null> {
  const known = new Map<string, { readonly until: number; readonly faults: readonly KnownFault[] | null }>();

  async function check(domain: string): Promise<readonly KnownFault[] | null> {
    const faults = await faultsOf(preflight, domain).catch(() => null);
    known.delete(domain);
    known.set(domain, { until: timers.now() + (faults === null ? repeatedMs : usedMs), faults });
    if (known.size > mostDomains) known.delete(known.keys().next().value!);
    return faults;
  }

  return async (domain) => {
    const last = known.get(domain);
    if (last !== undefined && timers.now() < last.until) return last.faults;
    const late = new Promise<null>((resolve) => {
      timers.setTimeout(() => resolve(null), waitMs);
    });
    return (await Promise.race([check(domain), late])) ?? last?.faults ?? null;
  };
}

async function faultsOf(
  preflight: () => Promise<Preflight>,
  domain: string,
): Promise<readonly KnownFault[] | null> {
  const read = readPreflight({ domain });
  if ('mistakes' in read) return null;
  const { findings, facts } = await (await preflight()).check(read.request);
  // Without any answer from DNS nothing is known: a DNS query without an answer is not a finding.
  if (isDnsUnreachable(facts)) return null;
  return findings
    .filter(({ severity }) => severity === 'error')
    .map(({ code, meaning }) => ({ code, meaning }));
}
