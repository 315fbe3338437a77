// A prober for tests of the service: mail hosts that answer as a script says, and DNS in which its set-up has no fault.

import { systemTimers } from '../../src/clock.ts';
import type { SmtpRuntime } from '../../src/platform/service-prober.ts';
import type { Zone } from '../dns/zone.ts';
import { type PeerParts, peer } from '../mailbox/peers.ts';
import { type PeerLog, scriptedConnect } from '../mailbox/scripted-peer.ts';

/** The public address that the prober has, as mail hosts see it. */
export const proberAddress = '198.41.0.20';

export const proberSettings = {
  MAILBOX_PROOF: 'smtp',
  SMTP_HELO_NAME: 'probe.quick-otter.net',
  SMTP_MAIL_FROM: 'postmaster@quick-otter.net',
};

/** What the set-up of the prober needs. Spread it into the zone of a test. */
export const proberZone: Zone = {
  'quick-otter.net': { MX: [[10, 'probe.quick-otter.net']], TXT: [`v=spf1 ip4:${proberAddress} -all`] },
  'probe.quick-otter.net': { A: [proberAddress] },
  '20.0.41.198.in-addr.arpa': { PTR: ['probe.quick-otter.net'] },
  'gmail-smtp-in.l.google.com': { A: ['198.41.0.9'] },
};

/** Mail hosts of which each is the same peer. `reach`: whether a host can be reached. */
export function standInSmtp(
  parts: PeerParts = {},
  options: { readonly reach?: (host: string) => boolean } = {},
): SmtpRuntime & { readonly log: PeerLog } {
  const log: PeerLog = { commands: [], connections: 0 };
  const ehlo = `250 mx.example.net at your service, [${proberAddress}]\r\n`;
  const { reach = () => true } = options;
  const connect = scriptedConnect(peer({ ehlo, ...parts }), systemTimers, log, {
    reach: ({ host }) => reach(host),
  });
  return { connect, log };
}
