// The prober of a service: by SMTP from this machine, or by another presend.

import type { RefusedCause } from '../address/mailbox-proof.ts';
import type { Timers } from '../clock.ts';
import type { Resolver } from '../dns/resolver.ts';
import { isPublicAddress } from '../domain/ip-address.ts';
import type { Connect } from '../mailbox/connect.ts';
import { addressesByDns, mailTargets } from '../mailbox/mail-targets.ts';
import type { ProbeRepository } from '../mailbox/probe-repository.ts';
import { createProber, type MailHostOf, type Prober } from '../mailbox/prober.ts';
import { type Reached, reachPort25 } from '../mailbox/reach-port25.ts';
import { createRemoteProber, type RemoteProberOptions } from '../mailbox/remote-prober.ts';
import type { SmtpIdentity } from '../mailbox/smtp-session.ts';
import type { Preflight } from '../preflight/preflight.ts';
import type { AddressHasher } from '../suppression/address-hash.ts';
import {
  checkProbeSetup,
  onlyIfReady,
  type ProbeSetup,
  type ProbeSetupState,
  type ProbeSetupWatch,
  watchProbeSetup,
} from './probe-setup.ts';
import type { ProofSettings } from './proof-settings.ts';

/** How this machine reaches mail hosts. */
export interface SmtpRuntime {
  readonly connect: Connect;
  /** Which IP addresses may be connected to: public ones by default. */
  readonly mayConnect?: (address: string) => boolean;
  /** 25 by default. */
  readonly port?: number;
}

export interface SmtpProberPorts {
  readonly smtp: SmtpRuntime;
  readonly identity: SmtpIdentity;
  readonly resolver: Resolver;
  readonly mailHostOf: MailHostOf;
  readonly repository: ProbeRepository;
  readonly hasher: AddressHasher;
  readonly timers: Timers;
  /** With what the names of the sessions begin; nothing by default. */
  readonly sessionPrefix?: string;
  /** Called when a host refuses us, with the registrable domain of the host. */
  readonly onRefused: (host: string, cause: RefusedCause) => void;
}

/** Milliseconds for one lookup. */
export const probeLookupMs = 5000;

/** The names with which mail hosts are asked; null if they are not set. */
export const probeIdentity = ({ heloName, mailFrom }: ProofSettings): SmtpIdentity | null =>
  heloName === null || mailFrom === null ? null : { heloName, mailFrom };

const targetOptions = ({ smtp, resolver }: Pick<SmtpProberPorts, 'smtp' | 'resolver'>) => ({
  addressesOf: addressesByDns(resolver, () => AbortSignal.timeout(probeLookupMs)),
  random: Math.random,
  mayConnect: smtp.mayConnect ?? isPublicAddress,
  port: smtp.port ?? 25,
});

/** Asks mail hosts by SMTP. */
export const smtpProber = (ports: SmtpProberPorts): Prober =>
  createProber({
    session: { connect: ports.smtp.connect, identity: ports.identity, timers: ports.timers },
    targets: targetOptions(ports),
    repository: ports.repository,
    hasher: ports.hasher,
    mailHostOf: ports.mailHostOf,
    newSessionName: () => `${ports.sessionPrefix ?? ''}${crypto.randomUUID()}`,
    onRefused: ports.onRefused,
  });

/** Mail hosts that always run and say in reply to EHLO from which address they see their client. They are asked about nobody. */
const wellKnownHosts = ['gmail-smtp-in.l.google.com', 'microsoft-com.mail.protection.outlook.com'];

/** A check must not wait as long as mail does. */
const reachTimes = { connectMs: 10_000, greetingMs: 10_000, commandMs: 10_000, sessionMs: 30_000 };

/** Whether mail hosts can be reached, and from which address they see this machine. */
const reachMailHosts = async (
  ports: Pick<SmtpProberPorts, 'smtp' | 'identity' | 'resolver' | 'timers'>,
): Promise<Reached> => {
  const exchanges = wellKnownHosts.map((host, preference) => ({ host, preference }));
  const { connect } = ports.smtp;
  const { heloName } = ports.identity;
  const { targets, isComplete } = await mailTargets(exchanges, targetOptions(ports));
  if (targets.length === 0 && !isComplete) return { kind: 'failed', cause: 'dns' };
  return reachPort25({ connect, timers: ports.timers, times: reachTimes, heloName }, targets);
};

export interface ServiceProberPorts extends Omit<SmtpProberPorts, 'smtp' | 'identity'> {
  readonly proof: ProofSettings;
  /** Absent if the platform has no sockets. */
  readonly smtp: SmtpRuntime | null;
  /** How another presend is reached; null if the platform cannot. */
  readonly remote: Pick<RemoteProberOptions, 'transport' | 'onFailure'>;
  readonly preflight: () => Promise<Pick<Preflight, 'check'>>;
  readonly onSetupChange: (state: Exclude<ProbeSetupState, { kind: 'unchecked' }>) => void;
}

export interface ServiceProber {
  readonly prober: Prober;
  readonly isRemote: boolean;
  /** The checks of the set-up; null if another presend asks. */
  readonly setup: ProbeSetupWatch | null;
}

/** The prober of the settings; null if they have none. A prober by SMTP asks only while its set-up has no fault. */
export function serviceProber(ports: ServiceProberPorts): ServiceProber | null {
  const { proof, smtp, timers } = ports;
  if (proof.remote !== null)
    return {
      prober: createRemoteProber({ ...proof.remote, ...ports, ...ports.remote }),
      isRemote: true,
      setup: null,
    };
  const identity = probeIdentity(proof);
  if (!proof.inVerdicts || identity === null || smtp === null) return null;
  const smtpPorts = { ...ports, smtp, identity };
  const setup = watchProbeSetup(() => setupOf(smtpPorts), timers, ports.onSetupChange);
  return { prober: onlyIfReady(smtpProber(smtpPorts), setup, timers), isRemote: false, setup };
}

/** Checks what the prober needs, once. */
export const setupOf = (
  ports: Pick<SmtpProberPorts, 'smtp' | 'identity' | 'resolver' | 'timers'> &
    Pick<ServiceProberPorts, 'preflight'>,
): Promise<ProbeSetup> =>
  checkProbeSetup({
    identity: ports.identity,
    reach: () => reachMailHosts(ports),
    addressesOf: targetOptions(ports).addressesOf,
    preflight: ports.preflight,
  });
