// Says in a sentence which bounces rose, where, since when, and why.

import { dayMs } from '../durations.ts';
import { groupedCount } from '../number-text.ts';
import { inWords } from '../preflight/finding.ts';
import type { StoredIncident } from '../reports/incidents/incident.ts';
import { percent } from '../reports/spikes.ts';
import { mainStatuses, type NamedCause } from './cause.ts';
import { areasOfCause, type Explanation, type ObservedSender } from './explaining-finding.ts';
import type { Stream } from './streams.ts';

interface Told extends NamedCause {
  readonly incident: StoredIncident;
  readonly since: number;
  readonly senders: readonly ObservedSender[];
  readonly unanswered?: readonly string[] | undefined;
  /** The present time: texts of times leave out the date of this day. */
  readonly now: number;
}

/** `09:00 UTC`, or with the date if the time is on another day than `now`. */
export function utcText(at: number, now: number): string {
  const text = new Date(at).toISOString();
  const isToday = Math.floor(at / dayMs) === Math.floor(now / dayMs);
  return isToday ? `${text.slice(11, 16)} UTC` : `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
}

export function diagnosisSentence(told: Told): string {
  return `${whatRose(told)}${told.explanation === null ? '. ' : '; '}${why(told)}`;
}

function whatRose({ incident, since, now }: Told): string {
  const { evidence } = incident;
  const statuses = mainStatuses(incident).slice(0, 2);
  const what = statuses.length > 0 ? inWords(statuses) : `${failuresOf(incident)} failures`;
  const names = evidence.providers.map(({ name }) => name ?? 'other domains');
  const where =
    names.length === 0
      ? ''
      : names.length <= 2
        ? ` at ${inWords(names)}`
        : ` at ${numberText(names.length)} providers (${inWords(names.slice(0, 3))}${names.length > 3 ? ' …' : ''})`;
  const rate = evidence.rate === null ? '' : `, ${percent(Math.min(evidence.rate, 1))} of the mail`;
  return `${what}${where} since ${utcText(since, now)} (${groupedCount(evidence.messages)} messages${rate})`;
}

const failuresOf = ({ kind }: StoredIncident): string =>
  kind === 'complaints' ? 'complaint' : kind.endsWith('limited') ? 'temporary' : 'delivery';

const numberText = (count: number): string =>
  ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'][count] ?? String(count);

function why(told: Told): string {
  const { cause, stream, explanation, incident } = told;
  if (explanation !== null) return `${findingText(explanation, told.now)}${doubt(told)}`;
  switch (cause) {
    case 'authentication':
      return `Receivers say that your SPF, DKIM or DMARC fails. ${withoutFinding(told, 'a service that sends for you without being in these records, or that signs with another domain')}`;
    case 'reverse_dns':
      return `Receivers say that your sending IP address has no PTR record, or that the name in the record does not resolve back to this address. ${withoutFinding(told, 'an address that PREFLIGHT_DOMAINS does not name, such as a new one or an IPv6 address')}`;
    case 'listed':
    case 'reputation':
      return `Receivers refuse your mail because of the sender (its reputation, or a blocklist), not because of the addresses. ${withoutFinding(told, 'a blocklist that DNSBL_ZONES does not name, or complaints')}`;
    case 'content':
      return 'Receivers refuse what the messages contain, such as a link or an attachment. The list is not the cause.';
    case 'warm_up':
      return `Providers limit ${streamText(stream)}, which is new and grows too fast for them. Send less of it, and double the volume every few days. The list is not the cause.`;
    case 'rate_limit':
      return 'You send faster than the provider accepts. Send more slowly there. The list is not the cause.';
    case 'sending_bursts':
      return 'You send most of your mail in the same few hours. Spread it. The list is not the cause.';
    case 'bad_source':
      return `The addresses come from ${streamText(stream)}, which was in use before: its addresses became bad, for example because a form is abused. The rest of your mail is as usual.`;
    case 'list_import':
      return stream === null
        ? 'Many addresses do not exist, and no single provider is the cause. They were probably added lately.'
        : `The addresses come from ${streamText(stream)}, which was never mailed before. The rest of your mail is as usual.`;
    case 'list_decay':
      return 'More addresses of all sources do not exist any more: the list is old.';
    case 'complaints':
      return 'Recipients report your mail as spam: they did not expect it.';
    case 'mailboxes_full':
      return 'More mailboxes are full than before. The list may be old, or the provider may have a new limit.';
    case 'provider_fault':
      return `${incident.scope.provider ?? 'One provider'} says that mailboxes do not exist, and other providers are as usual. The provider probably has a fault. Neither you nor your list is the cause.`;
    case 'dead_provider':
      return `${incident.scope.provider ?? incident.evidence.providers[0]?.name ?? 'One provider'} no longer takes mail at all: its domains have no mail host. Neither you nor the way you collect addresses is the cause.`;
    case 'soft_outage':
      return `${incident.scope.provider ?? 'One provider'} does not work at present. Neither you nor your list is the cause.`;
  }
}

function streamText(stream: Stream | null): string {
  return stream === null ? 'a stream of mail' : `the ${stream.dimension} ${stream.name}`;
}

/** The sentences about the sender's DNS if no finding explains the failures. */
function withoutFinding(told: Told, other: string): string {
  const { senders, unanswered = [], now } = told;
  const open = [
    ...senders
      .filter((sender) => !isAnswered(sender, told))
      .map(({ domain, checkedAt }) => `${domain} (last answered at ${utcText(checkedAt, now)})`),
    ...unanswered.map((domain) => `${domain} (never answered)`),
  ];
  if (open.length > 0)
    return `The list is not the cause. The records of ${inWords(open)} could not be checked since the failures began, so a fault there is possible; look also for ${other}.`;
  if (senders.length === 0)
    return 'The list is not the cause. presend does not check your DNS: set PREFLIGHT_DOMAINS to your domains.';
  return `The list is not the cause. The records of ${inWords(senders.map(({ domain }) => domain))} have no fault that explains it; look for ${other}.`;
}

/** Whether a check since the failures began had answers about all areas of DNS that can explain the cause. */
const isAnswered = (
  { checkedAt, failedAt, state }: ObservedSender,
  { cause, since }: Pick<Told, 'cause' | 'since'>,
): boolean =>
  checkedAt >= since &&
  (failedAt ?? 0) <= checkedAt &&
  (areasOfCause[cause] ?? []).every((area) => state.known.includes(area) && !state.kept?.includes(area));

function doubt({ explanation, certainty }: Told): string {
  if (explanation!.isNew) return ' The list is not the cause.';
  const known = explanation!.finding.unseenAt === null ? 'since the first check or longer' : 'for longer';
  return ` This is only a possible cause: it has existed ${known}, and mail arrived all the same.${certainty === 'likely' ? ' The list is not the cause.' : ''}`;
}

/** `SPF of example.com has needed 12 look-ups since 08:40 UTC: remove one of include:a.example (3), include:b.example (2).` */
function findingText({ sender, finding, isNew }: Explanation, now: number): string {
  const { firstSeenAt, unseenAt, code, about, seen, publish } = finding;
  const since = isNew || unseenAt !== null ? ` since ${sinceText(firstSeenAt, unseenAt, now)}` : '';
  const { facts } = sender.state;
  if (code === 'spf_too_many_lookups') {
    const costs = facts[`spf costs of ${about}`];
    const lookups = facts[`spf look-ups of ${about}`] ?? 'more than 10';
    return `SPF of ${about} ${isNew ? 'has needed' : 'needs'} ${lookups} DNS look-ups${since}, and 10 are allowed${costs ? `: remove one of ${costs}` : ''}.`;
  }
  const mend = publish === null ? '' : ` Publish at ${publish.name}: ${publish.type} ${publish.value}`;
  return `${firstSentence(seen)} This has been so${since || ' for a long time'} (${code}, ${about}).${mend}`;
}

/**
 * The time of the check that first saw the finding. If the check before was long ago, also the time of that check, because the
 * change may have happened any time between the two.
 */
const sinceText = (firstSeenAt: number, unseenAt: number | null, now: number): string =>
  unseenAt === null || firstSeenAt - unseenAt <= dayMs / 12
    ? utcText(firstSeenAt, now)
    : `${utcText(firstSeenAt, now)} at the latest (not yet at ${utcText(unseenAt, now)})`;

/** The first sentence of a text. A dot inside a name does not end a sentence, because no space follows it. */
const firstSentence = (text: string): string => /^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text;
