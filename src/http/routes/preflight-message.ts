// POST /v1/preflight/message: checks a message before it is sent.

import { Hono } from 'hono';
import * as v from 'valibot';
import { type MessagePurpose, messagePurposes } from '../../preflight/message/message-finding.ts';
import { readPreflightName } from '../../preflight/read-request.ts';
import { countField, described, momentField, nullableString } from '../fields.ts';
import type { CallerVariables } from '../middleware/auth.ts';
import { type BodyVariables, readBody } from '../middleware/body.ts';
import { callCost } from '../middleware/limits.ts';
import { badBody, type Resource, refusal } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidQuery, type Problem, problem } from '../problem.ts';
import { PreflightFactsAnswer, PreflightFindingAnswer } from './preflight.ts';

/** Maximum bytes of a message. The smallest machine has room for one in memory. */
const maxMessageBytes = 4 * 1024 * 1024;

/** Number of DNS queries that every call is charged for. Further queries are charged after they were sent. */
const coveredQueries = 20;

/** Units of the rate limit that a call costs before its message is checked. */
const messageCost = (bytes: number): number => coveredQueries + Math.ceil(bytes / 65_536);

const { about: _, ...findingEntries } = PreflightFindingAnswer.entries;

export const MessageFindingAnswer = v.object({
  ...findingEntries,
  code: described(
    v.string(),
    'The kind of finding, such as `one_click_missing`. New kinds may be added; docs/sender.md lists them.',
  ),
  seen: described(v.string(), 'What was seen in the message.'),
  publish: described(
    v.nullable(
      v.object({
        name: described(
          v.string(),
          'What to change: a header, the address of a link, the name of an attachment, or a part of the message.',
        ),
        type: v.picklist([
          'header',
          'body',
          'link',
          'attachment',
          'signature',
          'TXT',
          'MX',
          'A',
          'AAAA',
          'PTR',
        ]),
        value: described(v.string(), 'The value of a header, ready to copy, or what to do.'),
      }),
    ),
    'What to change.',
  ),
});

const facts = PreflightFactsAnswer.entries;
const nullableBoolean = v.nullable(v.boolean());

export const MessageFactsAnswer = v.object({
  from: described(nullableString, 'The domain in From.'),
  bounce_domain: described(
    nullableString,
    'The domain of the envelope sender: from the query parameter `bounce_domain` or from the header Return-Path.',
  ),
  spf_aligned: described(
    nullableBoolean,
    'Whether the domain of the envelope sender is aligned with the domain in From (DMARC). Null if that is unknown.',
  ),
  dkim_aligned: described(
    nullableBoolean,
    'Whether the domain of a DKIM signature is aligned with the domain in From (DMARC). Signatures that are known to fail do not count.',
  ),
  dmarc: v.nullable(facts.dmarc),
  signatures: v.array(
    v.object({
      domain: v.string(),
      selector: v.string(),
      algorithm: v.string(),
      state: v.picklist([
        'valid',
        'body_changed',
        'invalid',
        'expired',
        'key_missing',
        'malformed',
        'from_not_signed',
        'not_answered',
        'not_checked',
      ]),
      signed_headers: v.array(v.string()),
      aligned: nullableBoolean,
    }),
  ),
  unsubscribe: v.object({
    uris: v.nullable(v.array(v.string())),
    post: nullableString,
    one_click: described(
      nullableBoolean,
      'Whether readers can unsubscribe with one click (RFC 8058). This needs a valid DKIM signature that covers both List-Unsubscribe headers. Null if presend could not check the signatures.',
    ),
  }),
  bytes: v.object({
    message: countField,
    html: described(v.nullable(countField), 'Bytes of the HTML, decoded. Gmail shows 102 KB of it.'),
  }),
  longest_line: countField,
  line_end: v.picklist(['crlf', 'lf']),
  has_text: v.boolean(),
  has_html: v.boolean(),
  attachments: v.array(v.object({ name: v.string(), type: v.string(), bytes: countField })),
  links: v.object({ count: countField, domains: v.array(v.string()), shorteners: v.array(v.string()) }),
  images: countField,
  precedence: nullableString,
  auto_submitted: nullableString,
  not_answered: facts.not_answered,
  not_checked: facts.not_checked,
  queries: facts.queries,
});

export const MessageReport = v.object({
  domain: described(nullableString, 'The domain in From. Null if there is none, or several.'),
  checked_at: momentField,
  findings: described(v.array(MessageFindingAnswer), 'The most severe ones first.'),
  facts: MessageFactsAnswer,
});

const exampleMessage = `From: Brisk Otter <news@brisk-otter.com>
To: jane@example.com
Subject: Spring is here
Date: Fri, 20 Nov 2026 12:00:00 +0000
Message-ID: <1234.5678@brisk-otter.com>
MIME-Version: 1.0
List-Unsubscribe: <https://brisk-otter.com/unsubscribe?token=1234>
Content-Type: text/html; charset=utf-8

<p>New shoes are <a href="https://bit.ly/3xyz">in the shop</a>.</p>
`;

export const messageResource: Resource = {
  tag: 'Messages',
  about: 'What makes receivers reject or filter a message, before you send it.',
  schemas: { MessageReport, MessageFindingAnswer, MessageFactsAnswer },
  operations: {
    'POST /v1/preflight/message': {
      scope: 'preflight',
      id: 'preflightMessage',
      summary: 'Check a message before it is sent',
      description:
        'Send the source of a message. presend checks what makes receivers reject or filter it: alignment and signatures (DKIM, DMARC), List-Unsubscribe and one click (RFC 8058), headers, MIME, size, links and attachments. It neither stores nor logs the message. If you can, send a copy that arrived in one of your own mailboxes: only such a copy has signatures. Costs one unit of the rate limit for each DNS query that it sends, at least 20 and at most 300, and one for each 64 KiB.',
      requestMediaTypes: {
        'message/rfc822': {
          description: `The message, at most ${maxMessageBytes / 1024 / 1024} MiB.`,
          example: exampleMessage,
        },
      },
      query: {
        bounce_domain: {
          description: 'The domain of the envelope sender, if the message has no Return-Path.',
          example: 'bounces.example.com',
        },
        purpose: {
          description:
            '`marketing` (the default), or `transactional`: such mail needs no way to unsubscribe, and may have attachments.',
          example: 'transactional',
          schema: { type: 'string', enum: messagePurposes, default: 'marketing' },
        },
      },
      answers: {
        200: ['The findings and the facts.', MessageReport],
        400: refusal('The body is incomplete.', 'broken-off'),
        408: badBody[408],
        413: badBody[413],
        415: badBody[415],
        422: refusal('A query parameter is invalid.', 'invalid-request'),
      },
    },
  },
};

const isMessageType = (type: string): boolean => /^message\/(?:rfc822|global)\s*(?:;|$)/i.test(type);

const isPurpose = (text: string): text is MessagePurpose =>
  (messagePurposes as readonly string[]).includes(text);

export const messagePreflightRoutes = ({ messagePreflight }: Pick<HttpPorts, 'messagePreflight'>) =>
  new Hono<{ Variables: CallerVariables & BodyVariables }>().post('/preflight/message', async (c) => {
    if (!isMessageType(c.req.header('content-type') ?? '')) return problem(c, notMessage);
    const { purpose = 'marketing', bounce_domain: given = '' } = c.req.query();
    if (!isPurpose(purpose))
      return problem(c, invalidQuery('purpose', `must be one of ${messagePurposes.join(', ')}.`));
    const bounceDomain = given === '' ? null : readPreflightName(given);
    if (given !== '' && bounceDomain === null)
      return problem(c, invalidQuery('bounce_domain', 'must be a domain such as bounces.example.com.'));
    const raw = await readBody(c, maxMessageBytes);
    if (raw instanceof Response) return raw;
    const tooMany = await c.get('spend')(messageCost(raw.length) - callCost);
    if (tooMany !== null) return tooMany;
    const { check } = await messagePreflight();
    const answer = await check({ raw, bounceDomain, purpose });
    // The answer is sent even if these units exceed the rate limit.
    await c.get('spend')(answer.facts.queries - coveredQueries);
    c.header('cache-control', 'no-store');
    return c.json(answer, 200);
  });

const notMessage: Problem = {
  type: 'unsupported-media-type',
  title: 'Unsupported media type',
  status: 415,
  detail: 'Send the source of the message with the header "Content-Type: message/rfc822".',
};
