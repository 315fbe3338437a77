// What an open incident means for a campaign.

import type { IncidentKind, StoredIncident } from '../incidents/incident.ts';
import type { GateDecision, GateQuestion, GateReason, GateReasonCode } from './question.ts';

export type GateIncident = Pick<
  StoredIncident,
  'id' | 'kind' | 'scope' | 'severity' | 'explanation' | 'advice'
>;

interface Meaning {
  readonly code: GateReasonCode;
  readonly warning: GateDecision;
  readonly critical: GateDecision;
  /** True if the incident is about the addresses of a list. It then does not concern transactional mail or other lists. */
  readonly isAboutList?: true;
}

const meanings: Readonly<Record<IncidentKind, Meaning | null>> = {
  provider_block: { code: 'provider_refuses', warning: 'slow', critical: 'slow' },
  sender_block: { code: 'sender_block', warning: 'slow', critical: 'stop' },
  authentication: { code: 'authentication', warning: 'slow', critical: 'stop' },
  soft_rise: { code: 'soft_rise', warning: 'slow', critical: 'slow' },
  provider_outage: { code: 'provider_defers', warning: 'go', critical: 'slow' },
  rate_limited: { code: 'provider_defers', warning: 'slow', critical: 'slow' },
  sending_bursts: { code: 'sending_bursts', warning: 'slow', critical: 'slow' },
  mailboxes_full: null,
  bad_import: { code: 'bad_import', warning: 'slow', critical: 'stop', isAboutList: true },
  list_decay: { code: 'list_decay', warning: 'slow', critical: 'stop', isAboutList: true },
  provider_fault: { code: 'provider_fault', warning: 'slow', critical: 'slow' },
  complaints: { code: 'complaints', warning: 'slow', critical: 'stop', isAboutList: true },
  // The gate checks the records of the From domain itself. The incident may be about another domain.
  sender_dns: null,
};

/** Returns the reason that follows from an open incident for this question; null if the incident is about other mail. */
export function incidentReason(
  { id, kind, scope, severity, explanation, advice }: GateIncident,
  { campaign, list, purpose }: GateQuestion,
): GateReason | null {
  const meaning = meanings[kind];
  if (meaning === null || (meaning.isAboutList && purpose === 'transactional')) return null;
  if (scope.campaign !== undefined && scope.campaign !== campaign) return null;
  if (scope.list !== undefined && scope.list !== list) return null;
  const names = scope.campaign !== undefined || scope.list !== undefined;
  // Only slow the campaign: the question does not say from which sources its addresses come, and an incident about all mail may
  // come from another list.
  const asked = meaning[severity];
  const decision = meaning.isAboutList && !names && asked === 'stop' ? 'slow' : asked;
  return { code: meaning.code, decision, message: `${explanation} ${advice}`, incident: id };
}
