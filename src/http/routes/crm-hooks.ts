// /v1/hooks/crm/:vendor: webhooks of CRMs, verified by each vendor's own signature or secret instead of a key.

import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { type CrmHookPorts, createHookHandler, type HookHandler } from '../../crm/answer-hook.ts';
import type { CrmAdapter } from '../../crm/crm-adapter.ts';
import { crmAdapters } from '../../crm/crm-registry.ts';
import { createHookGuard, notConfiguredHeaders } from '../middleware/hook-guard.ts';
import { limitBody } from '../middleware/json-body.ts';
import type { Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { methodNotAllowed, notFound, problem, webhookMalformed, webhookNotConfigured } from '../problem.ts';

const unavailable = {
  404: ['There is no such vendor.'],
  503: ['The secret of this vendor is not set, or the vendor should send it again.'],
} as const;

export const crmHooksResource: Resource = {
  tag: 'CRM hooks',
  schemas: {},
  operations: {
    'POST /v1/hooks/crm/{vendor}': {
      scope: 'sender',
      id: 'crmHook',
      summary: 'A CRM tells of new or changed contacts',
      description:
        'Needs no key: the vendor’s own signature or secret is checked. The answer is what it expects.',
      requestMediaTypes: {
        'application/json': 'What HubSpot, Pipedrive, Klaviyo and Customer.io send.',
        'application/x-www-form-urlencoded': 'What Mailchimp sends.',
        'text/xml': 'What Salesforce sends.',
      },
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
      scope: 'sender',
      id: 'crmHookProbe',
      summary: 'A CRM asks whether its hook is there',
      answers: {
        200: ['It is.'],
        405: ['This vendor does not ask by GET.'],
        ...unavailable,
      },
    },
  },
};

interface Hook {
  readonly adapter: CrmAdapter;
  readonly limit: MiddlewareHandler;
  /** Null where the vendor's secret is not set: nobody is answered, since nobody can be believed. */
  readonly receive: HookHandler | null;
}

type HookPorts = Pick<HttpPorts, 'validator' | 'now' | 'crm' | 'limiters' | 'clientAddress' | 'logEvent'>;

export const crmHookRoutes = (ports: HookPorts) => {
  const { validator, now, crm, logEvent } = ports;
  const guard = createHookGuard(ports);
  const validate = async (emails: readonly string[], timeoutMs: number) => {
    const requests = emails.map((email) => ({ email }));
    return (await validator.validateBatch(requests, { timeoutMs })).verdicts;
  };
  const onApiFailure: CrmHookPorts['onApiFailure'] = ({ vendor, call, status }) =>
    logEvent({ level: 'warning', event: 'crm_api_failed', vendor, call, status: status ?? 'no answer' });
  const hooks = new Map(
    crmAdapters.map((adapter): [string, Hook] => {
      const settings = crm.settings.get(adapter.name);
      const hookPorts = { validate, now, fetch: crm.fetch, onApiFailure };
      const receive = settings ? createHookHandler(adapter, settings, hookPorts) : null;
      return [adapter.name, { adapter, limit: limitBody(adapter.maxBytes), receive }];
    }),
  );
  const hookOf = (c: Context) => hooks.get(c.req.param('vendor') ?? '');

  return new Hono()
    .get('/hooks/crm/:vendor', (c) => {
      const hook = hookOf(c);
      if (hook === undefined) return problem(c, notFound);
      if (!hook.adapter.probed) return problem(c, methodNotAllowed(['POST']), { allow: 'POST' });
      return hook.receive === null
        ? problem(c, webhookNotConfigured, notConfiguredHeaders)
        : c.body(null, 200);
    })
    .post(
      '/hooks/crm/:vendor',
      async (c, next) => {
        const hook = hookOf(c);
        if (hook === undefined) return problem(c, notFound);
        if (hook.receive === null) return problem(c, webhookNotConfigured, notConfiguredHeaders);
        return (await guard.admit(c)) ?? hook.limit(c, next);
      },
      async (c) => {
        const body = new Uint8Array(await c.req.arrayBuffer());
        const headers = { get: (name: string) => c.req.header(name) ?? null };
        const answer = await hookOf(c)!.receive!({ url: c.req.url, headers, body, now: now() });
        if (answer.kind === 'malformed') return problem(c, webhookMalformed);
        if (answer.kind === 'refused') return guard.refuse(c, c.req.param('vendor'), answer.why);
        const { status, headers: replyHeaders, body: replyBody } = answer.reply;
        return c.body(replyBody, status, replyHeaders);
      },
    );
};
