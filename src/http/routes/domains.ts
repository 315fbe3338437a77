// /v1/domains: the operator's lists of allowed and denied domains.

import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { formatDomainEntry, parseDomainEntry } from '../../overrides/domain-lists.ts';
import { maxOverrides } from '../../overrides/override-store.ts';
import { maxValidateBytes, momentField, nullableString } from '../fields.ts';
import { actorOf, type CallerVariables } from '../middleware/auth.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { badBody, type Resource, refusal } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidRequest, type Problem, problem } from '../problem.ts';

const domain = v.pipe(
  v.string(),
  v.maxLength(260, 'must be a domain such as example.com or *.example.com'),
  v.description('`example.com` is that domain only; `*.example.com` is that domain and all its subdomains.'),
);

const word = v.pipe(
  v.picklist(['allow', 'deny']),
  v.description(
    '`allow`: the domain never counts as misspelled, disposable, parked or look-alike. ' +
      '`deny`: addresses at the domain get the action `reject` and the reason `denied_domain`. If several entries match, the most specific one decides.',
  ),
);

export const OwnDomainRequest = v.object({
  domain,
  word,
  note: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(500, 'must be at most 500 characters long')))),
});

export const OwnDomainAnswer = v.object({
  domain: v.string(),
  word: v.picklist(['allow', 'deny']),
  note: nullableString,
  since: momentField,
});

export const OwnDomainListAnswer = v.object({ items: v.array(OwnDomainAnswer) });

export const OwnDomainRemovalRequest = v.object({ domain });

export const OwnDomainRemovalAnswer = v.object({ domain: v.string(), removed: v.boolean() });

export const domainsResource: Resource = {
  tag: 'Domain overrides',
  about: 'Your own lists of allowed and denied domains, which override the built-in data.',
  schemas: {
    OwnDomainRequest,
    OwnDomainAnswer,
    OwnDomainListAnswer,
    OwnDomainRemovalRequest,
    OwnDomainRemovalAnswer,
  },
  operations: {
    'GET /v1/domains': {
      scope: 'domains',
      id: 'listOwnDomains',
      summary: 'List all allowed and denied domains',
      description: 'All entries at once, sorted by domain.',
      answers: { 200: ['The entries, sorted by domain.', OwnDomainListAnswer] },
    },
    'POST /v1/domains': {
      scope: 'domains',
      id: 'putOwnDomain',
      summary: 'Allow or deny a domain',
      description:
        'An entry overrides the built-in data, but not DNS: an allowed domain that accepts no mail stays undeliverable.',
      request: OwnDomainRequest,
      example: { domain: '*.example.com', word: 'allow', note: 'our own' },
      answers: {
        200: ['The existing entry was updated.', OwnDomainAnswer],
        201: ['The entry was created.', OwnDomainAnswer],
        ...badBody,
        409: refusal(
          `The limit of ${maxOverrides} allowed and denied domains is reached.`,
          'own-domains-full',
        ),
      },
    },
    'POST /v1/domains/remove': {
      scope: 'domains',
      id: 'removeOwnDomain',
      summary: 'Remove an allowed or denied domain',
      description:
        'Removes the entry with exactly this domain. `*.example.com` and `example.com` are two entries.',
      request: OwnDomainRemovalRequest,
      example: { domain: 'example.net' },
      answers: {
        200: ['`removed` is false if there was no such entry.', OwnDomainRemovalAnswer],
        ...badBody,
      },
    },
  },
};

export const domainRoutes = ({ overrides, now }: HttpPorts) =>
  new Hono<{ Variables: CallerVariables }>()
    .get('/domains', async (c) => {
      const items = (await overrides.all()).map(({ domain, includesSubdomains, kind, note, since }) => ({
        domain: formatDomainEntry({ domain, includesSubdomains }),
        word: kind,
        note,
        since: new Date(since).toISOString(),
      }));
      return c.json({ items }, 200);
    })
    .post('/domains', jsonBody(maxValidateBytes, OwnDomainRequest), async (c) => {
      const { domain, word, note = null } = c.req.valid('json');
      const entry = parseDomainEntry(domain);
      if (entry === null) return notADomain(c);
      const outcome = await overrides.put({ ...entry, kind: word, note }, actorOf(c.get('caller')));
      if (outcome === 'full') return problem(c, full);
      const answer = { domain: formatDomainEntry(entry), word, note, since: new Date(now()).toISOString() };
      return c.json(answer, outcome === 'added' ? 201 : 200);
    })
    .post('/domains/remove', jsonBody(maxValidateBytes, OwnDomainRemovalRequest), async (c) => {
      const entry = parseDomainEntry(c.req.valid('json').domain);
      if (entry === null) return notADomain(c);
      const removed = await overrides.remove(entry, actorOf(c.get('caller')));
      return c.json({ domain: formatDomainEntry(entry), removed }, 200);
    });

const notADomain = (c: Context): Response =>
  problem(
    c,
    invalidRequest([
      { pointer: '/domain', detail: 'domain must be a domain such as example.com or *.example.com' },
    ]),
  );

const full: Problem = {
  type: 'own-domains-full',
  title: 'Too many entries',
  status: 409,
  detail: `The limit of ${maxOverrides} allowed and denied domains is reached. Remove one with POST /v1/domains/remove first.`,
};
