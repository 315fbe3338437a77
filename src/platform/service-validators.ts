// Assembles the validators of the service: for callers with a secret key, for forms, for lists and for backtests.

import type { createDns } from '../dns/create-dns.ts';
import type { Learning } from '../learning/learning.ts';
import { createKnownProofs, type OwnMail } from '../mailbox/known-proofs.ts';
import type { ProbeRepository } from '../mailbox/probe-repository.ts';
import { mergedOverrides } from '../overrides/domain-lists.ts';
import type { OverrideStore } from '../overrides/override-store.ts';
import type { SuppressionList } from '../suppression/suppressions.ts';
import { proofSource } from '../validator/proof-source.ts';
import { type ValidatorPorts, validatorOver } from '../validator/validate.ts';
import { describedError } from './described-error.ts';
import type { LogFields } from './log-messages.ts';
import type { Runtime } from './runtime.ts';

/**
 * Milliseconds that the verification of one address and of one batch may take in a list. That is longer than for a
 * form, because no person waits.
 */
const listTimeouts = { timeoutMs: 5000, batchTimeoutMs: 120_000 };

/** Maximum number of entries in each cache of domains and DNS answers that lists use. */
export const keptForLists = 5000;

export interface ServiceValidatorsRuntime
  extends Pick<Runtime, 'settings' | 'hasher' | 'overrideFiles' | 'maxKept'> {
  readonly dns: Pick<ReturnType<typeof createDns>, 'mailHosts'>;
  readonly mailHostsOfLists: ValidatorPorts['mailHosts'];
  readonly suppressionList: SuppressionList;
  readonly overrides: OverrideStore;
  readonly learning: Pick<Learning, 'learned' | 'keep'>;
  readonly probeRepository: ProbeRepository;
  readonly ownMail: OwnMail;
  readonly onJudgement: NonNullable<ValidatorPorts['onJudgement']>;
  readonly now: () => number;
  readonly log: (line: LogFields) => void;
}

export function createServiceValidators(runtime: ServiceValidatorsRuntime) {
  const { settings, hasher, mailHostsOfLists, suppressionList, overrides, learning, now, log } = runtime;
  /** `given`: null for forms, because anyone can ask there and must not find out whom the operator mails. */
  const knownProofSource = (given: OwnMail | null) =>
    proofSource(
      createKnownProofs({ ownMail: given, repository: runtime.probeRepository, hasher, now }),
      settings.validateTimeoutMs,
      (error) => log({ level: 'error', event: 'mailbox_proof_failed', ...describedError(error) }),
    );
  const ports = {
    mailHosts: runtime.dns.mailHosts,
    suppressions: suppressionList,
    overrides: runtime.overrideFiles
      ? mergedOverrides(overrides.lists, runtime.overrideFiles)
      : overrides.lists,
    learned: learning.learned,
    onJudged: learning.keep,
    onJudgement: runtime.onJudgement,
    now,
    timeoutMs: settings.validateTimeoutMs,
    batchTimeoutMs: settings.batchTimeoutMs,
    smtputf8: settings.smtputf8,
    ...(runtime.maxKept !== undefined && { maxKept: runtime.maxKept }),
    ...(settings.proof.inVerdicts && { sources: [knownProofSource(runtime.ownMail)] }),
    onSuppressionFailure: (error: unknown) =>
      log({ level: 'error', event: 'suppression_list_failed', ...describedError(error) }),
  };
  const { learned: _, onJudged: __, ...formPorts } = ports;
  const { onJudgement: ___, ...uncountedPorts } = formPorts;
  return {
    validator: validatorOver(ports),
    formValidator: validatorOver({
      ...formPorts,
      ...(settings.proof.inVerdicts && { sources: [knownProofSource(null)] }),
    }),
    listValidator: validatorOver({
      ...ports,
      ...listTimeouts,
      mailHosts: mailHostsOfLists,
      maxKept: keptForLists,
    }),
    backtestValidator: validatorOver({
      ...uncountedPorts,
      ...listTimeouts,
      // A backtest must not know the bounces with which its verdicts are compared.
      suppressions: null,
      sources: [],
      mailHosts: mailHostsOfLists,
    }),
  };
}
