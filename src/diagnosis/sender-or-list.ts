// Answers "is it me or my list?" for a report: one sentence, with the incidents on which the answer is based.

import type { DiagnosedBlame } from '../reports/incidents/diagnosis-record.ts';
import { incidentCauses, incidentFamilies, type StoredIncident } from '../reports/incidents/incident.ts';
import type { ObservedSender } from './explaining-finding.ts';

export interface SenderOrList {
  /** `none`: nothing stands out. `unknown`: the evidence does not say. */
  readonly answer: DiagnosedBlame | 'none';
  readonly certainty: 'likely' | 'possible' | null;
  readonly sentence: string;
  /** The ids of the incidents on which the answer is based, the main one first. */
  readonly incidents: readonly string[];
}

const blameOf = ({ diagnosis, kind }: StoredIncident): DiagnosedBlame =>
  diagnosis?.blame ?? incidentCauses[kind];

/** Incidents that seldom explain a rise of bounces: full mailboxes, bursts, and complaints, which are not bounces. */
const isMinor = ({ kind }: StoredIncident): boolean =>
  incidentFamilies[kind] === 'full' || kind === 'sending_bursts' || kind === 'complaints';

const weightOf = ({ evidence, diagnosis }: StoredIncident): number =>
  evidence.messages * (diagnosis?.certainty === 'possible' ? 0.5 : 1);

/** The incident that explains most failures; null if there is none. Open incidents come before closed ones. */
export const mainIncident = (incidents: readonly StoredIncident[]): StoredIncident | null =>
  incidents.toSorted(
    (a, b) =>
      Number(isMinor(a)) - Number(isMinor(b)) ||
      Number(a.closedAt !== null) - Number(b.closedAt !== null) ||
      weightOf(b) - weightOf(a) ||
      a.openedAt - b.openedAt,
  )[0] ?? null;

const openings: Readonly<Record<DiagnosedBlame, string>> = {
  sender: 'It is you, not your list',
  list: 'It is your list, as far as is known',
  provider: 'It is neither you nor your list, but a provider',
  unknown: 'It is not known whether it is you or your list',
};

const others: Readonly<Record<DiagnosedBlame, string>> = {
  sender: 'the sender',
  list: 'the list',
  provider: 'a provider',
  unknown: 'no known cause',
};

/** Answers for the days of a report. `incidents` and `bounces` are of these days; `senders` are the watched domains. */
export function senderOrList({
  incidents,
  bounces,
  hasEvents,
  senders,
}: {
  readonly incidents: readonly StoredIncident[];
  readonly bounces: number;
  readonly hasEvents: boolean;
  readonly senders: readonly ObservedSender[];
}): SenderOrList {
  const main = mainIncident(incidents);
  if (main === null) return withoutIncident(bounces, hasEvents, senders);
  const blame = blameOf(main);
  const certainty = main.diagnosis?.certainty ?? 'possible';
  const also = [...new Set(incidents.map(blameOf))].filter((one) => one !== blame);
  const more =
    also.length === 0
      ? ''
      : ` Other incidents of these days are about ${also.map((one) => others[one]).join(' and ')}.`;
  const ended = main.closedAt === null ? '' : ' It is over.';
  return {
    answer: blame,
    certainty: blame === 'unknown' ? 'possible' : certainty,
    sentence: `${openings[blame]}${blame !== 'unknown' && certainty === 'possible' ? ', probably' : ''}: ${main.diagnosis?.sentence ?? main.explanation}${ended}${more}`,
    incidents: [main.id, ...incidents.filter(({ id }) => id !== main.id).map(({ id }) => id)].slice(0, 20),
  };
}

function withoutIncident(
  bounces: number,
  hasEvents: boolean,
  senders: readonly ObservedSender[],
): SenderOrList {
  const errors = senders.flatMap(({ domain, state }) =>
    state.findings.filter(({ severity }) => severity === 'error').map(({ code }) => `${code} of ${domain}`),
  );
  const dns =
    errors.length === 0
      ? ''
      : ` But the sender's DNS has ${errors.length === 1 ? 'an error' : 'errors'} (${errors.slice(0, 3).join(', ')}).`;
  const none = { certainty: null, incidents: [] } as const;
  if (!hasEvents)
    return {
      ...none,
      answer: 'unknown',
      sentence: `It is not known whether it is you or your list: there are no events of these days.${dns}`,
    };
  return {
    ...none,
    answer: 'none',
    sentence:
      bounces === 0
        ? `Nothing bounced on these days.${dns}`
        : `Nothing stands out: no kind of bounce rose above its usual rate, so neither you nor your list changed.${dns}`,
  };
}
