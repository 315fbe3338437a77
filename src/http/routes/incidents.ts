// GET /v1/reports/incidents: unusual failures and complaints in the delivery events, as incidents.

import { Hono } from 'hono';
import * as v from 'valibot';
import { hourMs } from '../../durations.ts';
import {
  type DnsChangeRecord,
  diagnosedCauses,
  type IncidentDiagnosis,
} from '../../reports/incidents/diagnosis-record.ts';
import {
  incidentCauses,
  incidentKinds,
  type ProviderEvidence,
  type StoredIncident,
} from '../../reports/incidents/incident.ts';
import type { IncidentQuery } from '../../reports/incidents/incident-repository.ts';
import { countField, described, momentField, nullableMoment, nullableString, timestamp } from '../fields.ts';
import { cursorParameter, integerSchema, oneOfSchema, type Resource, refusal } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidQuery, type Problem, problem } from '../problem.ts';

const rateField = v.nullable(v.pipe(v.number(), v.minValue(0)));

const changedFindings = v.array(
  v.object({
    code: v.string(),
    about: v.string(),
    severity: v.picklist(['error', 'warning', 'info']),
    seen: v.string(),
  }),
);

/** A change of the sender's DNS, with the values before and after it. */
export const dnsChange = {
  since: described(momentField, 'The time of the previous check, which saw the values in `before`.'),
  at: described(momentField, 'The time of the check that saw the change.'),
  values: described(
    v.array(v.object({ name: v.string(), before: v.string(), after: v.string() })),
    'The values that changed: `name` says which, with the value before and after the change. `none` if there is no record.',
  ),
  appeared: described(changedFindings, 'Faults that the check saw and the previous check did not.'),
  gone: described(changedFindings, 'Faults that the previous check saw and the check no longer did.'),
};

const IncidentAnswer = v.object({
  id: v.string(),
  kind: v.picklist(incidentKinds),
  cause: described(
    v.picklist(['sender', 'list', 'provider', 'unknown']),
    'Who can fix the cause: `sender` (you or your mail server), `list` (the addresses), `provider` (wait).',
  ),
  scope: described(
    v.object({
      provider: v.optional(v.string()),
      source: v.optional(v.string()),
      campaign: v.optional(v.string()),
      list: v.optional(v.string()),
      domain: v.optional(v.string()),
    }),
    'The mail that the incident is about. An empty object stands for all mail. Only incidents of the kind `sender_dns` have `domain`: the domain of the sender.',
  ),
  opened_at: momentField,
  changed_at: described(
    momentField,
    'When the kind, the scope, the severity, the providers or the rate last changed much.',
  ),
  closed_at: described(nullableMoment, 'Null while the incident is open.'),
  severity: v.picklist(['warning', 'critical']),
  evidence: v.object({
    from: described(momentField, 'Start of the period in which the failures were counted; `to` is its end.'),
    to: momentField,
    messages: described(countField, 'Number of failures, such as hard bounces.'),
    sent: described(v.nullable(countField), 'Number of messages sent in the scope; null if unknown.'),
    rate: described(
      rateField,
      'Failures divided by the number of messages that can have such failures; null if unknown. It can be above 1 for deferrals, because a message can be deferred more than once.',
    ),
    rate_before: described(rateField, 'The usual rate before the incident; null if unknown.'),
    chance: described(
      v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
      'The probability that such a rise is chance, given how much this rate varies from day to day.',
    ),
    providers: described(
      v.array(
        v.object({
          name: described(
            nullableString,
            'The mailbox provider. Null: all domains that are not at a well-known provider.',
          ),
          messages: countField,
          sent: v.nullable(countField),
          rate: rateField,
          rate_before: rateField,
        }),
      ),
      'The affected providers, most failures first.',
    ),
    statuses: described(
      v.array(v.object({ status: v.string(), messages: countField })),
      'The most frequent enhanced statuses (RFC 3463) of these failures.',
    ),
    reasons: v.array(v.object({ reason: v.string(), messages: countField })),
  }),
  explanation: v.string(),
  advice: v.string(),
  diagnosis: v.optional(
    described(
      v.object({
        cause: v.picklist(diagnosedCauses),
        blame: described(
          v.picklist(['sender', 'list', 'provider', 'unknown']),
          'Who has to act. It can differ from `cause`, which follows from the kind alone.',
        ),
        certainty: described(
          v.picklist(['likely', 'possible']),
          '`possible`: the cause fits the failures, but nothing proves it, or it existed long before they began.',
        ),
        domain: described(
          nullableString,
          "The sender's domain whose DNS explains the bounces; null if none does.",
        ),
        finding: described(
          nullableString,
          'The code of the fault in the DNS of this domain, such as `spf_none`; null if no fault explains the bounces.',
        ),
        sentence: v.string(),
        since: described(momentField, 'When the failures began.'),
        at: described(momentField, 'When the diagnosis was made.'),
      }),
      'What probably caused the incident, according to the SMTP replies, the sources of the addresses and the DNS of the sender. Absent in the first minutes of an incident, and for incidents of the kind `sender_dns`.',
    ),
  ),
  change: v.optional(
    described(
      v.object(dnsChange),
      'Only for `sender_dns`: what changed in the DNS, with the values before and after.',
    ),
  ),
  suppressions: v.optional(
    described(
      v.object({ from: momentField, to: momentField, provider: v.string() }),
      'Only for `provider_fault`: the body for POST /v1/suppressions/lift that lifts the suppressions of this incident. Try it with `dry_run` first.',
    ),
  ),
});

export const IncidentsAnswer = v.object({
  items: v.array(IncidentAnswer),
  next_cursor: described(nullableString, 'Pass it as ?cursor= to get the next page; null on the last page.'),
});

const states = ['open', 'closed', 'all'] as const;
const maxListed = 100;
const listedByDefault = 50;

export const incidentsResource: Resource = {
  tag: 'Incidents',
  about:
    'Incidents: unusual failures or complaints in the delivery events, each with its cause, evidence and advice.',
  schemas: { IncidentsAnswer },
  operations: {
    'GET /v1/reports/incidents': {
      scope: 'reports:read',
      id: 'listIncidents',
      summary: 'List incidents, latest first',
      description:
        'The service looks for incidents every five minutes. An incident opens once, keeps its id while it changes, and closes when its rate is back to normal for 12 hours or no such mail was sent for 3 days.',
      query: {
        status: {
          description: '`open` (the default), `closed` or `all`.',
          schema: oneOfSchema(states, 'open'),
          example: 'open',
        },
        from: {
          description: 'Only incidents that were open at this time or later.',
          schema: { type: 'string' },
          example: '2026-11-01T00:00:00Z',
        },
        to: {
          description: 'Only incidents that opened before this time.',
          schema: { type: 'string' },
          example: '2026-12-01T00:00:00Z',
        },
        kind: {
          description: 'Only incidents of this kind.',
          schema: oneOfSchema(incidentKinds),
          example: 'provider_block',
        },
        limit: {
          description: `Incidents per page, 1 to ${maxListed}; ${listedByDefault} by default.`,
          schema: integerSchema(1, maxListed, listedByDefault),
          example: 20,
        },
        cursor: cursorParameter('1795089600000.inc_kC5iGm0Jq8Yw2Zx7Vb3N4A'),
      },
      answers: {
        200: ['A page of incidents.', IncidentsAnswer],
        422: refusal('A query parameter is invalid.', 'invalid-request'),
      },
    },
  },
};

export const incidentRoutes = ({ incidents }: Pick<HttpPorts, 'incidents'>) =>
  new Hono().get('/reports/incidents', async (c) => {
    const query = incidentQuery(c.req.query());
    if ('problem' in query) return problem(c, query.problem);
    const { shown, next } = await incidentPageOf(incidents, query);
    return c.json({ items: shown.map(incidentAnswer), next_cursor: next }, 200, {
      'cache-control': 'no-store',
    });
  });

/** Returns one page of incidents, and the cursor of the next one; null on the last page. */
export async function incidentPageOf(
  incidents: HttpPorts['incidents'],
  query: IncidentQuery,
): Promise<{ readonly shown: readonly StoredIncident[]; readonly next: string | null }> {
  // Ask for one incident more than the page shows: if it exists, there is a next page.
  const page = await incidents.list({ ...query, limit: query.limit + 1 });
  const shown = page.slice(0, query.limit);
  const last = shown.at(-1);
  return { shown, next: page.length > query.limit && last ? `${last.openedAt}.${last.id}` : null };
}

/** Reads the parameters of a query for incidents. */
export function incidentQuery(
  texts: Readonly<Record<string, string>>,
): IncidentQuery | { readonly problem: Problem } {
  const { status = 'open', from, to, kind, limit, cursor } = texts;
  const invalid = (name: string, detail: string) => ({ problem: invalidQuery(name, detail) });
  if (!isOneOf(states, status)) return invalid('status', `must be one of ${states.join(', ')}`);
  if (kind !== undefined && !isOneOf(incidentKinds, kind))
    return invalid('kind', `must be one of ${incidentKinds.join(', ')}`);
  for (const [name, text] of [
    ['from', from],
    ['to', to],
  ] as const)
    if (text !== undefined && !v.is(timestamp, text))
      return invalid(name, 'must be a date such as 2026-08-01 or 2026-08-01T12:00:00Z');
  const size = limit === undefined ? listedByDefault : Number(limit);
  if (!(Number.isInteger(size) && size >= 1 && size <= maxListed))
    return invalid('limit', `must be a whole number from 1 to ${maxListed}`);
  const after = cursor === undefined ? undefined : readCursor(cursor);
  if (after === null) return invalid('cursor', 'must be the next_cursor of the previous page');
  return {
    ...{ status, kind, after, limit: size },
    from: from === undefined ? undefined : Date.parse(from),
    to: to === undefined ? undefined : Date.parse(to),
  };
}

const isOneOf = <Text extends string>(texts: readonly Text[], text: string): text is Text =>
  (texts as readonly string[]).includes(text);

function readCursor(cursor: string): { openedAt: number; id: string } | null {
  const parts = /^(\d{1,15})\.(inc_[\w-]{1,64})$/.exec(cursor);
  return parts === null ? null : { openedAt: Number(parts[1]), id: parts[2]! };
}

const moment = (at: number): string => new Date(at).toISOString();

/** Rounds a rate to six decimal places. */
const rounded = (rate: number | null): number | null => (rate === null ? null : Math.round(rate * 1e6) / 1e6);

/** An incident as the API and the command line return it. */
export function incidentAnswer(incident: StoredIncident) {
  const { id, kind, scope, openedAt, changedAt, closedAt, severity, evidence, explanation, advice } =
    incident;
  const { providers, from, to, rate, rateBefore, chance, ...counts } = evidence;
  return {
    ...{ id, kind, cause: incidentCauses[kind], scope },
    opened_at: moment(openedAt),
    changed_at: moment(changedAt),
    closed_at: closedAt === null ? null : moment(closedAt),
    severity,
    evidence: {
      ...{ from: moment(from), to: moment(to), messages: counts.messages, sent: counts.sent },
      ...{ rate: rounded(rate), rate_before: rounded(rateBefore) },
      chance: Number(chance.toPrecision(3)),
      providers: providers.map(providerAnswer),
      ...{ statuses: counts.statuses, reasons: counts.reasons },
    },
    ...{ explanation, advice },
    ...(incident.diagnosis && { diagnosis: diagnosisAnswer(incident.diagnosis) }),
    ...(incident.change && { change: changeAnswer(incident.change) }),
    ...(kind === 'provider_fault' &&
      scope.provider !== undefined && { suppressions: liftOf(incident, scope.provider) }),
  };
}

const diagnosisAnswer = ({ since, at, ...diagnosis }: IncidentDiagnosis) => ({
  ...diagnosis,
  ...{ since: moment(since), at: moment(at) },
});

const changeAnswer = ({ since, at, ...change }: DnsChangeRecord) => ({
  ...{ since: moment(since), at: moment(at) },
  ...change,
});

const providerAnswer = ({ name, messages, sent, rate, rateBefore }: ProviderEvidence) => ({
  ...{ name, messages, sent },
  rate: rounded(rate),
  rate_before: rounded(rateBefore),
});

/**
 * The body for POST /v1/suppressions/lift that lifts what a fault of the provider suppressed in the hours in which it was seen.
 */
const liftOf = ({ openedAt, seenAt, evidence }: StoredIncident, provider: string) => ({
  from: moment(Math.min(openedAt, evidence.from)),
  to: moment(Math.ceil((seenAt + 1) / hourMs) * hourMs),
  provider,
});
