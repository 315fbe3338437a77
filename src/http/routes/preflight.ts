// POST /v1/preflight: checks the DNS records of a sender.

import { Hono } from 'hono';
import * as v from 'valibot';
import { isDnsUnreachable } from '../../preflight/finding.ts';
import { preflightCost, preflightLimits, readPreflight } from '../../preflight/read-request.ts';
import { countField, maxValidateBytes, momentField, nullableString } from '../fields.ts';
import type { CallerVariables } from '../middleware/auth.ts';
import type { BodyVariables } from '../middleware/body.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { callCost } from '../middleware/limits.ts';
import { badBody, type Resource, refusal } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidRequest, type Problem, problem } from '../problem.ts';

const nameField = (description: string, example: string) =>
  v.pipe(
    v.string(),
    v.maxLength(260, 'must be at most 260 characters long'),
    v.description(description),
    v.examples([example]),
  );

const list = (most: number, description: string, example: string) =>
  v.optional(
    v.pipe(
      v.array(
        v.pipe(v.string(), v.maxLength(260, 'must be at most 260 characters long'), v.examples([example])),
      ),
      v.maxLength(most, `must have at most ${most} items`),
      v.description(description),
    ),
  );

export const PreflightBody = v.object({
  domain: nameField('The domain of the From address.', 'example.com'),
  selectors: list(
    preflightLimits.selectors,
    'DKIM selectors: the value of "s=" in the DKIM-Signature of your mail. If mail is signed by another domain, give the whole name, such as `s1._domainkey.example.net`. Without selectors, those of well-known senders are tried.',
    's1',
  ),
  ips: list(
    preflightLimits.ips,
    'The public IP addresses that send the mail. Without them, reverse DNS and IP blocklists are not checked.',
    '198.51.100.7',
  ),
  bounce_domain: v.optional(
    v.nullable(
      nameField(
        'The domain of the envelope sender (Return-Path), if it is not the From domain.',
        'bounces.example.com',
      ),
    ),
  ),
  helo: v.optional(
    v.nullable(nameField('The name with which your server introduces itself (EHLO).', 'mail.example.com')),
  ),
  tracking: list(
    preflightLimits.tracking,
    'The host names of the links in your mail that count clicks.',
    'click.example.com',
  ),
});

const PublishedRecordAnswer = v.object({
  name: v.pipe(v.string(), v.description('The full name of the record.')),
  type: v.picklist(['TXT', 'MX', 'A', 'AAAA', 'PTR']),
  value: v.pipe(v.string(), v.description('The value, ready to copy.')),
});

export const PreflightFindingAnswer = v.object({
  code: v.pipe(
    v.string(),
    v.description(
      'The kind of finding, such as `spf_none`. New kinds may be added; docs/sender.md lists them.',
    ),
  ),
  about: v.pipe(
    v.string(),
    v.description('The name of the record, domain, IP address or host that has the fault.'),
  ),
  severity: v.pipe(
    v.picklist(['error', 'warning', 'info']),
    v.description(
      '`error`: mail bounces, or will bounce at large receivers. `warning`: some receivers reject or filter it. `info`: nothing bounces because of it today.',
    ),
  ),
  seen: v.pipe(v.string(), v.description('What was seen in DNS, with the record.')),
  meaning: v.pipe(v.string(), v.description('What it means for your mail and what to do, in plain words.')),
  causes: v.pipe(
    v.array(v.string()),
    v.description('Enhanced status codes of the bounces that it causes, such as 5.7.26.'),
  ),
  publish: v.pipe(
    v.nullable(PublishedRecordAnswer),
    v.description(
      'The record to publish in order to fix the fault. Null if DNS does not show what the record must contain.',
    ),
  ),
});

const nullableBoolean = v.nullable(v.boolean());

export const PreflightFactsAnswer = v.object({
  spf: v.array(
    v.object({
      domain: v.string(),
      record: nullableString,
      lookups: v.pipe(
        v.nullable(countField),
        v.description('Number of DNS look-ups that the record needs; at most 10 are allowed (RFC 7208).'),
      ),
      void_lookups: v.nullable(countField),
      costs: v.pipe(
        v.array(v.object({ term: v.string(), lookups: countField })),
        v.description('The look-ups that each part of the record costs, the most expensive first.'),
      ),
      ips: v.array(
        v.object({
          ip: v.string(),
          result: v.picklist(['none', 'neutral', 'pass', 'fail', 'softfail', 'temperror', 'permerror']),
        }),
      ),
    }),
  ),
  dkim: v.array(
    v.object({
      selector: v.string(),
      name: v.string(),
      source: v.pipe(
        v.picklist(['given', 'seen', 'well_known']),
        v.description(
          'How the selector is known: you gave it, a returned message shows it, or many senders use its name.',
        ),
      ),
      domain: v.string(),
      state: v.picklist(['valid', 'missing', 'revoked', 'invalid', 'not_answered', 'not_checked']),
      key_type: v.nullable(v.picklist(['rsa', 'ed25519'])),
      bits: v.nullable(countField),
      alias: nullableString,
    }),
  ),
  dmarc: v.object({
    record: nullableString,
    found_at: v.pipe(
      nullableString,
      v.description('The domain whose DMARC record applies: the domain itself, or a domain above it.'),
    ),
    organizational_domain: nullableString,
    policy: v.nullable(v.picklist(['none', 'quarantine', 'reject'])),
    spf_aligned: nullableBoolean,
    dkim_aligned: nullableBoolean,
    alias: nullableString,
  }),
  mail_hosts: v.array(
    v.object({
      domain: v.string(),
      kind: v.picklist([
        'mx',
        'implicit_mx',
        'null_mx',
        'no_mail_host',
        'nxdomain',
        'unroutable',
        'undetermined',
      ]),
      hosts: v.array(v.string()),
    }),
  ),
  ips: v.array(
    v.object({ ip: v.string(), ptr: v.nullable(v.array(v.string())), confirmed: nullableBoolean }),
  ),
  mta_sts: v.nullable(v.object({ record: v.string(), mode: nullableString, mx: v.array(v.string()) })),
  tls_rpt: nullableString,
  bimi: nullableString,
  tracking: v.array(v.object({ name: v.string(), target: nullableString, resolves: nullableBoolean })),
  blocklists: v.array(
    v.object({
      zone: v.string(),
      name: v.string(),
      state: v.picklist(['listed', 'not_listed', 'not_answered']),
      codes: v.array(v.string()),
    }),
  ),
  not_answered: v.pipe(
    v.array(
      v.object({
        question: v.string(),
        cause: v.picklist([
          'timeout',
          'servfail',
          'refused',
          'network',
          'bad_response',
          'unconfirmed',
          'question_limit',
        ]),
      }),
    ),
    v.description(
      'DNS questions that no resolver answered, and an MTA-STS policy that could not be fetched. They are never findings. `unconfirmed`: a second resolver did not answer. `question_limit`: there were too many questions.',
    ),
  ),
  not_checked: v.pipe(
    v.array(v.object({ check: v.string(), why: v.string() })),
    v.description('Checks that were not made, and why.'),
  ),
  queries: v.pipe(countField, v.description('Number of DNS questions.')),
});

export const PreflightReport = v.object({
  domain: v.string(),
  checked_at: momentField,
  findings: v.pipe(v.array(PreflightFindingAnswer), v.description('The most severe ones first.')),
  facts: PreflightFactsAnswer,
});

export const preflightResource: Resource = {
  tag: 'Preflight',
  about: 'Whether your own DNS records make mail bounce: SPF, DKIM, DMARC, reverse DNS and blocklists.',
  schemas: { PreflightBody, PreflightReport, PreflightFindingAnswer, PreflightFactsAnswer },
  operations: {
    'POST /v1/preflight': {
      scope: 'preflight',
      id: 'preflight',
      summary: 'Check the DNS records of a sender',
      description:
        'Looks up SPF, DKIM, DMARC, MX, MTA-STS, TLS-RPT and BIMI of a domain, and reverse DNS and blocklists of its sending IP addresses. Each finding has what was seen, the bounces that it causes and the record to publish. A DNS query that no resolver answers is never a finding. Costs one unit of the rate limit for each DNS query that it sends, at least 30 and at most 300.',
      request: PreflightBody,
      example: { domain: 'brisk-otter.com', selectors: ['s1'], ips: ['198.41.0.4'] },
      answers: {
        200: ['The findings and the facts.', PreflightReport],
        ...badBody,
        503: refusal(
          'The service is overloaded, storage is unavailable, or no DNS resolver answers. Retry after the number of seconds in `Retry-After`.',
          'overloaded',
          'storage-unavailable',
          'dns-unreachable',
        ),
      },
    },
  },
};

export const preflightRoutes = ({ preflight }: Pick<HttpPorts, 'preflight'>) => {
  const app = new Hono<{ Variables: CallerVariables & BodyVariables }>();
  return app.post('/preflight', jsonBody(maxValidateBytes, PreflightBody), async (c) => {
    const read = readPreflight(c.req.valid('json'));
    if ('mistakes' in read)
      return problem(
        c,
        invalidRequest(
          read.mistakes.map(({ path, detail }) => ({
            pointer: `/${path.join('/')}`,
            detail: `${path.length > 1 ? `${path[0]}[${path[1]}]` : path[0]} ${detail}`,
          })),
        ),
      );
    const { check, zones } = await preflight();
    const cost = preflightCost(read.request, zones.length);
    const tooMany = await c.get('spend')(cost - callCost);
    if (tooMany !== null) return tooMany;
    const answer = await check(read.request);
    // Charge the DNS queries that the request did not show, such as those for a large SPF record. The answer is sent even if
    // these units exceed the rate limit.
    await c.get('spend')(answer.facts.queries - cost);
    if (isDnsUnreachable(answer.facts)) return problem(c, noResolverAnswers, { 'retry-after': '30' });
    c.header('cache-control', 'no-store');
    return c.json(answer, 200);
  });
};

const noResolverAnswers: Problem = {
  type: 'dns-unreachable',
  title: 'DNS is unreachable',
  status: 503,
  detail: 'No DNS resolver answers. Retry after the number of seconds in Retry-After.',
};
