// GET /v1/hooks: the state of every webhook that the service can receive.

import { Hono } from 'hono';
import * as v from 'valibot';
import { crmAdapters } from '../../crm/crm-registry.ts';
import { espAdapters } from '../../esp/esp-registry.ts';
import { nullableString } from '../fields.ts';
import type { HookStates } from '../hook-states.ts';
import type { Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';

export const HooksAnswer = v.object({
  since: v.pipe(
    v.string(),
    v.description('When this process (on Workers, this isolate) started. Events are counted from then on.'),
  ),
  items: v.array(
    v.object({
      kind: v.picklist(['esp', 'crm']),
      name: v.string(),
      path: v.pipe(v.string(), v.description('The path of the URL to which the vendor sends its requests.')),
      configured: v.boolean(),
      missing: v.pipe(
        v.array(v.string()),
        v.description(
          'The settings that are missing. Until they are set, the hook answers 503. Empty if the hook is configured.',
        ),
      ),
      events: v.pipe(v.number(), v.description('Number of events received, including repeated ones.')),
      naming_nobody: v.pipe(
        v.number(),
        v.description('Number of events that name no recipient. They are recorded, but suppress no address.'),
      ),
      last_event_at: nullableString,
      last_refusal: v.pipe(
        v.nullable(v.object({ at: v.string(), why: v.string() })),
        v.description(
          'The last request that was refused, and why, such as a wrong or missing signature or secret.',
        ),
      ),
    }),
  ),
});

export const hooksResource: Resource = {
  tag: 'Hook state',
  schemas: { HooksAnswer },
  operations: {
    'GET /v1/hooks': {
      scope: 'reports:read',
      id: 'listHooks',
      summary: 'Get the state of every webhook',
      description: 'Shows whether each hook is configured, its last event, and its last refusal.',
      answers: { 200: ['One item per provider and CRM.', HooksAnswer] },
    },
  },
};

type HookPorts = Pick<HttpPorts, 'espSecrets' | 'crm'> & { readonly hookStates: HookStates };

export const hookRoutes = ({ espSecrets, crm, hookStates }: HookPorts) =>
  new Hono().get('/hooks', (c) => {
    const itemOf = (
      kind: 'esp' | 'crm',
      name: string,
      isConfigured: boolean,
      settings: readonly string[],
    ) => {
      const { events, namingNobody, lastEventAt, lastRefusal } = hookStates.of(name);
      return {
        kind,
        name,
        path: `/v1/hooks/${kind}/${name}`,
        configured: isConfigured,
        missing: isConfigured
          ? []
          : settings.map((setting) => `${kind.toUpperCase()}_${name.toUpperCase()}_${setting}`),
        events,
        naming_nobody: namingNobody,
        last_event_at: timeOrNull(lastEventAt),
        last_refusal: lastRefusal && { ...lastRefusal, at: new Date(lastRefusal.at).toISOString() },
      };
    };
    const items = [
      ...espAdapters.map(({ name, settings }) => itemOf('esp', name, espSecrets.has(name), settings)),
      ...crmAdapters.map(({ name, settings }) =>
        // Only the first setting of a CRM must be set: its secret. The others are optional.
        itemOf('crm', name, crm.settings.has(name), settings.slice(0, 1)),
      ),
    ];
    return c.json({ since: new Date(hookStates.since).toISOString(), items }, 200);
  });

const timeOrNull = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
