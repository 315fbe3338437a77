// POST /v1/bounces: what came back, as a whole message or as one SMTP reply.

import { type Context, Hono } from 'hono';
import type { Classification } from '../../bounce/bounce.ts';
import type { DeliveryEvent } from '../../esp/delivery-event.ts';
import type { Recorded } from '../../feedback/record.ts';
import { ReplyReport } from '../api/bounces.ts';
import { jsonBody, limitBody } from '../json-body.ts';
import type { HttpPorts } from '../ports.ts';
import { maxValidateBytes } from './validate.ts';

const maxReportBytes = 1024 * 1024;

const mailMediaType = /^(message\/(rfc822|global)|multipart\/report)\s*(;|$)/i;

type BouncePorts = Pick<HttpPorts, 'feedback' | 'bounceSenderDomains' | 'now'>;

export const bounceRoutes = (ports: BouncePorts) =>
  new Hono().post(
    '/bounces',
    (c, next) => limitBody(isMail(c) ? maxReportBytes : maxValidateBytes)(c, next),
    async (c, next) => (isMail(c) ? readMail(c, ports) : next()),
    jsonBody(ReplyReport),
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
      const { eventOfReply } = await import('../../feedback/returned.ts');
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

async function readMail(c: Context, { feedback, bounceSenderDomains, now }: BouncePorts): Promise<Response> {
  const { readReport } = await import('../../bounce/report.ts');
  const { eventsOfReport } = await import('../../feedback/returned.ts');
  const { doubtAbout } = await import('../../feedback/genuine.ts');
  const raw = new Uint8Array(await c.req.arrayBuffer());
  const report = await readReport(raw);
  const { campaign = null, source = null } = c.req.query();
  const events = await eventsOfReport(raw, report, { campaign, source }, now());
  const doubt = doubtAbout(raw, report, bounceSenderDomains);
  const recorded = doubt === null ? await feedback.record(events) : events.map(() => notRecorded);
  const results = events.map((event, index) => resultOf(event, report.recipients[index]!, recorded[index]!));
  return c.json({ kind: report.kind, doubt, results }, 200);
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
