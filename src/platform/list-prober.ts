// The prober of the jobs on Node: asks the mail hosts of lists by SMTP.

import type { RefusedCause } from '../address/mailbox-proof.ts';
import type { Timers } from '../clock.ts';
import type { Resolver } from '../dns/resolver.ts';
import type { MailHost } from '../domain/mail-host.ts';
import { addressesByDns } from '../mailbox/mail-targets.ts';
import type { ProbeRepository } from '../mailbox/probe-repository.ts';
import { createProber, type Prober } from '../mailbox/prober.ts';
import { directConnect } from '../mailbox/transport/node.ts';
import { socksConnect } from '../mailbox/transport/socks5.ts';
import type { AddressHasher } from '../suppression/address-hash.ts';
import type { ProofSettings } from './proof-settings.ts';

export interface ListProberPorts {
  readonly repository: ProbeRepository;
  readonly hasher: AddressHasher;
  readonly resolver: Resolver;
  readonly mailHostOf: (domain: string) => Promise<MailHost>;
  readonly timers: Timers;
  readonly onRefused: (host: string, cause: RefusedCause) => void;
}

/** Creates the prober; null if mail hosts cannot be asked with these settings. */
export type OpenListProber = (ports: ListProberPorts) => Prober | null;

const lookupMs = 5000;

/**
 * The names of the sessions that the service holds begin with this. At its start, those of an earlier process of the service are over: only
 * one service uses a database.
 */
const sessionPrefix = 'service ';

export const nodeListProber =
  ({ inVerdicts, heloName, mailFrom, proxy }: ProofSettings): OpenListProber =>
  (ports) => {
    if (!inVerdicts || heloName === null || mailFrom === null) return null;
    const { repository, timers, resolver } = ports;
    const prober = createProber({
      ...ports,
      session: {
        connect: proxy === null ? directConnect() : socksConnect(proxy),
        identity: { heloName, mailFrom },
        timers,
      },
      targets: {
        addressesOf: addressesByDns(resolver, () => AbortSignal.timeout(lookupMs)),
        random: Math.random,
      },
      newSessionName: () => `${sessionPrefix}${crypto.randomUUID()}`,
    });
    let ended: Promise<void> | null = null;
    return {
      async probe(mailboxes, terms) {
        ended ??= repository.endSessions(sessionPrefix);
        await ended;
        return prober.probe(mailboxes, terms);
      },
    };
  };
