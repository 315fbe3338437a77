// Checks what a prober needs before it asks anybody: port 25, the names of its IP address, SPF and blocklists. While one of them
// fails, mail hosts are not asked, because each refusal makes the next one more likely.

import type { RefusedCause } from '../address/mailbox-proof.ts';
import type { Timers } from '../clock.ts';
import { dayMs, minuteMs } from '../durations.ts';
import type { ReadinessCheck } from '../http/ports.ts';
import { refusalAdvice } from '../mailbox/keep-proof.ts';
import type { ProbeFinding } from '../mailbox/probe-finding.ts';
import type { Prober } from '../mailbox/prober.ts';
import type { Reached } from '../mailbox/reach-port25.ts';
import { sleepUntil } from '../mailbox/sleep-until.ts';
import type { SmtpIdentity } from '../mailbox/smtp-session.ts';
import { isDnsUnreachable } from '../preflight/finding.ts';
import type { Preflight } from '../preflight/preflight.ts';
import type { LogFields } from './log-messages.ts';

/** Why mail hosts are not asked. */
export interface ProbeSetupFault {
  /** `port_25`, `dns`, or the code of a finding of the preflight, such as `ptr_missing`. */
  readonly code: string;
  /** What was seen: one or more sentences. */
  readonly seen: string;
  /** What to do about it, in sentences. */
  readonly todo: string;
}

export interface ProbeSetup {
  /** The IP address from which mail hosts see this machine; null if none says it. */
  readonly address: string | null;
  readonly faults: readonly ProbeSetupFault[];
}

export interface ProbeSetupPorts {
  readonly identity: SmtpIdentity;
  /** Connects to a well-known mail host. */
  readonly reach: () => Promise<Reached>;
  /** The addresses of a host; null if they are not known. */
  readonly addressesOf: (host: string) => Promise<readonly string[] | null>;
  readonly preflight: () => Promise<Pick<Preflight, 'check'>>;
}

/**
 * The findings of a preflight that make hosts refuse a prober. Others, such as DKIM, are about messages. An SPF record with too many
 * lookups, for example, fails for everybody.
 */
const decisive =
  /^(?:ptr_missing|ptr_not_confirmed|helo_|ip_not_public|ip_listed|domain_listed|domain_nonexistent|null_mx|no_mail_host)/;
const decisiveSpf = /^spf_/;

/**
 * Whether a person may ask mail hosts all the same. Not if they could not be reached, or if the IP address or domain is refused or listed
 * already, because each question could make that worse.
 */
export const mayBeIgnored = ({ code }: ProbeSetupFault): boolean =>
  !['port_25', 'refused', 'ip_listed', 'domain_listed'].includes(code);

/** Checks everything once. Never rejects. */
export async function checkProbeSetup(ports: ProbeSetupPorts): Promise<ProbeSetup> {
  const { identity, reach, addressesOf } = ports;
  const reached = await reach().catch((): Reached => ({ kind: 'failed', cause: 'unreachable' }));
  if (reached.kind === 'failed' && reached.cause === 'dns') return { address: null, faults: [noDns] };
  if (reached.kind === 'failed')
    return {
      address: null,
      faults: [
        {
          code: 'port_25',
          seen: `No mail host could be reached on port 25 (${reached.cause}).`,
          todo: 'Ask your provider to open port 25, set PROBE_PROXY to a SOCKS5 proxy on a machine where it is open, or set PROBE_URL to another presend.',
        },
      ],
    };
  if (reached.kind === 'refused')
    return {
      address: null,
      faults: [
        {
          code: 'refused',
          seen: `A well-known mail host refuses this machine (${reached.cause}).`,
          todo: refusalAdvice(reached.cause as RefusedCause),
        },
      ],
    };
  const ips = reached.address === null ? await addressesOf(identity.heloName) : [reached.address];
  if (ips === null) return { address: null, faults: [noDns] };
  const faults =
    ips.length === 0
      ? [
          {
            code: 'helo_unknown',
            seen: `${identity.heloName} (SMTP_HELO_NAME) has no IP address.`,
            todo: 'Publish an A record for it, with the IP address of this machine.',
          },
        ]
      : await senderFaults(ports, ips).catch(() => [noDns]);
  return { address: reached.address, faults };
}

const noDns: ProbeSetupFault = {
  code: 'dns',
  seen: 'No DNS resolver answered, so presend could not check the host name, PTR record and SPF of this machine.',
  todo: 'Check DOH_URLS or DNS_SERVERS. presend tries again by itself.',
};

async function senderFaults(
  { identity, preflight }: ProbeSetupPorts,
  ips: readonly string[],
): Promise<ProbeSetupFault[]> {
  const domain = identity.mailFrom.slice(identity.mailFrom.lastIndexOf('@') + 1);
  const { check } = await preflight();
  const helo = identity.heloName.startsWith('[') ? null : identity.heloName.toLowerCase();
  const { findings, facts } = await check({
    ...{ domain, selectors: [], ips, bounceDomain: null, tracking: [] },
    helo,
  });
  if (isDnsUnreachable(facts)) return [noDns];
  const faults = findings
    .filter(({ code, severity }) => decisive.test(code) || (decisiveSpf.test(code) && severity === 'error'))
    .map(({ code, seen, meaning }) => ({ code, seen, todo: meaning }));
  // The name must lead forward to the address, which the preflight has checked, and the address back to the name.
  for (const { ip, ptr } of facts.ips)
    if (helo !== null && ptr !== null && ptr.length > 0 && !ptr.includes(helo))
      faults.push({
        code: 'helo_not_ptr',
        seen: `The PTR record of ${ip} has ${ptr.join(', ')} and not ${helo}, which is SMTP_HELO_NAME.`,
        todo: 'Set SMTP_HELO_NAME to the name in the PTR record, or ask the owner of the IP address to change the PTR record.',
      });
  return faults;
}

export type ProbeSetupState =
  | { readonly kind: 'unchecked' }
  | {
      readonly kind: 'ready' | 'off';
      readonly setup: ProbeSetup;
      readonly checkedAt: number;
      readonly nextAt: number;
    };

export interface ProbeSetupWatch {
  state(): ProbeSetupState;
  /** Checks if it is time to. Call it now and then. */
  tend(): void;
  /** Resolves to whether mail hosts may be asked, once that is known. */
  isReady(): Promise<boolean>;
}

/** After a failed check it is repeated in 5, 15 and 60 minutes, then every hour; after a good one, once a day. */
const repeatedAfterMs = [5 * minuteMs, 15 * minuteMs, 60 * minuteMs] as const;

/** `onChange` is called when proof is switched off, for other reasons than before, or on again. */
export function watchProbeSetup(
  check: () => Promise<ProbeSetup>,
  timers: Pick<Timers, 'now'>,
  onChange: (state: Exclude<ProbeSetupState, { kind: 'unchecked' }>) => void,
): ProbeSetupWatch {
  let state: ProbeSetupState = { kind: 'unchecked' };
  let running: Promise<void> | null = null;
  let failures = 0;
  const codesOf = (of: ProbeSetupState) =>
    of.kind === 'unchecked' ? null : of.setup.faults.map(({ code }) => code).join();

  async function once(): Promise<void> {
    const setup = await check();
    const checkedAt = timers.now();
    const isReady = setup.faults.length === 0;
    const wait = isReady ? dayMs : (repeatedAfterMs[failures] ?? repeatedAfterMs.at(-1)!);
    failures = isReady ? 0 : failures + 1;
    const before = state;
    state = { kind: isReady ? 'ready' : 'off', setup, checkedAt, nextAt: checkedAt + wait };
    if (codesOf(before) !== codesOf(state)) onChange(state);
  }

  const tend = () => {
    if (running !== null || (state.kind !== 'unchecked' && timers.now() < state.nextAt)) return;
    running = once().finally(() => {
      running = null;
    });
  };
  return {
    state: () => state,
    tend,
    async isReady() {
      tend();
      if (state.kind === 'unchecked') await running;
      return state.kind === 'ready';
    },
  };
}

/** The least time between two looks whether a check that is due has ended. */
const leastLookMs = 5000;

/**
 * While the setup has a fault, asks nobody: waits for the next check if there is time for it, and otherwise gives the answers that are
 * kept.
 */
export const onlyIfReady = (
  prober: Prober,
  { isReady, state }: Pick<ProbeSetupWatch, 'isReady' | 'state'>,
  timers: Timers,
): Prober => ({
  async probe(mailboxes, terms) {
    const { until, signal, forList = false } = terms;
    for (;;) {
      if (await isReady()) return prober.probe(mailboxes, terms);
      const off = state();
      // The check has ended in the meantime.
      if (off.kind === 'ready') continue;
      if (off.kind === 'unchecked' || signal?.aborted === true) break;
      const next = Math.max(off.nextAt, timers.now() + leastLookMs);
      if (next >= until) break;
      await sleepUntil(timers, next, signal);
    }
    // No session begins before 1970, so only what is known already is answered.
    const kept = await prober.probe(mailboxes, { until: 0, forList });
    const now = state();
    const retryAt = now.kind === 'unchecked' ? null : now.nextAt;
    const found = new Map<string, ProbeFinding>();
    for (const [address, finding] of kept) {
      const isOpen = finding.checkedAt === null && finding.proof.kind === 'undetermined';
      const isKnown = !isOpen || ('cause' in finding.proof && finding.proof.cause === 'no_mail_host');
      found.set(
        address,
        isKnown ? finding : { proof: { kind: 'not_checked', cause: 'off' }, checkedAt: null, retryAt },
      );
      terms.onFinding?.(address, found.get(address)!);
      terms.onProgress?.(found.size, kept.size);
    }
    return found;
  },
});

/** The log line about a change. It names no address of a mailbox. */
export const proberSetupLine = ({
  kind,
  setup,
  nextAt,
}: Exclude<ProbeSetupState, { kind: 'unchecked' }>): LogFields =>
  kind === 'ready'
    ? { level: 'info', event: 'prober_ready', address: setup.address }
    : {
        level: 'warning',
        event: 'prober_off',
        faults: setup.faults,
        next_check: new Date(nextAt).toISOString(),
      };

/** The check in /readyz. A service without proof is ready all the same. */
export const proofReadiness = (state: ProbeSetupState | null): ReadinessCheck[] =>
  state === null || state.kind === 'unchecked'
    ? []
    : [
        {
          name: 'mailbox proof',
          ok: state.kind === 'ready',
          ...(state.kind === 'off' && {
            detail: `is off: ${state.setup.faults.map(({ code }) => code).join(', ')}`,
          }),
        },
      ];
