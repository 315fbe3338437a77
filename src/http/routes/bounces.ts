// POST /v1/bounces: report a bounce or complaint. POST /v1/bounces/tokens: make bounce tokens.

import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { parseMailbox } from '../../address/parse.ts';
import type { Classification } from '../../bounce/bounce.ts';
import type { DeliveryEvent } from '../../events/delivery-event.ts';
import type { Recorded } from '../../events/record.ts';
import {
  email,
  maxBatch,
  maxBatchBytes,
  maxValidateBytes,
  nullableString,
  source,
  tooMany,
} from '../fields.ts';
import { type BodyVariables, readBody } from '../middleware/body.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { badBody, type Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';

const name = v.pipe(v.string(), v.maxLength(200, 'must be at most 200 characters long'));

export const ReplyReport = v.object({
  email,
  reply: v.pipe(
    v.string(),
    v.minLength(1, 'must not be empty'),
    v.maxLength(10_000, 'must be at most 10,000 characters long'),
    v.description('The SMTP reply of the receiving server, as raw as possible.'),
  ),
  source: v.optional(v.nullable(source)),
  campaign: v.optional(v.nullable(name)),
  message_id: v.optional(v.nullable(v.pipe(name, v.description('Retries of the same message count once.')))),
  id: v.optional(
    v.nullable(
      v.pipe(
        name,
        v.description(
          'A unique id of this bounce. Without it, identical replies of one day count as one bounce.',
        ),
      ),
    ),
  ),
});

export const BouncesAnswer = v.object({
  kind: v.pipe(
    v.picklist(['reply', 'dsn', 'arf', 'autoreply', 'nonstandard', 'not_a_bounce']),
    v.description(
      'The kind of report: SMTP reply, RFC 3464, RFC 5965, RFC 3834, another format, or not a bounce.',
    ),
  ),
  doubt: v.pipe(
    v.nullable(
      v.picklist(['return_path_not_empty', 'authentication_failed', 'not_our_message', 'token_missing']),
    ),
    v.description('Why the report is not trusted; null if it is. An untrusted report is not recorded.'),
  ),
  results: v.array(
    v.object({
      email: nullableString,
      class: v.picklist(['hard', 'soft', 'policy', 'complaint', 'autoreply', 'none']),
      reason: v.string(),
      status: nullableString,
      reply_code: v.nullable(v.number()),
      action: v.pipe(v.string(), v.description('The recommended action.')),
      advice: v.string(),
      recorded: v.pipe(v.boolean(), v.description('False if the bounce is already known or not trusted.')),
      suppressed: v.pipe(v.boolean(), v.description('Whether the bounce suppresses the address.')),
    }),
  ),
});

export const BounceTokensRequest = v.object({
  emails: v.pipe(v.array(email), v.maxLength(maxBatch, tooMany)),
});

export const BounceTokensAnswer = v.object({
  results: v.array(
    v.object({
      email: v.string(),
      token: v.pipe(
        nullableString,
        v.description(
          'Put it into the return path or the Message-ID of mail to this address. Null if the address is invalid.',
        ),
      ),
    }),
  ),
});

export const bouncesResource: Resource = {
  tag: 'Bounces',
  schemas: { ReplyReport, BouncesAnswer, BounceTokensRequest, BounceTokensAnswer },
  operations: {
    'POST /v1/bounces': {
      scope: 'bounces:write',
      id: 'reportBounce',
      summary: 'Report a bounce or complaint',
      description:
        'Send the whole message as `message/rfc822`, or one SMTP reply as JSON. The bounce is classified and recorded once, ' +
        'and suppresses the address if the rules say so.',
      request: ReplyReport,
      example: { email: 'jane@example.com', reply: '550 5.1.1 No such user', campaign: 'spring' },
      requestMediaTypes: { 'message/rfc822': 'The bounce or complaint message, at most 1 MiB.' },
      query: {
        campaign: 'The campaign of the message (message/rfc822 only).',
        source: 'Where the address was collected (message/rfc822 only).',
      },
      answers: { 200: ['The classification for each recipient.', BouncesAnswer], ...badBody },
    },
    'POST /v1/bounces/tokens': {
      scope: 'bounces:write',
      id: 'bounceTokens',
      summary: 'Create bounce tokens',
      description:
        'A bounce token proves that a bounce belongs to your own mail. With BOUNCE_TOKENS=required, only reports with the ' +
        'token of their recipient are trusted.',
      request: BounceTokensRequest,
      example: { emails: ['jane@example.com'] },
      answers: { 200: ['One token per address, in order.', BounceTokensAnswer], ...badBody },
    },
  },
};

const maxReportBytes = 1024 * 1024;

const mailMediaType = /^(message\/(rfc822|global)|multipart\/report)\s*(;|$)/i;

type BouncePorts = Pick<
  HttpPorts,
  'feedback' | 'bounceSenderDomains' | 'bounceTokens' | 'bounceTokensRequired' | 'now'
>;

export const bounceRoutes = (ports: BouncePorts) =>
  new Hono<{ Variables: BodyVariables }>()
    .post('/bounces/tokens', jsonBody(maxBatchBytes, BounceTokensRequest), async (c) => {
      const { emails } = c.req.valid('json');
      const mailboxes = emails.map((email) => parseMailbox(email));
      const addresses = mailboxes.flatMap((parsed) => (parsed.ok ? [parsed.mailbox.address] : []));
      const tokens = (await ports.bounceTokens.tokensFor(addresses)).values();
      const results = emails.map((email, index) => ({
        email,
        token: mailboxes[index]!.ok ? tokens.next().value! : null,
      }));
      return c.json({ results }, 200);
    })
    .post(
      '/bounces',
      async (c, next) => (isMail(c) ? readMail(c, ports) : next()),
      jsonBody(maxValidateBytes, ReplyReport),
      async (c) => {
        const {
          email,
          reply,
          source = null,
          campaign = null,
          message_id = null,
          id = null,
        } = c.req.valid('json');
        const { classifyReply } = await import('../../bounce/classify.ts');
        const { eventOfReply } = await import('../../events/returned.ts');
        const classification = classifyReply(reply);
        const reported = { email, reply, source, campaign, id, messageId: message_id };
        const event = await eventOfReply(reported, classification, ports.now());
        const [recorded] = await ports.feedback.record([event]);
        return c.json(
          { kind: 'reply' as const, doubt: null, results: [resultOf(event, classification, recorded!)] },
          200,
        );
      },
    );

const isMail = (c: Context): boolean => mailMediaType.test(c.req.header('content-type') ?? '');

async function readMail(c: Context<{ Variables: BodyVariables }>, ports: BouncePorts): Promise<Response> {
  const { readReport } = await import('../../bounce/report.ts');
  const { eventsOfReport } = await import('../../events/returned.ts');
  const { whyUntrusted: doubtAbout } = await import('../../events/genuine.ts');
  const raw = await readBody(c, maxReportBytes);
  if (raw instanceof Response) return raw;
  const report = await readReport(raw);
  const { campaign = null, source = null } = c.req.query();
  const events = await eventsOfReport(raw, report, { campaign, source }, ports.now());
  const proven = ports.bounceTokensRequired ? await withToken(raw, events, ports) : events;
  const doubt =
    doubtAbout(raw, report, ports.bounceSenderDomains) ??
    (proven.length === 0 && events.length > 0 ? ('token_missing' as const) : null);
  const recorded = doubt === null ? await ports.feedback.record(proven) : [];
  const results = events.map((event, index) =>
    resultOf(event, report.recipients[index]!, recorded[proven.indexOf(event)] ?? notRecorded),
  );
  return c.json({ kind: report.kind, doubt, results }, 200);
}

/** The events whose recipient's bounce token is in the report. Only a recipient of the message can know it. */
async function withToken(
  raw: Uint8Array,
  events: readonly DeliveryEvent[],
  { bounceTokens }: BouncePorts,
): Promise<DeliveryEvent[]> {
  const { carriesToken } = await import('../../events/bounce-tokens.ts');
  const known = events.flatMap((event) => {
    const parsed = event.recipient === null ? null : parseMailbox(event.recipient);
    return parsed?.ok ? [{ event, address: parsed.mailbox.address }] : [];
  });
  const tokens = await bounceTokens.tokensFor(known.map(({ address }) => address));
  return known.filter((_, index) => carriesToken(raw, tokens[index]!)).map(({ event }) => event);
}

const notRecorded: Recorded = { isNew: false, suppresses: false };

const resultOf = (event: DeliveryEvent, { action, advice }: Classification, recorded: Recorded) => ({
  email: event.recipient,
  class: event.class,
  reason: event.reason,
  status: event.status,
  reply_code: event.replyCode,
  action,
  advice,
  recorded: recorded.isNew,
  suppressed: recorded.suppresses,
});
