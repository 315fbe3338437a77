// /v1/hooks/crm/:vendor: webhooks of CRMs, verified by each vendor's own signature or secret instead of a key.

import { type Context, Hono } from 'hono';
import { type CrmHookPorts, createHookHandler, type HookHandler } from '../../crm/answer-hook.ts';
import type { CrmAdapter } from '../../crm/crm-adapter.ts';
import { crmAdapters } from '../../crm/crm-registry.ts';
import type { BodyVariables } from '../middleware/body.ts';
import { type HookGuard, notConfiguredHeaders } from '../middleware/hook-guard.ts';
import { badBody, oneOfSchema, type Parameter, type Resource, refusal } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import {
  methodNotAllowed,
  notFound,
  problem,
  webhookMalformed,
  webhookNotConfigured,
  webhookRefused,
} from '../problem.ts';

const unavailable = {
  404: refusal('Unknown vendor.', 'not-found'),
  503: refusal(
    'Either the hook is temporarily unavailable and the vendor should retry, or its settings are missing: see GET /v1/hooks.',
    'not-configured',
    'overloaded',
    'storage-unavailable',
  ),
} as const;

const vendorParameter: Readonly<Record<string, Parameter>> = {
  vendor: {
    description: 'The CRM. `GET /v1/hooks` lists them.',
    schema: oneOfSchema(crmAdapters.map(({ name }) => name)),
    example: 'mailchimp',
  },
};

export const crmHooksResource: Resource = {
  tag: 'CRM hooks',
  about: 'The webhooks of CRMs: contacts that are new or have changed.',
  schemas: {},
  operations: {
    'POST /v1/hooks/crm/{vendor}': {
      scope: 'sender',
      id: 'crmHook',
      summary: 'Receive a webhook of a CRM about new or changed contacts',
      description:
        'Verifies the signature or the secret of the vendor. The response is what the vendor expects.',
      path: vendorParameter,
      requestMediaTypes: {
        'application/json': { description: 'HubSpot, Pipedrive, Klaviyo and Customer.io.' },
        'application/x-www-form-urlencoded': { description: 'Mailchimp.' },
        'text/xml': { description: 'Salesforce.' },
      },
      answers: {
        200: ['The response that the vendor expects.'],
        400: refusal('The body does not have the format of this vendor.', 'webhook-malformed', 'broken-off'),
        401: refusal('Signature verification failed.', 'webhook-refused'),
        408: badBody[408],
        413: badBody[413],
        429: refusal(
          'Too many requests from this client were refused. The vendor should retry.',
          'too-many-requests',
        ),
        ...unavailable,
      },
    },
    'GET /v1/hooks/crm/{vendor}': {
      scope: 'sender',
      id: 'crmHookProbe',
      summary: 'Check that the webhook URL of a CRM exists',
      description: 'Mailchimp sends a GET request before it accepts a webhook URL.',
      path: vendorParameter,
      answers: {
        200: ['The vendor is configured.'],
        405: refusal('This vendor does not send GET requests.', 'method-not-allowed'),
        ...unavailable,
      },
    },
  },
};

interface Hook {
  readonly adapter: CrmAdapter;
  /** Null if the vendor's secret is not set, because then no request can be authenticated. */
  readonly receive: HookHandler | null;
}

type HookPorts = Pick<HttpPorts, 'feedback' | 'now' | 'crm' | 'logEvent'> & {
  readonly pending: Pick<HttpPorts['pending'], 'add' | 'followsCrm'>;
  readonly validator: Pick<HttpPorts['validator'], 'validateBatch'>;
  readonly hookStates: Pick<HttpPorts['hookStates'], 'contacts'>;
};

export const crmHookRoutes = (
  { validator, feedback, hookStates, now, crm, logEvent, pending }: HookPorts,
  guard: HookGuard,
) => {
  const validate = async (emails: readonly string[], timeoutMs: number) => {
    const requests = emails.map((email) => ({ email }));
    return (await validator.validateBatch(requests, { timeoutMs })).verdicts;
  };
  const onApiFailure: CrmHookPorts['onApiFailure'] = ({ vendor, call, status }) =>
    logEvent({ level: 'warning', event: 'crm_api_failed', vendor, call, status: status ?? 'no answer' });
  const followUp: CrmHookPorts['followUp'] = async (vendor, records) => {
    const requests = records.map(({ id, email, verdict }) => ({
      ...{ request: { email }, verdict },
      target: { kind: 'crm', vendor, record: id } as const,
    }));
    // The verdicts are written already, so the vendor must not send the event again.
    await pending
      .add(`crm:${vendor}`, requests)
      .catch(() => logEvent({ level: 'warning', event: 'mailbox_proof_failed', vendor }));
  };
  const hooks = new Map(
    crmAdapters.map((adapter): [string, Hook] => {
      const settings = crm.settings.get(adapter.name);
      const onContacts = (contacts: number) => hookStates.contacts(adapter.name, contacts);
      const ports: CrmHookPorts = {
        ...{ validate, record: feedback.record, now, fetch: crm.fetch, onApiFailure, onContacts },
        ...(pending.followsCrm(adapter.name) && { followUp }),
      };
      const receive = settings ? createHookHandler(adapter, settings, ports) : null;
      return [adapter.name, { adapter, receive }];
    }),
  );
  const hookOf = (c: Context) => hooks.get(c.req.param('vendor') ?? '');

  return new Hono<{ Variables: BodyVariables }>()
    .get('/hooks/crm/:vendor', (c) => {
      const hook = hookOf(c);
      if (hook === undefined) return problem(c, notFound);
      if (!hook.adapter.probed) return problem(c, methodNotAllowed(['POST']), { allow: 'POST' });
      return hook.receive === null
        ? problem(c, webhookNotConfigured, notConfiguredHeaders)
        : c.body(null, 200);
    })
    .post('/hooks/crm/:vendor', async (c) => {
      const limited = guard.refusal(c);
      if (limited !== null) return limited;
      const hook = hookOf(c);
      if (hook === undefined) return problem(c, notFound);
      if (hook.receive === null) {
        guard.noted(hook.adapter.name, 'not_configured');
        return problem(c, webhookNotConfigured, notConfiguredHeaders);
      }
      const body = await guard.readBody(c, hook.adapter.name, hook.adapter.maxBytes);
      if (body instanceof Response) return body;
      const headers = { get: (name: string) => c.req.header(name) ?? null };
      const answer = await hook.receive({ url: c.req.url, headers, body, now: now() });
      if (answer.kind === 'malformed') {
        guard.noted(hook.adapter.name, 'malformed');
        return problem(c, webhookMalformed);
      }
      if (answer.kind === 'refused') {
        guard.refused(c, hook.adapter.name, answer.why);
        return problem(c, webhookRefused, { 'www-authenticate': 'Basic realm="presend"' });
      }
      const { status, headers: replyHeaders, body: replyBody } = answer.reply;
      return c.body(replyBody, status, replyHeaders);
    });
};
