// A stand-in for the part of HubSpot's API that is used: contacts, read and updated in batches.

import type { Fetch } from '../../src/crm/vendor-client.ts';
import { sampleNamed } from './samples.ts';

export interface HubspotStandIn {
  readonly contacts: Map<string, Record<string, string | null>>;
  /** Path of each call, in order. */
  readonly calls: string[];
  /** What it answers instead, when set. */
  fault: (() => Response) | null;
  readonly handle: (request: Request) => Promise<Response>;
}

const token = sampleNamed('hubspot').settings['CRM_HUBSPOT_API_TOKEN']!;

const prefix = '/crm/v3/objects/contacts/batch/';

export function hubspotStandIn(): HubspotStandIn {
  const contacts: HubspotStandIn['contacts'] = new Map();
  const standIn: HubspotStandIn = {
    contacts,
    calls: [],
    fault: null,
    async handle(request) {
      const path = new URL(request.url).pathname;
      standIn.calls.push(path.replace(prefix, ''));
      if (standIn.fault !== null) return standIn.fault();
      if (request.headers.get('authorization') !== `Bearer ${token}`)
        return Response.json({ category: 'INVALID_AUTHENTICATION' }, { status: 401 });
      const { inputs } = (await request.json()) as {
        inputs: { id: string; properties?: Record<string, string> }[];
      };
      if (inputs.length > 100) return Response.json({ category: 'VALIDATION_ERROR' }, { status: 400 });
      const known = inputs.filter(({ id }) => contacts.has(id));
      if (path === `${prefix}update`)
        for (const { id, properties } of known) Object.assign(contacts.get(id)!, properties);
      else if (path !== `${prefix}read`) return new Response(null, { status: 404 });
      return Response.json(
        {
          status: 'COMPLETE',
          results: known.map(({ id }) => ({ id, properties: contacts.get(id), archived: false })),
          ...(known.length < inputs.length && { numErrors: inputs.length - known.length }),
        },
        { status: known.length < inputs.length ? 207 : 200 },
      );
    },
  };
  return standIn;
}

/** A fetch that reaches the stand-in under the one address that the real API has, and nothing else. */
export const fetchOf =
  (send: (path: string, init: RequestInit) => Promise<Response>): Fetch =>
  (url, init) => {
    const { origin, pathname } = new URL(url);
    if (origin !== 'https://api.hubapi.com') throw new Error('another host was asked');
    return send(pathname, init);
  };
