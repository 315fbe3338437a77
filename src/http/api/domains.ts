// The API of the operator's own lists of domains.

import * as v from 'valibot';
import { nullableString } from './fields.ts';
import { type Area, badBody } from './operation.ts';

const domain = v.pipe(
  v.string(),
  v.maxLength(260, 'Expected a domain.'),
  v.description('`example.com` is that domain alone, `*.example.com` that domain and everything beneath it.'),
);

const word = v.pipe(
  v.picklist(['allow', 'deny']),
  v.description(
    '`allow`: never misspelt, disposable, parked or confusable, whatever the data says. ' +
      '`deny`: the verdict is `denied_domain`, to be rejected. The longest entry that covers a domain decides.',
  ),
);

export const OwnDomainRequest = v.object({
  domain,
  word,
  note: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(500, 'Expected at most 500 characters.')))),
});

export const OwnDomainAnswer = v.object({
  domain: v.string(),
  word: v.picklist(['allow', 'deny']),
  note: nullableString,
  since: v.string(),
});

export const OwnDomainListAnswer = v.object({ items: v.array(OwnDomainAnswer) });

export const OwnDomainRemovalRequest = v.object({ domain });

export const OwnDomainRemovalAnswer = v.object({ domain: v.string(), removed: v.boolean() });

export const domains: Area = {
  tag: 'Own domains',
  schemas: {
    OwnDomainRequest,
    OwnDomainAnswer,
    OwnDomainListAnswer,
    OwnDomainRemovalRequest,
    OwnDomainRemovalAnswer,
  },
  operations: {
    'GET /v1/domains': {
      id: 'listOwnDomains',
      summary: 'All domains that you allow or deny',
      answers: { 200: ['The entries, by name.', OwnDomainListAnswer] },
    },
    'POST /v1/domains': {
      id: 'putOwnDomain',
      summary: 'Allow or deny a domain',
      description: 'Your word wins over the data. What the DNS says stands.',
      request: OwnDomainRequest,
      example: { domain: '*.example.com', word: 'allow', note: 'our own' },
      answers: {
        200: ['The entry was there and is changed.', OwnDomainAnswer],
        201: ['The entry is there.', OwnDomainAnswer],
        ...badBody,
        409: ['There are as many entries as can be held.'],
      },
    },
    'POST /v1/domains/remove': {
      id: 'removeOwnDomain',
      summary: 'Take an entry back',
      request: OwnDomainRemovalRequest,
      example: { domain: 'example.net' },
      answers: { 200: ['`removed` is false where there was none.', OwnDomainRemovalAnswer], ...badBody },
    },
  },
};
