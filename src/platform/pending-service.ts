// Verdicts whose mailbox proof follows, as the service has them: who asks the mail hosts, and who is told.

import { annotationOf } from '../crm/annotation.ts';
import type { CrmSettings } from '../crm/crm-adapter.ts';
import { crmAdapters } from '../crm/crm-registry.ts';
import type { Fetch, Rest } from '../crm/vendor-client.ts';
import { type LaterVerdict, writeLater } from '../crm/write-later.ts';
import { retryWaitsMs } from '../jobs/callbacks.ts';
import type { Prober } from '../mailbox/prober.ts';
import {
  createPendingProofs,
  type PendingProofs,
  type PendingTarget,
  type ProvenVerdict,
} from '../pending/pending-proofs.ts';
import { isChanged, verdictChangedBody } from '../pending/verdict-message.ts';
import type { Database } from '../storage/database.ts';
import { createPendingRepository } from '../storage/sqlite/pending-repository.ts';
import type { AddressHasher } from '../suppression/address-hash.ts';
import type { Validator } from '../validator/validate.ts';
import { readCallbackUrl, refusalSentences } from '../webhooks/callback-target.ts';
import { type DeliveryAttempt, type DeliveryPorts, deliverWebhook } from '../webhooks/delivery.ts';
import type { LogFields } from './log-messages.ts';

export interface PendingServicePorts {
  readonly database: Database;
  readonly hasher: AddressHasher;
  /** Null if this service cannot ask mail hosts. */
  readonly prober: Prober | null;
  readonly validator: Pick<Validator, 'validateBatch'>;
  readonly callbacks: Pick<DeliveryPorts, 'names' | 'targets'>;
  /** How signed webhooks are sent; null without CALLBACK_SECRET. */
  readonly signed: DeliveryPorts | null;
  readonly crm: ReadonlyMap<string, CrmSettings>;
  readonly fetch: Fetch;
  readonly now: () => number;
  /** As `PendingProofsPorts.turnMs`. */
  readonly turnMs: number;
  readonly wake: () => void | Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly log: (line: LogFields) => void;
}

export interface ServicePending extends PendingProofs {
  /** Why this URL is not accepted for a callback, in a phrase; null if it is accepted. */
  refusalOfCallback(url: string): string | null;
  /** Whether the mailboxes of records of this CRM are asked about. */
  followsCrm(vendor: string): boolean;
}

export function createServicePending(ports: PendingServicePorts): ServicePending {
  const { database, prober, signed, crm, fetch, now, log } = ports;
  const { hasher, validator, turnMs, wake, onError } = ports;
  const adapters = new Map(crmAdapters.map((adapter) => [adapter.name, adapter]));
  const rests = new Map<string, Rest>(crmAdapters.map(({ name }) => [name, { until: 0 }]));

  function messageOf(target: PendingTarget, proven: ProvenVerdict): string | null {
    if (target.kind === 'callback') return verdictChangedBody(proven);
    const { verdict } = proven;
    if (!isChanged(proven) && !provesSomething(verdict.mailbox?.proof.kind)) return null;
    const later: LaterVerdict = {
      record: target.record,
      email: verdict.email,
      annotation: annotationOf(verdict),
    };
    return JSON.stringify(later);
  }

  async function deliver(
    target: PendingTarget,
    { id, body }: { id: string; body: string },
  ): Promise<DeliveryAttempt> {
    if (target.kind === 'callback')
      return signed === null
        ? { kind: 'failed', cause: 'no CALLBACK_SECRET', isFinal: false }
        : deliverWebhook({ url: target.url, id, body }, signed);
    const adapter = adapters.get(target.vendor);
    const settings = crm.get(target.vendor);
    if (adapter === undefined || settings === undefined)
      return { kind: 'failed', cause: 'not configured', isFinal: true };
    const later = JSON.parse(body) as LaterVerdict;
    const attempt = await writeLater(adapter, settings, later, {
      ...{ fetch, now, rest: rests.get(target.vendor)! },
    });
    if (attempt.kind === 'failed')
      log({ level: 'warning', event: 'crm_api_failed', vendor: target.vendor, cause: attempt.cause });
    return attempt;
  }

  const pending = createPendingProofs({
    ...{ hasher, prober, validator, now, turnMs, retryWaitsMs, wake, onError, messageOf, deliver },
    repository: createPendingRepository(database),
    newId: () => `ver_${crypto.randomUUID()}`,
    onGivenUp: (message) => log({ level: 'error', event: 'verdict_callback_given_up', ...message }),
    onUnreadable: (rows) => log({ level: 'error', event: 'pending_verdicts_lost', rows }),
  });
  const followsCrm = (vendor: string) => prober !== null && crm.get(vendor)?.proof === true;
  const isUsed = signed !== null || [...crm.values()].some(({ proof }) => proof);

  return {
    ...pending,
    // Without a receiver nothing can be pending, so nothing is looked for.
    ask: async (signal) => isUsed && pending.ask(signal),
    tell: async () => isUsed && pending.tell(),
    hasDue: async (at) => isUsed && pending.hasDue(at),
    followsCrm,
    refusalOfCallback(url) {
      if (prober === null)
        return 'is not accepted, because this service is not set up to ask mail hosts: see docs/mailbox-proof.md';
      if (signed === null)
        return 'is not accepted, because the service has no CALLBACK_SECRET to sign webhooks';
      const read = readCallbackUrl(url, ports.callbacks.targets, ports.callbacks.names);
      return typeof read === 'string' ? refusalSentences[read] : null;
    },
  };
}

const provesSomething = (kind: string | undefined): boolean =>
  kind !== undefined && !['undetermined', 'refused_us', 'not_checked'].includes(kind);
