// /v1/domains: the operator's own lists.

import { type Context, Hono } from 'hono';
import { maxOwnDomains } from '../../overrides/own-domains.ts';
import { formatDomainEntry, parseDomainEntry } from '../../overrides/own-lists.ts';
import { OwnDomainRemovalRequest, OwnDomainRequest } from '../api/domains.ts';
import { jsonBody } from '../json-body.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidRequest, type Problem, problem } from '../problem.ts';
import { maxValidateBytes } from './validate.ts';

export const domainRoutes = ({ ownDomains, now }: HttpPorts) =>
  new Hono()
    .get('/domains', async (c) => {
      const items = (await ownDomains.all()).map(({ domain, beneath, word, note, since }) => ({
        domain: formatDomainEntry({ domain, beneath }),
        word,
        note,
        since: new Date(since).toISOString(),
      }));
      return c.json({ items }, 200);
    })
    .post('/domains', jsonBody(maxValidateBytes, OwnDomainRequest), async (c) => {
      const { domain, word, note = null } = c.req.valid('json');
      const entry = parseDomainEntry(domain);
      if (entry === null) return notADomain(c);
      const outcome = await ownDomains.put({ ...entry, word, note });
      if (outcome === 'full') return problem(c, full);
      const answer = { domain: formatDomainEntry(entry), word, note, since: new Date(now()).toISOString() };
      return c.json(answer, outcome === 'added' ? 201 : 200);
    })
    .post('/domains/remove', jsonBody(maxValidateBytes, OwnDomainRemovalRequest), async (c) => {
      const entry = parseDomainEntry(c.req.valid('json').domain);
      if (entry === null) return notADomain(c);
      return c.json({ domain: formatDomainEntry(entry), removed: await ownDomains.remove(entry) }, 200);
    });

const notADomain = (c: Context): Response =>
  problem(
    c,
    invalidRequest([{ pointer: '/domain', detail: 'Expected a domain, with "*." before it or not.' }]),
  );

const full: Problem = {
  type: 'own-domains-full',
  title: 'There are as many entries as can be held',
  status: 409,
  detail: `At most ${maxOwnDomains} domains can be allowed or denied.`,
};
