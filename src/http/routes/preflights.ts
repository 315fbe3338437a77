// GET and POST /v1/preflights: the watched domains of the sender, and checking them now.

import { Hono } from 'hono';
import * as v from 'valibot';
import { parseDomainEntry } from '../../overrides/domain-lists.ts';
import { preflightCost } from '../../preflight/read-request.ts';
import type { WatchedDomain } from '../../preflight/watch/watch.ts';
import type { StoredChange } from '../../preflight/watch/watch-repository.ts';
import { countField, described, maxValidateBytes, momentField, nullableMoment } from '../fields.ts';
import type { CallerVariables } from '../middleware/auth.ts';
import type { BodyVariables } from '../middleware/body.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { callCost } from '../middleware/limits.ts';
import { badBody, type Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidRequest, problem } from '../problem.ts';
import { dnsChange } from './incidents.ts';
import { PreflightFindingAnswer } from './preflight.ts';

export const WatchedChange = v.object(dnsChange);

export const WatchedDomainAnswer = v.object({
  domain: v.string(),
  checked_at: described(
    nullableMoment,
    'The time of the last check with an answer from DNS; null before the first one.',
  ),
  failed_at: described(
    nullableMoment,
    'The time of the last check, if no DNS resolver answered it. The findings are then those of `checked_at`. Null if the last check was answered.',
  ),
  due_at: described(momentField, 'When the next check is due.'),
  counts: described(
    v.object({ error: countField, warning: countField, info: countField }),
    'Number of findings by severity.',
  ),
  findings: v.array(
    v.object({
      ...PreflightFindingAnswer.entries,
      first_seen_at: described(momentField, 'The time of the check that first saw the finding.'),
      unseen_at: described(
        nullableMoment,
        'The time of the last check before `first_seen_at`, which did not see the finding. Null if the first check of the domain already saw it.',
      ),
    }),
  ),
  facts: described(
    v.record(v.string(), v.string()),
    'What the last check read in DNS, by name. presend compares these values with those of the check before, to find changes.',
  ),
  changes: described(v.array(WatchedChange), 'The latest changes, the newest first; at most 20.'),
});

export const WatchedDomainsAnswer = v.object({ items: v.array(WatchedDomainAnswer) });

export const WatchedCheckBody = v.object({
  domain: v.optional(
    v.pipe(
      v.string(),
      v.maxLength(260, 'must be at most 260 characters long'),
      v.description('Check only this domain of PREFLIGHT_DOMAINS. Without it, all are checked.'),
      v.examples(['example.com']),
    ),
  ),
});

export const preflightsResource: Resource = {
  tag: 'Watched domains',
  about:
    'The service checks the DNS of the domains in PREFLIGHT_DOMAINS every day. It logs each change and sends it to PREFLIGHT_CALLBACK_URL. A change that is a fault also becomes an incident.',
  schemas: { WatchedDomainsAnswer, WatchedCheckBody },
  operations: {
    'GET /v1/preflights': {
      scope: 'preflight',
      id: 'listPreflights',
      summary: 'List the watched domains',
      description:
        'Returns what the last check of each domain found and what changed lately. Sends no DNS query.',
      answers: { 200: ['The watched domains, in the order of PREFLIGHT_DOMAINS.', WatchedDomainsAnswer] },
    },
    'POST /v1/preflights': {
      scope: 'preflight',
      id: 'checkPreflights',
      summary: 'Check the watched domains now',
      description:
        'Checks one watched domain, or all, and returns them. Changes since the last check are logged and sent to PREFLIGHT_CALLBACK_URL, as after the daily check. Costs as much of the rate limit as POST /v1/preflight for each domain, with the selectors and IP addresses in PREFLIGHT_DOMAINS.',
      request: WatchedCheckBody,
      example: {},
      answers: { 200: ['The checked domains.', WatchedDomainsAnswer], ...badBody },
    },
  },
};

/** How many domains are checked at the same time. Each check takes up to eight seconds. */
const checksAtOnce = 4;

export const watchedPreflightRoutes = ({
  senderWatch,
  preflight,
}: Pick<HttpPorts, 'senderWatch' | 'preflight'>) => {
  const app = new Hono<{ Variables: CallerVariables & BodyVariables }>();

  const answersOf = async (watched: readonly WatchedDomain[]) => ({
    items: await Promise.all(
      watched.map(async (one) => watchedAnswer(one, await senderWatch.changes(one.domain))),
    ),
  });

  return app
    .get('/preflights', async (c) => {
      c.header('cache-control', 'no-store');
      return c.json(await answersOf(await senderWatch.list()), 200);
    })
    .post('/preflights', jsonBody(maxValidateBytes, WatchedCheckBody), async (c) => {
      const { domain } = c.req.valid('json');
      const name = domain === undefined ? undefined : parseDomainEntry(domain.trim())?.domain;
      const requests =
        domain === undefined
          ? senderWatch.requests
          : senderWatch.requests.filter((one) => one.domain === name);
      if (domain !== undefined && requests.length === 0)
        return problem(
          c,
          invalidRequest([{ pointer: '/domain', detail: 'domain must be one of PREFLIGHT_DOMAINS' }]),
        );
      const { zones } = await preflight();
      const costs = requests.map((request) => preflightCost(request, zones.length));
      const cost = costs.reduce((sum, one) => sum + one, 0);
      const tooMany = await c.get('spend')(cost - callCost);
      if (tooMany !== null) return tooMany;
      const found = new Array<WatchedDomain | null>(requests.length).fill(null);
      let beyond = 0;
      let next = 0;
      const checkNext = async (): Promise<void> => {
        while (next < requests.length) {
          const at = next++;
          const one = await senderWatch.check(requests[at]!.domain);
          found[at] = one.watched;
          beyond += Math.max(0, one.queries - costs[at]!);
        }
      };
      await Promise.all(Array.from({ length: checksAtOnce }, checkNext));
      // As in POST /v1/preflight: the answer is sent even if these units exceed the rate limit.
      await c.get('spend')(beyond);
      const checked = found.filter((one) => one !== null);
      c.header('cache-control', 'no-store');
      return c.json(await answersOf(checked), 200);
    });
};

const moment = (at: number): string => new Date(at).toISOString();
const momentOrNull = (at: number | null): string | null => (at === null ? null : moment(at));

/** A watched domain as the API and the command line return it. */
export function watchedAnswer(
  { domain, state, checkedAt, failedAt, dueAt }: WatchedDomain,
  changes: readonly StoredChange[],
) {
  const findings = state?.findings ?? [];
  const count = (severity: string): number => findings.filter((one) => one.severity === severity).length;
  return {
    domain,
    checked_at: momentOrNull(checkedAt),
    failed_at: momentOrNull(failedAt),
    due_at: moment(dueAt),
    counts: { error: count('error'), warning: count('warning'), info: count('info') },
    findings: findings.map(({ firstSeenAt, unseenAt, ...finding }) => ({
      ...finding,
      first_seen_at: moment(firstSeenAt),
      unseen_at: momentOrNull(unseenAt),
    })),
    facts: state?.facts ?? {},
    changes: changes.map(({ since, at, differences, appeared, gone }) => ({
      ...{ since: moment(since), at: moment(at), values: differences },
      appeared: appeared.map(shortFinding),
      gone: gone.map(shortFinding),
    })),
  };
}

const shortFinding = ({ code, about, severity, seen }: StoredChange['appeared'][number]) => ({
  ...{ code, about, severity, seen },
});
