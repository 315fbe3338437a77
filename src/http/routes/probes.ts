// POST /v1/probes: asks mail hosts whether mailboxes exist.

import { Hono } from 'hono';
import * as v from 'valibot';
import type { Mailbox } from '../../address/mailbox.ts';
import { parseMailbox } from '../../address/parse.ts';
import { type ProbeAnswerItem, probeAnswerItem, proofCauses } from '../../mailbox/probe-answer.ts';
import { probeHopHeader } from '../../mailbox/remote-prober.ts';
import { described, emailField, nullableMoment } from '../fields.ts';
import type { CallerVariables } from '../middleware/auth.ts';
import type { BodyVariables } from '../middleware/body.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { callCost } from '../middleware/limits.ts';
import { badBody, type Resource, refusal } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { overloaded, type Problem, problem } from '../problem.ts';

/** Maximum number of addresses in one call, and of those that are being asked about in all calls together. */
const maxProbes = 100;
const maxOpenProbes = 2000;
const maxProbeBytes = 64 * 1024;
const wait = { least: 0, most: 60, byDefault: 20 };

const number = `must be a whole number from ${wait.least} to ${wait.most}`;

export const ProbesBody = v.object({
  addresses: v.pipe(
    v.array(v.pipe(emailField('An address.'), v.maxLength(500, 'must be at most 500 characters long'))),
    v.minLength(1, 'must have at least 1 item'),
    v.maxLength(maxProbes, `must have at most ${maxProbes} items`),
  ),
  wait_seconds: v.optional(
    v.pipe(
      v.number(),
      v.integer(number),
      v.minValue(wait.least, number),
      v.maxValue(wait.most, number),
      v.description(
        `How many seconds to wait for the answers of the mail hosts; ${wait.byDefault} by default. Addresses without an answer by then have \`retry_at\`: ask about them again at that time.`,
      ),
    ),
  ),
});

const causes = [...new Set(Object.values(proofCauses).flat())];

export const ProbeResult = v.object({
  email: v.pipe(v.string(), v.description('The address as it was sent.')),
  proof: v.pipe(
    v.picklist(Object.keys(proofCauses) as (keyof typeof proofCauses)[]),
    v.description(
      '`refused_us`: the mail host refused the service that asked, not the address. `undetermined` and `not_checked`: nothing is proven. These three values are no reason to reject the address. docs/mailbox-proof.md explains every value.',
    ),
  ),
  cause: v.pipe(
    v.nullable(v.picklist(causes)),
    v.description(
      'Why nothing is proven; null if `proof` says something about the mailbox. `off`: this service does not ask mail hosts, because a check of its set-up failed. `provider`: the mailbox provider gives the same answer for every address.',
    ),
  ),
  checked_at: described(nullableMoment, 'When the mail host was asked; null if it was not.'),
  retry_at: described(
    nullableMoment,
    'When to ask about the address again, because the mail host said so or has been asked enough for now. Null if a new question would bring no other answer now.',
  ),
});

export const ProbesAnswer = v.object({
  results: v.pipe(v.array(ProbeResult), v.description('One for each address, in order.')),
});

export const probesResource: Resource = {
  tag: 'Probes',
  about: 'Whether mailboxes exist, by asking their mail hosts over SMTP. No message is sent.',
  schemas: { ProbesBody, ProbesAnswer, ProbeResult },
  operations: {
    'POST /v1/probes': {
      scope: 'probe',
      id: 'probe',
      summary: 'Ask mail hosts whether mailboxes exist',
      description: `Asks the mail hosts of up to ${maxProbes} addresses. It asks slowly: docs/mailbox-proof.md has the limits. Answers are kept for days, and within that time a host is not asked again about the same address, so you can repeat the call. The call reads neither the suppression list nor the delivery events. A presend service that cannot use port 25 itself can use this call of another service: set its PROBE_URL. Costs one unit of the rate limit for each address.`,
      request: ProbesBody,
      example: { addresses: ['jane@brisk-otter.com'], wait_seconds: 10 },
      answers: {
        200: ['What was found.', ProbesAnswer],
        ...badBody,
        503: refusal(
          'The service cannot ask mail hosts, is overloaded, or storage is unavailable. Retry after the number of seconds in `Retry-After`, if there is one.',
          'no-prober',
          'overloaded',
          'storage-unavailable',
        ),
      },
    },
  },
};

const noProber: Problem = {
  type: 'no-prober',
  title: 'No prober',
  status: 503,
  detail:
    'This service does not ask mail hosts. Set MAILBOX_PROOF=smtp with SMTP_HELO_NAME and SMTP_MAIL_FROM, or PROBE_URL and PROBE_KEY.',
};

const proberOfProber: Problem = {
  ...noProber,
  detail:
    'Your PROBE_URL names a service that does not ask mail hosts itself: it has a PROBE_URL too. Set your PROBE_URL to the service that asks mail hosts.',
};

const invalid = (email: string): ProbeAnswerItem => ({
  ...{ email, proof: 'not_checked', cause: 'syntax_error' },
  ...{ checked_at: null, retry_at: null },
});

export const probeRoutes = ({ probes }: Pick<HttpPorts, 'probes'>) => {
  const app = new Hono<{ Variables: CallerVariables & BodyVariables }>();
  let open = 0;
  return app.post('/probes', jsonBody(maxProbeBytes, ProbesBody), async (c) => {
    if (probes === null) return problem(c, noProber);
    if (probes.isRemote && c.req.header(probeHopHeader) !== undefined) return problem(c, proberOfProber);
    const { addresses, wait_seconds = wait.byDefault } = c.req.valid('json');
    const tooMany = await c.get('spend')(addresses.length - callCost);
    if (tooMany !== null) return tooMany;
    if (open + addresses.length > maxOpenProbes) return problem(c, overloaded, { 'retry-after': '30' });
    const mailboxes = addresses.map((text): Mailbox | null => {
      const parsed = parseMailbox(text);
      return parsed.ok ? parsed.mailbox : null;
    });
    open += addresses.length;
    try {
      const found = await probes.ask(
        mailboxes.filter((mailbox) => mailbox !== null),
        wait_seconds * 1000,
      );
      const results = addresses.map((text, index) => {
        const mailbox = mailboxes[index];
        const finding = mailbox && found.get(mailbox.address);
        return finding ? probeAnswerItem(text, finding) : invalid(text);
      });
      return c.json({ results }, 200, { 'cache-control': 'no-store' });
    } finally {
      open -= addresses.length;
    }
  });
};
