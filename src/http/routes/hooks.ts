// GET /v1/hooks: the state of every webhook that the service can receive.

import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import type { CrmAdapter } from '../../crm/crm-adapter.ts';
import { crmAdapters } from '../../crm/crm-registry.ts';
import { espAdapterNamed, espAdapters } from '../../esp/esp-registry.ts';
import { shownHours } from '../../events/hook-states.ts';
import type { SampleRequest } from '../../webhooks/sample-request.ts';
import type { AnswerVariables } from '../answer.ts';
import { countField, momentField, nullableMoment, nullableString } from '../fields.ts';
import { type DryRunPorts, dryRun } from '../hook-dry-run.ts';
import { noCrmSettings, testCrm, testEsp } from '../hook-test.ts';
import type { CallerVariables } from '../middleware/auth.ts';
import { type BodyVariables, readBody } from '../middleware/body.ts';
import { badBody, type Operation, oneOfSchema, type Resource, refusal } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { notFound, problem } from '../problem.ts';

export const HooksAnswer = v.object({
  since: v.pipe(
    momentField,
    v.description(
      'The time of the oldest counts that are kept; if there are none, the start of the service. Counts are kept as long as delivery events (EVENT_RETENTION_DAYS).',
    ),
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
      events: v.pipe(countField, v.description('Number of events received, including repeated ones.')),
      naming_nobody: v.pipe(
        countField,
        v.description(
          'Number of events without a valid address of a recipient. They are recorded, but suppress no address.',
        ),
      ),
      refused: v.pipe(
        countField,
        v.description(
          'Number of requests that were refused, such as for a wrong signature or an unknown format.',
        ),
      ),
      hours: v.pipe(
        v.array(v.object({ hour: momentField, events: countField, refused: countField })),
        v.description(
          `The same counts by hour (UTC), for the last ${shownHours} hours. Hours in which nothing came are left out.`,
        ),
      ),
      last_event_at: v.pipe(nullableMoment, v.description('When the last event arrived; null if none has.')),
      last_refusal: v.pipe(
        v.nullable(v.object({ at: momentField, why: v.string() })),
        v.description(
          'The last webhook request that was refused, and why, such as `signature_wrong`, `credentials_missing`, `timestamp_outside_window`, `not_configured`, `malformed`, `body_too_large`, `body_unfinished`, or `overloaded` if the service had no memory for the body.',
        ),
      ),
    }),
  ),
});

export const HookTestAnswer = v.object({
  sample: v.pipe(
    v.nullable(v.picklist(['signed', 'unsigned'])),
    v.description(
      'Null if your call had a body, which was then used as the webhook request. Otherwise presend built a sample request like those of the vendor. `signed`: signed with the settings of the hook. `unsigned`: these settings are missing, or only the vendor has the private key to sign.',
    ),
  ),
  response: v.pipe(
    v.object({
      status: v.pipe(v.number(), v.integer()),
      problem: v.pipe(
        nullableString,
        v.description(
          'The type of the problem, such as `webhook-refused`; null if the hook accepts the webhook request.',
        ),
      ),
    }),
    v.description('How the hook would respond to the webhook request.'),
  ),
  configured: v.boolean(),
  missing: v.pipe(v.array(v.string()), v.description('The settings that are missing.')),
  verification: v.pipe(
    v.string(),
    v.description(
      'Whether the signature or secret of the webhook request is right: `verified`; `not_configured`: settings of the hook are missing; `unavailable`: a certificate of the vendor could not be fetched; or why the hook would refuse it, such as `signature_wrong`.',
    ),
  ),
  format: v.pipe(
    v.picklist(['events', 'confirmation', 'malformed']),
    v.description(
      '`events`: the body has the format of the vendor. `confirmation`: it asks to confirm the URL. `malformed`: neither.',
    ),
  ),
  events: v.array(
    v.object({
      kind: v.pipe(
        v.string(),
        v.description('The kind of event, such as `bounce`; `contact` if the vendor only reports a contact.'),
      ),
      label: v.pipe(nullableString, v.description("The vendor's own name for the event.")),
      class: nullableString,
      reason: nullableString,
      status: nullableString,
      list: nullableString,
      names_recipient: v.boolean(),
      suppresses: v.pipe(
        v.boolean(),
        v.description('True if this event alone would put its recipient on the suppression list.'),
      ),
    }),
  ),
});

const testOperation = (id: string, vendor: string, names: readonly string[], example: string): Operation => ({
  scope: 'reports:read',
  id,
  summary: `Test the webhook of ${vendor} with a sample request, without recording anything`,
  description:
    'Send the body and the signature headers of a webhook request of the vendor. If your call has no body, presend makes up such a webhook request with a sandbox address, and signs it with the settings of the hook. The response says whether the hook would accept the webhook request, and which events it would read from it. The response contains no address.',
  path: {
    vendor: {
      description: `The name of ${vendor}.`,
      schema: oneOfSchema(names),
      example: names.find((name) => name === 'postmark' || name === 'mailchimp') ?? names[0]!,
    },
  },
  requestMediaTypes: { '*/*': { description: 'The request body as the vendor sends it.', example } },
  answers: {
    200: [
      'How the hook would respond to the webhook request, and what it would read from it.',
      HookTestAnswer,
    ],
    400: refusal('The connection closed before the end of the body.', 'broken-off'),
    404: refusal('Unknown provider or CRM.', 'not-found'),
    408: badBody[408],
    413: badBody[413],
  },
});

export const hooksResource: Resource = {
  tag: 'Hook state',
  about: 'Which webhooks are configured, what they received, and tests of sample requests.',
  schemas: { HooksAnswer, HookTestAnswer },
  operations: {
    'GET /v1/hooks': {
      scope: 'reports:read',
      id: 'listHooks',
      summary: 'Get the state of every webhook',
      description: 'Shows whether each hook is configured, its last event, and its last refusal.',
      answers: { 200: ['One item per provider and CRM.', HooksAnswer] },
    },
    'POST /v1/hooks/esp/{vendor}/test': testOperation(
      'testEspHook',
      'an e-mail provider',
      espAdapters.map(({ name }) => name),
      '{"RecordType": "Bounce", "MessageStream": "outbound", "ID": 42, "Type": "HardBounce", "Email": "jane@example.com", "BouncedAt": "2026-11-20T12:00:00Z"}',
    ),
    'POST /v1/hooks/crm/{vendor}/test': testOperation(
      'testCrmHook',
      'a CRM',
      crmAdapters.map(({ name }) => name),
      'type=subscribe&fired_at=2026-11-20+12%3A00%3A00&data%5Bid%5D=8a25ff1d98&data%5Blist_id%5D=a6b5da1054&data%5Bemail%5D=jane%40example.com',
    ),
  },
};

type HookPorts = DryRunPorts & Pick<HttpPorts, 'hookStates'>;

type TestVariables = BodyVariables & AnswerVariables & CallerVariables;

/** Maximum bytes of a sample request. */
const maxSampleBytes = 256 * 1024;

/** The state of every hook, as GET /v1/hooks returns it. */
export async function readHooks({
  espSecrets,
  crm,
  hookStates,
}: Pick<HttpPorts, 'espSecrets' | 'crm' | 'hookStates'>): Promise<v.InferOutput<typeof HooksAnswer>> {
  const { since, of } = await hookStates.read();
  const itemOf = (kind: 'esp' | 'crm', name: string, isConfigured: boolean, settings: readonly string[]) => {
    const { events, namingNobody, refused, hours, lastEventAt, lastRefusal } = of(name);
    return {
      kind,
      name,
      path: `/v1/hooks/${kind}/${name}`,
      configured: isConfigured,
      missing: isConfigured ? [] : settings.map((setting) => settingOf(kind, name, setting)),
      events,
      naming_nobody: namingNobody,
      refused,
      hours: hours.map(({ hour, ...counts }) => ({ hour: new Date(hour).toISOString(), ...counts })),
      last_event_at: timeOrNull(lastEventAt),
      last_refusal: lastRefusal && { ...lastRefusal, at: new Date(lastRefusal.at).toISOString() },
    };
  };
  const items = [
    ...espAdapters.map(({ name, settings }) => itemOf('esp', name, espSecrets.has(name), settings)),
    ...crmAdapters.map((adapter) =>
      itemOf('crm', adapter.name, crm.settings.has(adapter.name), neededSettings(adapter)),
    ),
  ];
  return { since: new Date(since).toISOString(), items };
}

/** The settings that a hook needs, and those of a CRM that are optional, by their full names. Null: there is no such hook. */
export function hookSettings(
  kind: 'esp' | 'crm',
  name: string,
): { readonly needed: readonly string[]; readonly optional: readonly string[] } | null {
  const hook = hookNamed(kind, name);
  if (hook === undefined) return null;
  const full = (settings: readonly string[]) => settings.map((setting) => settingOf(kind, name, setting));
  const needed = hook.kind === 'esp' ? hook.adapter.settings : neededSettings(hook.adapter);
  return { needed: full(needed), optional: full(hook.adapter.settings.slice(needed.length)) };
}

/**
 * Sends a request through the route of a hook in a dry run. `url` is that of the hook. `sent` is the body of the request; if it is
 * empty, a sample is made up.
 */
export async function tryHook(
  ports: HookPorts,
  c: Context<{ Variables: TestVariables }>,
  tested: TestedHook,
  { url, sent }: { readonly url: string; readonly sent: Uint8Array<ArrayBuffer> },
): Promise<v.InferOutput<typeof HookTestAnswer>> {
  const { espSecrets, crm, certificates, now } = ports;
  const sample = sent.length > 0 ? null : await sampleOf(tested, ports, url);
  const hook = sample === null ? sentRequest(c, url, sent) : sampleRequest(sample, url);
  const body = new Uint8Array(await hook.clone().arrayBuffer());
  const request = { url: hook.url, headers: hook.headers, body, now: now() };
  const response = await dryRun(
    ports,
    { limits: c.get('limits'), releases: c.get('releases'), requestId: c.get('requestId'), env: c.env },
    hook,
  );
  const { name } = tested.adapter;
  const outcome =
    tested.kind === 'esp'
      ? await testEsp(tested.adapter, request, espSecrets.get(name), certificates)
      : await testCrm(tested.adapter, request, crm.settings.get(name));
  const isConfigured = outcome.verification !== 'not_configured';
  return {
    configured: isConfigured,
    missing: isConfigured ? [] : [...hookSettings(tested.kind, name)!.needed],
    sample: sample && (sample.isSigned ? ('signed' as const) : ('unsigned' as const)),
    response: { status: response.status, problem: await problemType(response) },
    ...outcome,
    events: [...outcome.events],
  };
}

export const hookRoutes = (ports: HookPorts) => {
  const answerTest = (kind: 'esp' | 'crm') => async (c: Context<{ Variables: TestVariables }>) => {
    const tested = hookNamed(kind, c.req.param('vendor') ?? '');
    if (tested === undefined) return problem(c, notFound);
    const sent = await readBody(c, maxSampleBytes);
    if (sent instanceof Response) return sent;
    const url = c.req.url.replace(/\/test(?=$|\?)/, '');
    return c.json(await tryHook(ports, c, tested, { url, sent }), 200);
  };
  // One pattern for both kinds would make Hono match every request with its slower router.
  return new Hono<{ Variables: TestVariables }>()
    .get('/hooks', async (c) => c.json(await readHooks(ports), 200))
    .post('/hooks/esp/:vendor/test', answerTest('esp'))
    .post('/hooks/crm/:vendor/test', answerTest('crm'));
};

export type TestedHook = NonNullable<ReturnType<typeof hookNamed>>;

const sampleOf = async (tested: TestedHook, { espSecrets, crm, now }: HookPorts, url: string) =>
  tested.kind === 'esp'
    ? tested.adapter.sample(espSecrets.get(tested.adapter.name) ?? {}, now())
    : tested.adapter.sample(crm.settings.get(tested.adapter.name) ?? noCrmSettings, { url, now: now() });

function sampleRequest({ headers, body, query = {} }: SampleRequest, url: string): Request {
  const target = new URL(url);
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
  return new Request(target, { method: 'POST', headers, body });
}

/** The request as the vendor would send it: without the header Authorization if that is the API key of the caller. */
function sentRequest(
  c: Context<{ Variables: TestVariables }>,
  url: string,
  body: Uint8Array<ArrayBuffer>,
): Request {
  const headers = new Headers(c.req.raw.headers);
  if (c.get('caller').kind !== 'keyless') headers.delete('authorization');
  headers.delete('content-length');
  return new Request(url, { method: 'POST', headers, body });
}

async function problemType(response: Response): Promise<string | null> {
  if (response.ok) return null;
  const { type } = (await response.json().catch(() => ({}))) as { readonly type?: string };
  return type?.split(':').slice(3).join(':') ?? null;
}

const settingOf = (kind: string, name: string, setting: string): string =>
  `${kind.toUpperCase()}_${name.toUpperCase()}_${setting}`;

/** The settings that must be set: of a CRM only the first one, its secret. The others are optional. */
const neededSettings = ({ settings }: CrmAdapter): readonly string[] => settings.slice(0, 1);

/** Returns the hook of this kind and name; undefined if there is none. */
export function hookNamed(kind: 'esp' | 'crm', name: string) {
  if (kind === 'esp') {
    const adapter = espAdapterNamed(name);
    return adapter && ({ kind, adapter } as const);
  }
  const adapter = crmAdapters.find((one) => one.name === name);
  return adapter && ({ kind, adapter } as const);
}

const timeOrNull = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
