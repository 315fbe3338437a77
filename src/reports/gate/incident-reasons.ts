// What an open incident means for a campaign.

import type { IncidentKind, StoredIncident } from '../incidents/incident.ts';
import { holdEnd, trialPerHour, trialPerHourLater } from './holds.ts';
import type { GateDecision, GateLimit, GateQuestion, GateReason, GateReasonCode } from './question.ts';
import { type GateScore, scoreLimit } from './score.ts';

export interface GateIncident
  extends Pick<
    StoredIncident,
    'id' | 'kind' | 'scope' | 'severity' | 'explanation' | 'advice' | 'openedAt' | 'seenAt'
  > {
  readonly evidence: { readonly providers: readonly { readonly name: string | null }[] };
}

interface Meaning {
  readonly code: GateReasonCode;
  readonly warning: GateDecision;
  readonly critical: GateDecision;
  /**
   * True if only mail shows that the incident is over. A stop then ends in a trial, because otherwise nothing would be sent and the
   * incident would stay open.
   */
  readonly isTried?: true;
  /** True if the incident is about the addresses of a list. It then does not concern transactional mail or other lists. */
  readonly isAboutList?: true;
}

const meanings: Readonly<Record<IncidentKind, Meaning | null>> = {
  provider_block: { code: 'provider_refuses', warning: 'slow', critical: 'slow' },
  sender_block: { code: 'sender_block', warning: 'slow', critical: 'stop', isTried: true },
  authentication: { code: 'authentication', warning: 'slow', critical: 'stop', isTried: true },
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

/** What else is known when an incident is judged. */
export interface IncidentState {
  readonly now: number;
  readonly scores: readonly GateScore[];
}

/** Returns the reasons that follow from the open incidents for this question, and adds the limits of trials to `limits`. */
export function incidentReasons(
  incidents: readonly GateIncident[],
  question: GateQuestion,
  state: IncidentState,
  limits: GateLimit[],
): GateReason[] {
  return incidents.flatMap((incident): GateReason[] => {
    const found = reasonOfIncident(incident, question);
    if (found === null) return [];
    const perHour = found.decision === 'stop' ? trialOf(incident, state) : null;
    if (perHour === null) return [found];
    limits.push({ provider: 'all', perHour });
    return [{ ...found, decision: 'slow', message: `${found.message} Try a few messages.` }];
  });
}

/**
 * The messages in an hour that may try whether an incident is over; null: none yet. It is tried as a block of one provider is: a
 * time after the last refusal that is longer the longer the incident lasted.
 */
function trialOf({ kind, openedAt, seenAt, evidence }: GateIncident, { now, scores }: IncidentState) {
  if (meanings[kind]?.isTried !== true) return null;
  const names = new Set(evidence.providers.map(({ name }) => name ?? ''));
  const refused = scores.filter(
    (score) => score.kind === 'refused' && score.failedAt !== null && names.has(score.name),
  );
  // Without scores, only the last look that found the incident is known. That may be a day after the last refusal.
  const failedAt = refused.length === 0 ? seenAt : Math.max(...refused.map((score) => score.failedAt!));
  if (now < holdEnd(openedAt, failedAt)) return null;
  const goesWell = refused.length > 0 && refused.every((score) => score.score < scoreLimit(score));
  return goesWell ? trialPerHourLater : trialPerHour;
}

/** Returns the reason that follows from an open incident for this question; null if the incident is about other mail. */
function reasonOfIncident(
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
