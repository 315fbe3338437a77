// POST /v1/bounces: what came back, as a whole message or as one SMTP reply.

import { type Context, Hono } from 'hono';
import { parseMailbox } from '../../address/parse.ts';
import type { Classification } from '../../bounce/bounce.ts';
import type { DeliveryEvent } from '../../events/delivery-event.ts';
import type { Recorded } from '../../events/record.ts';
import { BounceTokensRequest, ReplyReport } from '../api/bounces.ts';
import { jsonBody, limitBody } from '../json-body.ts';
import type { HttpPorts } from '../ports.ts';
import { maxBatchBytes, maxValidateBytes } from './validate.ts';

const maxReportBytes = 1024 * 1024;

const mailMediaType = /^(message\/(rfc822|global)|multipart\/report)\s*(;|$)/i;

type BouncePorts = Pick<
  HttpPorts,
  'feedback' | 'bounceSenderDomains' | 'bounceTokens' | 'bounceTokensRequired' | 'now'
>;

export const bounceRoutes = (ports: BouncePorts) =>
  new Hono()
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
      (c, next) => limitBody(isMail(c) ? maxReportBytes : maxValidateBytes)(c, next),
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

async function readMail(c: Context, ports: BouncePorts): Promise<Response> {
  const { readReport } = await import('../../bounce/report.ts');
  const { eventsOfReport } = await import('../../events/returned.ts');
  const { doubtAbout } = await import('../../events/genuine.ts');
  const raw = new Uint8Array(await c.req.arrayBuffer());
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

/** The events whose recipient's own token stands in the report: only who got that message can have it. */
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
