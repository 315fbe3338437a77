// The API of CRM hooks. What travels is each vendor's own; docs/crms.md has it.

import type { Area } from './operation.ts';

const unavailable = {
  404: ['There is no such vendor.'],
  503: ['The secret of this vendor is not set, or the vendor should send it again.'],
} as const;

export const crm: Area = {
  tag: 'CRM hooks',
  schemas: {},
  operations: {
    'POST /v1/hooks/crm/{vendor}': {
      id: 'crmHook',
      summary: 'A CRM tells of new or changed contacts',
      description:
        'Needs no key: the vendor’s own signature or secret is checked. The answer is what it expects.',
      requestMediaTypes: {
        'application/json': 'What HubSpot, Pipedrive, Klaviyo and Customer.io send.',
        'application/x-www-form-urlencoded': 'What Mailchimp sends.',
        'text/xml': 'What Salesforce sends.',
      },
      keyless: true,
      answers: {
        200: ['What the vendor expects.'],
        400: ['It is not what this vendor sends.'],
        401: ['It is not proved that the vendor sent it.'],
        413: ['The body is too large.'],
        429: ['The vendor should send it again.'],
        ...unavailable,
      },
    },
    'GET /v1/hooks/crm/{vendor}': {
      id: 'crmHookProbe',
      summary: 'A CRM asks whether its hook is there',
      keyless: true,
      answers: {
        200: ['It is.'],
        405: ['This vendor does not ask by GET.'],
        ...unavailable,
      },
    },
  },
};
