// The sandbox. Each address at presend.test has a fixed, documented outcome, so developers can test an integration. Neither DNS
// nor the suppression list is asked about these addresses.

import type { Mailbox } from '../address/mailbox.ts';
import { catalogue } from '../signals/catalogue.ts';
import type { Evidence } from '../signals/evidence.ts';
import type { SandboxEvidence } from '../signals/signal.ts';

export const sandboxDomain = 'presend.test';

const noProvider = { provider: null, gateway: null, disposable: false, parked: false };

/**
 * The evidence of each sandbox mailbox, by its local part without a plus tag. A mailbox that is not listed here gets the
 * evidence of a deliverable address.
 */
const evidenceOf: ReadonlyMap<string, SandboxEvidence> = new Map(
  catalogue.flatMap(({ outcomes }) => outcomes.map(({ sandbox }) => [sandbox.mailbox, sandbox.evidence])),
);

/** Returns the evidence for a mailbox at presend.test. */
export function sandboxEvidence(
  email: string,
  mailbox: Mailbox,
  plusTag: string | null,
  lastVerifiedAt: number | null,
): Evidence {
  const { localPart } = mailbox;
  const name = localPart.replace(/\+.*$/s, '').toLowerCase();
  const outcome = evidenceOf.get(name) ?? {};
  return {
    email,
    mailbox,
    plusTag,
    lastVerifiedAt,
    role: outcome.role ?? false,
    name: outcome.name ?? null,
    denied: outcome.denied ?? false,
    domain: {
      registrable: sandboxDomain,
      specialUse: null,
      typo: null,
      disposable: false,
      relay: false,
      free: false,
      provider: null,
      confusable: null,
      ...outcome.domain,
    },
    mailHost: outcome.mailHost ?? { kind: 'mx', exchanges: [{ preference: 10, host: 'mx.presend.test' }] },
    mailHostFacts: outcome.mailHostFacts ?? noProvider,
    suppression: outcome.suppression ?? { kind: 'clear' },
    proof: outcome.proof ?? null,
  };
}
