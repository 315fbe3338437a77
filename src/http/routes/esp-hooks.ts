// /v1/hooks/esp/:provider: webhooks of email service providers, verified by the provider's signature instead of a key.

import { Hono } from 'hono';
import * as v from 'valibot';
import type { EspSecrets } from '../../esp/adapter.ts';
import type { Refusal } from '../../webhooks/request.ts';
import { type BodyVariables, readBody } from '../middleware/body.ts';
import type { HookGuard } from '../middleware/hook-guard.ts';
import { badBody, type Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { type Problem, problem, webhookMalformed, webhookRefused } from '../problem.ts';

export const WebhookAnswer = v.object({
  events: v.pipe(v.number(), v.description('Events in the request.')),
  recorded: v.pipe(v.number(), v.description('Events that were not known before.')),
  suppressed: v.number(),
});

export const espHooksResource: Resource = {
  tag: 'ESP hooks',
  schemas: { WebhookAnswer },
  operations: {
    'GET /v1/hooks/esp/{provider}': {
      scope: 'sender',
      id: 'espHookProbe',
      summary: 'Check that the webhook URL of a provider exists',
      description: 'Some providers send a GET request before they accept a webhook URL.',
      answers: { 200: ['The provider is known.'], 404: ['Unknown provider.'] },
    },
    'POST /v1/hooks/esp/{provider}': {
      scope: 'sender',
      id: 'receiveEspWebhook',
      summary: 'Receive a webhook of an email service provider',
      description:
        'Accepts the format of the named provider. Needs no API key: the signature or the secret of the provider ' +
        'authenticates the request.',
      requestMediaTypes: { '*/*': 'The request as the provider sends it.' },
      answers: {
        200: ['Recorded.', WebhookAnswer],
        400: ['Malformed webhook.'],
        401: ['Signature verification failed. Nothing was changed.'],
        404: ['Unknown provider.'],
        413: badBody[413],
        503: ['Not configured or temporarily unavailable. The provider should retry.'],
      },
    },
  },
};

/** Larger than the largest event batches of the providers. */
const maxWebhookBytes = 4 * 1024 * 1024;

type HookPorts = Pick<HttpPorts, 'feedback' | 'espSetting' | 'espPorts' | 'fetchText' | 'logEvent' | 'now'>;

const isConfigured = ({ signingKeys, sharedSecrets, topics }: EspSecrets): boolean =>
  [signingKeys, sharedSecrets, topics].some((values) => values !== undefined && values.length > 0);

export const espHookRoutes = (
  { feedback, espSetting, espPorts, fetchText, logEvent, now }: HookPorts,
  guard: HookGuard,
) =>
  new Hono<{ Variables: BodyVariables }>()
    .get('/hooks/esp/:provider', async (c) => {
      const { adapterNamed } = await import('../../esp/registry.ts');
      return adapterNamed(c.req.param('provider')) ? c.body(null, 200) : problem(c, noSuchProvider);
    })
    .post('/hooks/esp/:provider', async (c) => {
      const limited = guard.refusal(c);
      if (limited !== null) return limited;
      const { adapterNamed } = await import('../../esp/registry.ts');
      const { receiveWebhook } = await import('../../esp/receive.ts');
      const { espSecrets } = await import('../../esp/settings.ts');
      const adapter = adapterNamed(c.req.param('provider'));
      if (adapter === undefined) return problem(c, noSuchProvider);

      const refuse = (why: Refusal) => {
        guard.refused(c, adapter.name, why);
        return problem(c, webhookRefused, {
          'www-authenticate': 'Basic realm="presend"',
          connection: 'close',
        });
      };
      const secrets = espSecrets(adapter.name, espSetting);
      // Nobody can be authenticated, so the body is not read.
      if (!isConfigured(secrets)) return refuse('not_configured');
      const body = await readBody(c, maxWebhookBytes);
      if (body instanceof Response) return body;
      const request = { headers: c.req.raw.headers, body, now: now() };
      const outcome = await receiveWebhook(adapter, request, secrets, espPorts);
      switch (outcome.kind) {
        case 'refused':
          return refuse(outcome.why);
        case 'malformed':
          return problem(c, webhookMalformed);
        case 'unavailable':
          return problem(c, unavailable);
        case 'confirmation': {
          const confirmed = (await fetchText(outcome.url)) !== null;
          logEvent({ level: 'info', event: 'webhook_confirmation', provider: adapter.name, confirmed });
          return confirmed ? c.json({ events: 0, recorded: 0, suppressed: 0 }, 200) : problem(c, unavailable);
        }
        case 'events': {
          const { events } = outcome;
          for (const { kind, label } of events)
            if (kind === 'unknown')
              logEvent({ level: 'info', event: 'webhook_unknown_event', provider: adapter.name, label });
          const recorded = await feedback.record(events);
          const count = (is: (one: (typeof recorded)[number]) => boolean) => recorded.filter(is).length;
          return c.json(
            {
              events: events.length,
              recorded: count(({ isNew }) => isNew),
              suppressed: count(({ suppresses }) => suppresses),
            },
            200,
          );
        }
      }
    });

const noSuchProvider: Problem = {
  type: 'no-such-provider',
  title: 'Not found',
  status: 404,
  detail: 'Unknown provider. docs/esps.md lists all providers.',
};

const unavailable: Problem = {
  type: 'webhook-unavailable',
  title: 'Service unavailable',
  status: 503,
  detail: 'The webhook cannot be verified right now. Retry later.',
};
