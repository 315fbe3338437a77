// /v1/hooks/esp/:provider: webhooks of email service providers, verified by the provider's signature instead of a key.

import { Hono } from 'hono';
import * as v from 'valibot';
import { limitBody } from '../middleware/json-body.ts';
import { badBody, type Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { type Problem, problem, webhookMalformed, webhookRefused } from '../problem.ts';

export const WebhookAnswer = v.object({
  events: v.pipe(v.number(), v.description('Events in the request.')),
  recorded: v.pipe(v.number(), v.description('Those that were not told before.')),
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
      summary: 'The webhook of an email service provider',
      description:
        'Takes the shape and the signature of the provider named. No key is needed: the signature, or the secret agreed ' +
        'on with the provider, vouches for the request.',
      requestMediaTypes: { '*/*': 'As the provider sends it.' },
      answers: {
        200: ['Stored. The provider need not send it again.', WebhookAnswer],
        400: ['It cannot be read.'],
        401: ['Nothing vouches for it. Nothing was changed.'],
        404: ['There is no such provider.'],
        413: badBody[413],
        503: ['Not now: the provider should send it again.'],
      },
    },
  },
};

/** The largest batches of events that providers send are below this. */
const maxWebhookBytes = 4 * 1024 * 1024;

type HookPorts = Pick<HttpPorts, 'feedback' | 'espSetting' | 'espPorts' | 'fetchText' | 'logEvent' | 'now'>;

export const espHookRoutes = ({ feedback, espSetting, espPorts, fetchText, logEvent, now }: HookPorts) =>
  new Hono()
    // Some providers ask whether the address answers before they are told of it.
    .get('/hooks/esp/:provider', async (c) => {
      const { adapterNamed } = await import('../../esp/registry.ts');
      return adapterNamed(c.req.param('provider')) ? c.body(null, 200) : problem(c, noSuchProvider);
    })
    .post('/hooks/esp/:provider', limitBody(maxWebhookBytes), async (c) => {
      const { adapterNamed } = await import('../../esp/registry.ts');
      const { receiveWebhook } = await import('../../esp/receive.ts');
      const { espSecrets } = await import('../../esp/settings.ts');
      const adapter = adapterNamed(c.req.param('provider'));
      if (adapter === undefined) return problem(c, noSuchProvider);

      const body = new Uint8Array(await c.req.arrayBuffer());
      const request = { headers: c.req.raw.headers, body, now: now() };
      const outcome = await receiveWebhook(adapter, request, espSecrets(adapter.name, espSetting), espPorts);
      switch (outcome.kind) {
        case 'refused':
          logEvent({ level: 'warning', event: 'webhook_refused', provider: adapter.name, why: outcome.why });
          return problem(c, webhookRefused, { 'www-authenticate': 'Basic realm="presend"' });
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
  title: 'There is no such provider',
  status: 404,
  detail: 'docs/esps.md lists the providers.',
};

const unavailable: Problem = {
  type: 'webhook-unavailable',
  title: 'The request cannot be verified at present',
  status: 503,
  detail: 'Send it again later.',
};
