// Checks what the prober of this machine needs, for the commands that ask mail hosts.

import { systemTimers } from '../clock.ts';
import type { SmtpIdentity } from '../mailbox/smtp-session.ts';
import type { ProbeSetup } from '../platform/probe-setup.ts';
import type { Settings } from '../platform/settings.ts';

/** Never rejects for what DNS or a mail host does. */
export async function probeSetupOf(settings: Settings, identity: SmtpIdentity): Promise<ProbeSetup> {
  const { smtpOfNode } = await import('../platform/node.ts');
  const { nodePolicyTransport } = await import('../platform/policy-transport.ts');
  const { setupOf } = await import('../platform/service-prober.ts');
  const { openDns } = await import('./open-dns.ts');
  const { createPreflight } = await import('../preflight/preflight.ts');
  const { mailauthLibrary } = await import('../preflight/mailauth.ts');
  const { resolver } = await openDns(settings);
  const shared = { resolver, timers: systemTimers };
  const preflight = createPreflight({
    ...{ ...shared, zones: settings.blocklistZones, policyTransport: nodePolicyTransport },
    loadLibrary: async () => mailauthLibrary,
  });
  return setupOf({
    ...{ ...shared, identity, smtp: await smtpOfNode(settings) },
    preflight: async () => preflight,
  });
}
