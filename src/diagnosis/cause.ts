// Names the cause of an incident: from its kind, the replies, the streams that failed, and the sender's DNS.

import { areaOfFinding } from '../preflight/watch/sender-state.ts';
import type { DiagnosedCause } from '../reports/incidents/diagnosis-record.ts';
import { incidentFamilies, type StoredIncident } from '../reports/incidents/incident.ts';
import type { EventTally } from '../reports/tally.ts';
import {
  areasOfCause,
  causeOfArea,
  causesStatus,
  type Explanation,
  explainingFinding,
  type ObservedSender,
} from './explaining-finding.ts';
import { hasHistory, type Stream, type StreamCounts, streamsOf } from './streams.ts';

export interface CauseFacts {
  readonly incident: StoredIncident;
  /** All open incidents, including `incident`. */
  readonly open: readonly StoredIncident[];
  readonly streams: StreamCounts;
  readonly senders: readonly ObservedSender[];
  /** Domains of the sender for which no check has had an answer from DNS yet. */
  readonly unanswered?: readonly string[] | undefined;
  /** When the failures began, in epoch milliseconds. */
  readonly since: number;
}

export interface NamedCause {
  readonly cause: DiagnosedCause;
  readonly certainty: 'likely' | 'possible';
  readonly explanation: Explanation | null;
  /** The source, list or campaign that the cause is about. */
  readonly stream: Stream | null;
}

export function causeOf(facts: CauseFacts): NamedCause | null {
  const { incident } = facts;
  switch (incidentFamilies[incident.kind]) {
    case 'policy':
      return causeOfRefusals(facts);
    case 'hard':
      return causeOfHardBounces(facts);
    case 'temporary':
      return causeOfTemporary(facts);
    case 'full':
      return named('mailboxes_full', 'possible');
    case 'complaint':
      return named('complaints', 'likely');
    case 'dns':
      return null;
  }
}

const named = (
  cause: DiagnosedCause,
  certainty: NamedCause['certainty'],
  { explanation = null, stream = null }: Partial<Pick<NamedCause, 'explanation' | 'stream'>> = {},
): NamedCause => ({ cause, certainty, explanation, stream });

/** The share of the failures whose reason matches; 0 if no reason is known. */
function shareOfReasons({ evidence }: StoredIncident, ...reasons: readonly string[]): number {
  const all = evidence.reasons.reduce((sum, { messages }) => sum + messages, 0);
  const matching = evidence.reasons.filter(({ reason }) => reasons.includes(reason));
  return all === 0 ? 0 : matching.reduce((sum, { messages }) => sum + messages, 0) / all;
}

/** The statuses of at least a tenth of the failures. */
export function mainStatuses({ evidence }: StoredIncident): string[] {
  const all = evidence.statuses.reduce((sum, { messages }) => sum + messages, 0);
  return evidence.statuses.filter(({ messages }) => messages >= 0.1 * all).map(({ status }) => status);
}

const contentReasons = ['spam_content', 'content_refused', 'virus', 'message_malformed'];

function causeOfRefusals({ incident, senders, since }: CauseFacts): NamedCause {
  const statuses = mainStatuses(incident);
  const shares: readonly (readonly [DiagnosedCause, number])[] = [
    ['reverse_dns', shareOfReasons(incident, 'reverse_dns')],
    ['authentication', shareOfReasons(incident, 'authentication_failed', 'sender_refused')],
    ['content', shareOfReasons(incident, ...contentReasons)],
    ['reputation', shareOfReasons(incident, 'blocked_reputation', 'policy_refused')],
  ];
  const [said, share] = shares.reduce((best, one) => (one[1] > best[1] ? one : best));
  const cause = share > 0 ? said : incident.kind === 'authentication' ? 'authentication' : 'reputation';
  const explanation = explainingFinding(senders, { cause, statuses, from: since });
  return withExplanation(cause, explanation, statuses);
}

/**
 * The cause of the refusals. A new finding in the sender's DNS decides the cause. A finding that was there long before the
 * refusals does not decide it: the cause is then what the replies say.
 */
function withExplanation(
  said: DiagnosedCause,
  explanation: Explanation | null,
  statuses: readonly string[],
): NamedCause {
  if (explanation === null) return named(said, said === 'reputation' ? 'possible' : 'likely');
  const { finding, isNew } = explanation;
  const shown = causeOfArea[areaOfFinding(finding.code)];
  const fits = areasOfCause[said]?.includes(areaOfFinding(finding.code)) ?? false;
  if (isNew && shown !== undefined && (fits || causesStatus(finding, statuses)))
    return named(shown, 'likely', { explanation });
  return named(said, said === 'reputation' ? 'possible' : 'likely', { explanation });
}

/** The cause is about one provider, one reason or one stream if at least this share of the failures belongs to it. */
const most = 0.6;

function causeOfHardBounces(facts: CauseFacts): NamedCause {
  const { incident, senders, since } = facts;
  const { evidence, kind, scope } = incident;
  const shown = senderFaultBehind(facts);
  if (shown !== null) return shown;
  const [first] = evidence.providers;
  const isAtOne = first !== undefined && first.name !== null && first.messages >= 0.75 * evidence.messages;
  if ((kind === 'provider_fault' || isAtOne) && shareOfReasons(incident, 'domain_unknown', 'null_mx') >= most)
    return named('dead_provider', 'likely');
  if (kind === 'provider_fault') return named('provider_fault', 'likely');
  const streams = streamsOf(facts.streams, { from: since, at: evidence.to }, ({ hard }) => hard);
  const stream = streamOfScope(streams, scope) ?? mainStream(streams);
  if (stream === null) return named(kind === 'bad_import' ? 'list_import' : 'list_decay', 'possible');
  const isImport = stream.isNew && hasHistory(facts.streams, evidence.to);
  return named(isImport ? 'list_import' : 'bad_source', 'likely', { stream });

  /** The fault of the sender behind hard bounces, or null: some providers refuse a sender with a status that counts as hard. */
  function senderFaultBehind({ incident }: CauseFacts): NamedCause | null {
    const statuses = mainStatuses(incident);
    const own = statuses.filter((status) => /^\d\.(7\.\d+|1\.[78])$/.test(status));
    const explanation =
      own.length === 0 ? null : explainingFinding(senders, { cause: 'content', statuses: own, from: since });
    return explanation === null ? null : withExplanation('reputation', explanation, own);
  }
}

/** The stream that the scope of the incident names: its source, else its list, else its campaign. */
const streamOfScope = (streams: readonly Stream[], scope: StoredIncident['scope']): Stream | null =>
  (['source', 'list', 'campaign'] as const)
    .map((dimension) => streams.find((one) => one.dimension === dimension && one.name === scope[dimension]))
    .find((stream) => stream !== undefined) ?? null;

/** The source, list or campaign that most failures come from, if its rate is far above that of the rest. */
function mainStream(streams: readonly Stream[]): Stream | null {
  const standsOut = ({ share, rate, rateOfRest }: Stream): boolean =>
    share >= most && (rateOfRest === null || (rate ?? 1) >= 2 * rateOfRest);
  return (
    streams.find((stream) => stream.dimension === 'source' && standsOut(stream)) ??
    streams.find(standsOut) ??
    null
  );
}

function causeOfTemporary(facts: CauseFacts): NamedCause {
  const { incident, open, senders, since } = facts;
  const { kind, evidence } = incident;
  const statuses = mainStatuses(incident);
  if (shareOfReasons(incident, 'authentication_failed', 'reverse_dns') > 0.5) {
    const cause = shareOfReasons(incident, 'reverse_dns') > 0.5 ? 'reverse_dns' : 'authentication';
    const explanation = explainingFinding(senders, { cause, statuses, from: since });
    return withExplanation(cause, explanation, statuses);
  }
  if (kind === 'provider_outage') return named('soft_outage', 'likely');
  if (kind === 'sending_bursts' && !open.some((one) => isLimit(one) && one.id !== incident.id))
    return named('sending_bursts', 'likely');
  const failing = ({ soft, deferred }: EventTally): number => soft + deferred;
  const streams = streamsOf(facts.streams, { from: since, at: evidence.to }, failing);
  const fresh = hasHistory(facts.streams, evidence.to)
    ? streams.find(({ isNew, share }) => isNew && share >= 0.5)
    : undefined;
  const limited = new Set(
    open.filter(isLimit).flatMap(({ evidence }) => evidence.providers.map(({ name }) => name)),
  );
  if (fresh !== undefined && limited.size >= 2) return named('warm_up', 'likely', { stream: fresh });
  if (kind === 'rate_limited' || shareOfReasons(incident, 'rate_limited') > 0.5)
    return named('rate_limit', 'likely', { stream: fresh ?? null });
  const explanation = explainingFinding(senders, { cause: 'reputation', statuses, from: since });
  return withExplanation('reputation', explanation, statuses);
}

const isLimit = (incident: StoredIncident): boolean =>
  incident.kind === 'rate_limited' ||
  (incidentFamilies[incident.kind] === 'temporary' && shareOfReasons(incident, 'rate_limited') > 0.5);
