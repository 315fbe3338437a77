// The API of what comes back: bounces, complaints, and the webhooks of email service providers.

import * as v from 'valibot';
import { email, maxBatch, nullableString, source, tooMany } from './fields.ts';
import { type Area, badBody } from './operation.ts';

const name = v.pipe(v.string(), v.maxLength(200, 'Expected at most 200 characters.'));

export const ReplyReport = v.object({
  email,
  reply: v.pipe(
    v.string(),
    v.minLength(1, 'Expected the text of the reply.'),
    v.maxLength(10_000, 'Expected at most 10,000 characters.'),
    v.description('What the receiving server answered, as raw as you have it.'),
  ),
  source: v.optional(v.nullable(source)),
  campaign: v.optional(v.nullable(name)),
  message_id: v.optional(
    v.nullable(v.pipe(name, v.description('One message that is tried for days counts once.'))),
  ),
  id: v.optional(
    v.nullable(
      v.pipe(
        name,
        v.description(
          'What tells this bounce from all others. Without it, equal replies of one day are one bounce.',
        ),
      ),
    ),
  ),
});

export const BouncesAnswer = v.object({
  kind: v.pipe(
    v.picklist(['reply', 'dsn', 'arf', 'autoreply', 'nonstandard', 'not_a_bounce']),
    v.description('What the report is: RFC 3464, RFC 5965, RFC 3834, another form, or nothing of this.'),
  ),
  doubt: v.pipe(
    v.nullable(
      v.picklist(['return_path_not_empty', 'authentication_failed', 'not_our_message', 'token_missing']),
    ),
    v.description('Why the report is not believed. Nothing is recorded then.'),
  ),
  results: v.array(
    v.object({
      email: nullableString,
      class: v.picklist(['hard', 'soft', 'policy', 'complaint', 'autoreply', 'none']),
      reason: v.string(),
      status: nullableString,
      reply_code: v.nullable(v.number()),
      action: v.pipe(v.string(), v.description('What to do about it.')),
      advice: v.string(),
      recorded: v.pipe(v.boolean(), v.description('False: it was told before, or is not believed.')),
      suppressed: v.pipe(v.boolean(), v.description('It puts the address on the suppression list.')),
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
          'For the return path or the Message-ID of mail to this address; null for what is no address.',
        ),
      ),
    }),
  ),
});

export const WebhookAnswer = v.object({
  events: v.pipe(v.number(), v.description('Events in the request.')),
  recorded: v.pipe(v.number(), v.description('Those that were not told before.')),
  suppressed: v.number(),
});

export const bounces: Area = {
  tag: 'Bounces',
  schemas: { ReplyReport, BouncesAnswer, BounceTokensRequest, BounceTokensAnswer, WebhookAnswer },
  operations: {
    'POST /v1/bounces': {
      id: 'reportBounce',
      summary: 'A bounce or complaint, as it came back',
      description:
        'Either the whole message as `message/rfc822`, or one SMTP reply as JSON. It is classified, recorded once, and ' +
        'does to the suppression list what the rules say.',
      request: ReplyReport,
      example: { email: 'jane@example.com', reply: '550 5.1.1 No such user', campaign: 'spring' },
      requestMediaTypes: { 'message/rfc822': 'A bounce or a complaint, byte for byte, at most 1 MiB.' },
      query: {
        campaign: 'With message/rfc822: the campaign of the message.',
        source: 'With message/rfc822: where the address was acquired.',
      },
      answers: { 200: ['What it says about each recipient.', BouncesAnswer], ...badBody },
    },
    'POST /v1/bounces/tokens': {
      id: 'bounceTokens',
      summary: 'Tokens that prove a bounce to be of your own mail',
      description:
        'With BOUNCE_TOKENS=required only a report that carries the token of its recipient is believed.',
      request: BounceTokensRequest,
      example: { emails: ['jane@example.com'] },
      answers: { 200: ['One for each address, in order.', BounceTokensAnswer], ...badBody },
    },
    'POST /v1/hooks/esp/{provider}': {
      id: 'receiveEspWebhook',
      summary: 'The webhook of an email service provider',
      description:
        'Takes the shape and the signature of the provider named. No key is needed: the signature, or the secret agreed ' +
        'on with the provider, vouches for the request.',
      requestMediaTypes: { '*/*': 'As the provider sends it.' },
      keyless: true,
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
