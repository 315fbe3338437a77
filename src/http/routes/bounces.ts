// POST /v1/bounces: report a bounce or complaint. POST /v1/bounces/tokens: create bounce tokens.

import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import type { Classification } from '../../bounce/bounce.ts';
import { mailboxProvider } from '../../domain/mailbox-provider.ts';
import { type DeliveryEvent, proofOf } from '../../events/delivery-event.ts';
import type { Recorded } from '../../events/record.ts';
import { recipientAddress } from '../../suppression/recipient.ts';
import {
  countField,
  emailField,
  maxBatch,
  maxBatchBytes,
  maxValidateBytes,
  nullableString,
  source,
  tooMany,
} from '../fields.ts';
import type { CallerVariables } from '../middleware/auth.ts';
import { type BodyVariables, readBody } from '../middleware/body.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { badBody, type Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { retryFields, retryJson } from '../retry-fields.ts';

const email = emailField('The address to which the message was or will be sent.');

const name = v.pipe(v.string(), v.maxLength(200, 'must be at most 200 characters long'));

export const ReplyReport = v.object({
  email,
  reply: v.pipe(
    v.string(),
    v.minLength(1, 'must not be empty'),
    v.maxLength(10_000, 'must be at most 10,000 characters long'),
    v.description('The SMTP reply of the receiving server, unedited.'),
  ),
  source: v.optional(v.nullable(source)),
  campaign: v.optional(v.nullable(name)),
  message_id: v.optional(
    v.nullable(
      v.pipe(
        name,
        v.description(
          'The Message-ID of the bounced message. Several bounces of one message to one address count as one.',
        ),
      ),
    ),
  ),
  id: v.optional(
    v.nullable(
      v.pipe(
        name,
        v.description(
          'An id that you give to this bounce, so that it counts once if you report it twice. Without it, identical replies about one address and message on one day (UTC) count as one bounce.',
        ),
      ),
    ),
  ),
});

export const BouncesAnswer = v.object({
  kind: v.pipe(
    v.picklist(['reply', 'dsn', 'arf', 'autoreply', 'nonstandard', 'not_a_bounce']),
    v.description(
      '`reply`: an SMTP reply. `dsn`: a delivery status notification (RFC 3464). `arf`: a complaint or another feedback report (RFC 5965). `autoreply`: an automatic reply, such as out of office (RFC 3834). `nonstandard`: a bounce in another format. `not_a_bounce`: none of them.',
    ),
  ),
  doubt: v.pipe(
    v.nullable(
      v.picklist([
        'return_path_not_empty',
        'authentication_failed',
        'not_our_message',
        'token_missing',
        'unproven',
      ]),
    ),
    v.description(
      'Why presend does not trust this message as a genuine report; null if it does. `return_path_not_empty`: a bounce must have an empty return path. `authentication_failed`: DMARC failed. `not_our_message`: the Message-ID of the returned message is missing, or its domain is not in BOUNCE_SENDER_DOMAINS. `token_missing`: the message contains no bounce token, which BOUNCE_TOKENS=required demands. `unproven`: nothing proves that the report is genuine, and BOUNCE_TRUST demands proof.',
    ),
  ),
  results: v.array(
    v.object({
      email: nullableString,
      class: v.picklist(['hard', 'soft', 'policy', 'complaint', 'autoreply', 'none']),
      reason: v.string(),
      status: nullableString,
      reply_code: v.pipe(v.nullable(countField), v.description('The SMTP reply code, such as 550.')),
      action: v.pipe(
        v.string(),
        v.description('What to do, such as `suppress` or `retry`. `advice` says it in a sentence.'),
      ),
      advice: v.string(),
      ...retryFields,
      recorded: v.pipe(
        v.boolean(),
        v.description(
          'True if this call recorded the bounce; false if it had been recorded before or is not trusted.',
        ),
      ),
      suppressed: v.pipe(
        v.boolean(),
        v.description(
          'True if this call recorded the bounce or complaint and it suppresses the address, even if the address was on the suppression list before.',
        ),
      ),
      proof: v.pipe(
        v.picklist(['proven', 'assumed', 'unproven']),
        v.description(
          'Whether the report is known to be genuine. `proven`: you reported it as an SMTP reply, or the message contains the bounce token of the recipient, or a Message-ID that was recorded for the recipient. ' +
            '`assumed`: trusted without such proof, because BOUNCE_TRUST allows it. `unproven`: not trusted.',
        ),
      ),
    }),
  ),
});

export const BounceTokensRequest = v.union(
  [
    v.object({ emails: v.pipe(v.array(email), v.maxLength(maxBatch, tooMany)) }),
    v.object({
      items: v.pipe(
        v.array(
          v.object({
            email,
            message_id: v.optional(
              v.nullable(
                v.pipe(
                  name,
                  v.minLength(1, 'must not be empty'),
                  v.description(
                    'The Message-ID of your message to this address. A bounce that quotes this Message-ID is trusted like a bounce with the token, unless BOUNCE_TOKENS=required.',
                  ),
                ),
              ),
            ),
          }),
        ),
        v.maxLength(maxBatch, tooMany),
      ),
    }),
  ],
  'must be {"emails": ["…"]} or {"items": [{"email": "…", "message_id": "…"}]}',
);

export const BounceTokensAnswer = v.object({
  results: v.array(
    v.object({
      email: v.string(),
      token: v.pipe(
        nullableString,
        v.description(
          'The bounce token. Put it into the return path (such as `bounces+TOKEN@example.com`) or the Message-ID of mail to this address. Null if the address is invalid.',
        ),
      ),
    }),
  ),
});

const bounceMessage = `From: MAILER-DAEMON@mx.example.com
To: bounces@example.net
Subject: Undelivered Mail Returned to Sender
Return-Path: <>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="parts"

--parts
Content-Type: text/plain

Your message could not be delivered.

--parts
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; jane@example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such user

--parts--
`;

export const bouncesResource: Resource = {
  tag: 'Bounces',
  about: 'Report bounces and complaints, so that presend learns from them and suppresses addresses.',
  schemas: { ReplyReport, BouncesAnswer, BounceTokensRequest, BounceTokensAnswer },
  operations: {
    'POST /v1/bounces': {
      scope: 'bounces:write',
      id: 'reportBounce',
      summary: 'Report a bounce or complaint',
      description:
        'Send the whole message as `message/rfc822`, or one SMTP reply as JSON. presend classifies it and records it; a report that you send twice is recorded once. ' +
        'Hard bounces, complaints and repeated soft bounces put the address on the suppression list, unless `proof` is `unproven`.',
      request: ReplyReport,
      example: { email: 'jane@example.com', reply: '550 5.1.1 No such user', campaign: 'spring' },
      requestMediaTypes: {
        'message/rfc822': {
          description: 'The bounce or complaint message, at most 1 MiB.',
          example: bounceMessage,
        },
      },
      query: {
        campaign: { description: 'The campaign of the message (message/rfc822 only).', example: 'spring' },
        source: {
          description: 'Where the address was collected (message/rfc822 only).',
          example: 'footer-form',
        },
      },
      answers: { 200: ['The classification for each recipient.', BouncesAnswer], ...badBody },
    },
    'POST /v1/bounces/tokens': {
      scope: 'bounces:write',
      id: 'bounceTokens',
      summary: 'Create bounce tokens',
      description:
        'A bounce token in a returned message proves that the message is about your own mail. So does a Message-ID that you record with this call. ' +
        'The setting BOUNCE_TRUST decides which returned messages without such proof are trusted; with BOUNCE_TOKENS=required, only a token is proof.',
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
  'feedback' | 'bounceTokens' | 'bounceJudge' | 'bounceTrust' | 'retryHours' | 'seenSelectors' | 'now'
> & {
  /** Counts the recipients of a reported bounce message in the metrics. */
  readonly countReturned: (events: readonly DeliveryEvent[]) => void;
};

export const bounceRoutes = (ports: BouncePorts) =>
  new Hono<{ Variables: BounceVariables }>()
    .post('/bounces/tokens', jsonBody(maxBatchBytes, BounceTokensRequest), async (c) => {
      const body = c.req.valid('json');
      const items = 'items' in body ? body.items : body.emails.map((email) => ({ email }));
      const addresses = items.map(({ email }) => recipientAddress(email));
      const valid = addresses.filter((address) => address !== null);
      await recordSent(items, ports);
      const tokens = (await ports.bounceTokens.tokensFor(valid)).values();
      const results = items.map(({ email }, index) => ({
        email,
        token: addresses[index] === null ? null : tokens.next().value!,
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
        const event = eventOfReply(reported, classification, ports.now());
        const [recorded] = await ports.feedback.record([event]);
        return c.json(
          {
            kind: 'reply' as const,
            doubt: null,
            results: [await resultOf(event, classification, recorded!, ports)],
          },
          200,
        );
      },
    );

type BounceVariables = BodyVariables & CallerVariables;

const isMail = (c: Context): boolean => mailMediaType.test(c.req.header('content-type') ?? '');

async function readMail(c: Context<{ Variables: BounceVariables }>, ports: BouncePorts): Promise<Response> {
  const { readReport } = await import('../../bounce/report.ts');
  const { eventsOfReport } = await import('../../events/returned.ts');
  const raw = await readBody(c, maxReportBytes);
  if (raw instanceof Response) return raw;
  const report = await readReport(raw);
  const { campaign = null, source = null } = c.req.query();
  const reported = await eventsOfReport(raw, report, { campaign, source }, ports.now());
  const trust = ports.bounceTrust ?? (c.get('caller').kind === 'keyless' ? 'all' : 'delivered');
  const { events, doubt } = await ports.bounceJudge.judge({ raw, report, events: reported }, trust);
  const recorded = await ports.feedback.record(events);
  ports.countReturned(events.filter((_, index) => recorded[index]!.isNew));
  // A forged bounce must not say with which selectors mail is signed.
  if (events.some((event) => proofOf(event) !== 'unproven')) await ports.seenSelectors.see(report.signatures);
  const results = await Promise.all(
    events.map((event, index) => resultOf(event, report.recipients[index]!, recorded[index]!, ports)),
  );
  return c.json({ kind: report.kind, doubt, results }, 200);
}

/**
 * Records the Message-IDs that the caller sent with the addresses. A later bounce that quotes the Message-ID of a message to
 * its recipient is trusted as genuine, unless the setting is BOUNCE_TOKENS=required.
 */
async function recordSent(
  items: readonly { readonly email: string; readonly message_id?: string | null | undefined }[],
  { feedback, now }: BouncePorts,
): Promise<void> {
  const named = items.flatMap(({ email, message_id: messageId }) =>
    messageId == null ? [] : [{ email, messageId }],
  );
  if (named.length === 0) return;
  const { eventOfSent } = await import('../../events/returned.ts');
  await feedback.record(named.map((sent) => eventOfSent(sent, now())));
}

async function resultOf(
  event: DeliveryEvent,
  { action, advice }: Classification,
  recorded: Recorded,
  { retryHours = null }: Pick<BouncePorts, 'retryHours'>,
) {
  // Loaded on demand, like the classification.
  const { retryAdvice } = await import('../../bounce/retry-advice.ts');
  const address = event.recipient === null ? null : recipientAddress(event.recipient);
  const provider =
    address === null ? null : (mailboxProvider(address.slice(address.lastIndexOf('@') + 1))?.slug ?? null);
  const bounce = { ...event, reply: event.diagnostic, provider };
  return {
    email: event.recipient,
    class: event.class,
    reason: event.reason,
    status: event.status,
    reply_code: event.replyCode,
    action,
    advice,
    ...retryJson(retryAdvice(bounce, retryHours)),
    recorded: recorded.isNew && proofOf(event) !== 'unproven',
    suppressed: recorded.suppresses,
    proof: proofOf(event),
  };
}
