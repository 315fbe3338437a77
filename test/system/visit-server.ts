// Asks a real server about recipients, as a session of the prober does.

import { parseMailbox } from '../../src/address/parse.ts';
import { systemTimers } from '../../src/clock.ts';
import { directConnect } from '../../src/mailbox/transport/node.ts';
import type { Visit } from '../../src/mailbox/visit.ts';
import { visitHost } from '../../src/mailbox/visit-host.ts';

/** `addresses` are asked about in one session with the server on `port` of `address`. */
export const visitServer = (
  { address, port = 25 }: { readonly address: string; readonly port?: number },
  ...addresses: readonly string[]
): Promise<Visit> =>
  visitHost(
    {
      connect: directConnect(),
      identity: { heloName: 'probe.example.org', mailFrom: 'probe@example.org' },
      timers: systemTimers,
    },
    {
      targets: [{ host: 'mx.example.test', address, port }],
      policy: { probe: 'yes', unknown: 'control', perSession: 20, betweenMs: 0, perHour: 99, perDay: 99 },
      mailboxes: addresses.map((text) => {
        const parsed = parseMailbox(text);
        if (!parsed.ok) throw new Error(text);
        return parsed.mailbox;
      }),
      domains: new Map(),
      budget: 20,
    },
    Math.random,
  );

/** What was found, by local part: `accepted`, `undetermined ambiguous`. */
export const toldBy = ({ findings }: Visit): Record<string, string> =>
  Object.fromEntries(
    [...findings].map(([address, finding]) => [
      address.split('@')[0]!,
      'cause' in finding ? `${finding.kind} ${finding.cause}` : finding.kind,
    ]),
  );
