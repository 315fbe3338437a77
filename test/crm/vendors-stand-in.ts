// A stand-in for the parts of the APIs of HubSpot and Klaviyo that are used, over one set of contacts.

import type { Fetch } from '../../src/crm/vendor-client.ts';
import { sampleNamed } from './samples.ts';

export interface VendorsStandIn {
  readonly contacts: Map<string, Record<string, string | null>>;
  /** What each call was for, in order. */
  readonly calls: string[];
  /** What it answers to a call instead, when set and not null. */
  fault: ((call: string) => Response | null) | null;
  readonly handle: (request: Request) => Promise<Response>;
}

const hubspotToken = sampleNamed('hubspot').settings['CRM_HUBSPOT_API_TOKEN']!;
const klaviyoToken = sampleNamed('klaviyo').settings['CRM_KLAVIYO_API_TOKEN']!;

const prefix = '/crm/v3/objects/contacts/batch/';

export function vendorsStandIn(): VendorsStandIn {
  const contacts: VendorsStandIn['contacts'] = new Map();
  const standIn: VendorsStandIn = {
    contacts,
    calls: [],
    fault: null,
    async handle(request) {
      const { pathname: path, searchParams } = new URL(request.url);
      const call = path.replace(prefix, '');
      standIn.calls.push(call);
      const fault = standIn.fault?.(call) ?? null;
      if (fault !== null) return fault;
      if (path === '/api/profiles') return profiles(request.headers, searchParams);
      if (request.headers.get('authorization') !== `Bearer ${hubspotToken}`)
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

  function profiles(headers: Headers, query: URLSearchParams): Response {
    if (headers.get('authorization') !== `Klaviyo-API-Key ${klaviyoToken}` || !headers.get('revision'))
      return Response.json({ errors: [] }, { status: 401 });
    const ids: string[] = JSON.parse(/^any\(id,(.*)\)$/.exec(query.get('filter')!)![1]!);
    if (ids.length > 100) return Response.json({ errors: [] }, { status: 400 });
    const data = ids
      .filter((id) => contacts.has(id))
      .map((id) => ({ type: 'profile', id, attributes: { email: contacts.get(id)!['email'] } }));
    return Response.json({ data, links: { next: null } });
  }
}

const hosts = ['https://api.hubapi.com', 'https://a.klaviyo.com'];

/** A fetch that reaches the stand-in under the addresses that the real APIs have, and nothing else. */
export const fetchOf =
  (send: (path: string, init: RequestInit) => Promise<Response>): Fetch =>
  (url, init) => {
    const { origin, pathname, search } = new URL(url);
    if (!hosts.includes(origin)) throw new Error('another host was asked');
    return send(pathname + search, init);
  };
