// POST /v1/validate and POST /v1/validate/batch.

import { Hono } from 'hono';
import type { InferOutput } from 'valibot';
import * as v from 'valibot';
import { proofBases } from '../../address/mailbox-proof.ts';
import { reasons } from '../../signals/catalogue.ts';
import { mailQuestion, suppressionReasons } from '../../suppression/scope.ts';
import type { Validation, ValidationRequest } from '../../validator/validate.ts';
import type { VerdictResponse } from '../../verdict/response.ts';
import { sandboxDomain } from '../../verdict/sandbox.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import { completeJson } from '../answer.ts';
import {
  acceptCallbacks,
  type CallbackEnvironment,
  callbackFields,
  proofPending,
} from '../callback-verdicts.ts';
import {
  countField,
  email,
  maxBatch,
  maxBatchBytes,
  maxValidateBytes,
  momentField,
  nullableString,
  shareField,
  source,
  timestamp,
  tooMany,
} from '../fields.ts';
import { mailQuestionFields } from '../mail-question.ts';
import { reserveBatch } from '../middleware/body.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { callCost } from '../middleware/limits.ts';
import { badBody, type Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { tokenAddress } from '../token-address.ts';
import { type PageAnswer, verdictJson, withField } from '../verdict-json.ts';

const ItemRequest = v.object({
  email,
  source: v.optional(source),
  last_verified_at: v.optional(
    v.nullable(v.pipe(timestamp, v.description('The date on which mail to the address last arrived.'))),
  ),
});

export const ValidateRequest = v.object({
  ...ItemRequest.entries,
  ...mailQuestionFields,
  ...callbackFields,
});

export const BatchRequest = v.union(
  [
    v.object({
      emails: v.pipe(v.array(email), v.maxLength(maxBatch, tooMany)),
      ...mailQuestionFields,
      ...callbackFields,
    }),
    v.object({
      items: v.pipe(v.array(ItemRequest), v.maxLength(maxBatch, tooMany)),
      ...mailQuestionFields,
      ...callbackFields,
    }),
  ],
  'must be {"emails": ["…"]} or {"items": [{"email": "…"}]}',
);

const Exchanges = v.array(v.object({ preference: countField, host: v.string() }));

const MailHostAnswer = v.variant('kind', [
  v.object({ kind: v.literal('mx'), exchanges: Exchanges }),
  v.object({ kind: v.literal('implicit_mx'), via: v.picklist(['A', 'AAAA']) }),
  v.object({ kind: v.literal('null_mx') }),
  v.object({ kind: v.literal('no_mail_host') }),
  v.object({ kind: v.literal('nxdomain') }),
  v.object({ kind: v.literal('unroutable'), exchanges: Exchanges }),
  v.object({
    kind: v.literal('undetermined'),
    cause: v.picklist(['timeout', 'servfail', 'refused', 'network', 'unconfirmed', 'not_checked']),
  }),
]);

export const reasonField = v.picklist(reasons);

const resultField = v.picklist(['deliverable', 'risky', 'undeliverable', 'unknown']);

const actionField = v.picklist(['accept', 'confirm', 'reject', 'retry']);

export const VerdictAnswer = v.object({
  email: v.pipe(v.string(), v.description('The address as it was sent.')),
  normalized: v.pipe(
    nullableString,
    v.description('The address in canonical form; null if its syntax is invalid.'),
  ),
  user: v.pipe(nullableString, v.description('The local part.')),
  domain: v.pipe(nullableString, v.description('The domain in lower case and ASCII (A-labels).')),
  result: v.pipe(
    resultField,
    v.description(
      '"deliverable" means no known obstacle; only a delivery proves that a mailbox exists. ' +
        '"unknown" means that presend could not find out: retry.',
    ),
  ),
  reason: v.pipe(reasonField, v.description('The reason that decided the result.')),
  signals: v.pipe(
    v.array(reasonField),
    v.description(
      'All reasons that apply, the most important first. A suppression entry with the effect `inform` is listed first as `suppressed`, but does not decide the result.',
    ),
  ),
  message: v.pipe(v.string(), v.description('One English sentence about the reason, to show to a person.')),
  syntax: v.pipe(
    v.nullable(v.object({ code: v.string(), position: countField, message: v.string() })),
    v.description(
      'The syntax error and its position, counted from 0 in UTF-16 code units; null if the syntax is valid.',
    ),
  ),
  did_you_mean: v.pipe(
    nullableString,
    v.description('The address that was probably meant. Suggest it; never apply it automatically.'),
  ),
  action: v.pipe(
    actionField,
    v.description(
      'What a form or an import should do. "confirm": ask the person whether the address is right, and show did_you_mean if there is one.',
    ),
  ),
  bounce: v.pipe(
    v.object({
      class: v.nullable(v.picklist(['hard', 'soft'])),
      status: v.pipe(
        nullableString,
        v.description('The enhanced status code (RFC 3463) of the expected bounce.'),
      ),
      probability: v.pipe(shareField, v.description('The probability of a hard bounce.')),
      low: v.pipe(shareField, v.description('The lower end of the 90% interval of `probability`.')),
      high: v.pipe(shareField, v.description('The upper end of the 90% interval of `probability`.')),
      basis: v.pipe(
        v.picklist(['prior', 'observed']),
        v.description(
          '"prior": the built-in estimate. "observed": adjusted by your own deliveries and bounces.',
        ),
      ),
      sample: v.pipe(
        countField,
        v.description(
          'Number of known deliveries and bounces of the most similar addresses; 0 if `basis` is "prior".',
        ),
      ),
    }),
    v.description('The expected bounce, and the probability of a hard bounce with its 90% interval.'),
  ),
  mail_host: v.pipe(MailHostAnswer, v.description('The mail host of the domain, according to DNS.')),
  provider: v.pipe(
    nullableString,
    v.description('The mailbox provider, recognized by the domain or its MX record.'),
  ),
  disposable: v.pipe(v.boolean(), v.description('Whether the domain gives out throwaway mailboxes.')),
  relay: v.pipe(
    v.boolean(),
    v.description(
      'True for a privacy alias. It forwards mail to a real person, so it does not count as disposable.',
    ),
  ),
  role: v.pipe(
    v.boolean(),
    v.description('Whether the address belongs to a role, such as `info`, and not to one person.'),
  ),
  free: v.pipe(v.boolean(), v.description('Whether the provider gives out free mailboxes to anyone.')),
  plus_tag: v.pipe(
    nullableString,
    v.description('The tag of the local part, such as `news` in `jane+news`.'),
  ),
  smtputf8: v.pipe(v.boolean(), v.description('Whether the address needs SMTPUTF8 (RFC 6531).')),
  checked_at: v.pipe(momentField, v.description('When the address was checked.')),
  expires_at: v.pipe(momentField, v.description('When the verdict expires.')),
  took_ms: v.pipe(countField, v.description('How long the verdict took, in milliseconds.')),
  send_to: v.optional(
    v.pipe(
      v.string(),
      v.description(
        'The address to send mail to, if it is not `normalized`: the same address with quotation marks, such as `"abc..def"@docomo.ne.jp`. Mail servers may refuse an address with dots in such places if it has no quotation marks. Absent for all other addresses.',
      ),
    ),
  ),
  gateway: v.optional(
    v.pipe(
      v.string(),
      v.description(
        'The mail gateway in front of the mailboxes, recognized by the MX record. Absent if none is recognized.',
      ),
    ),
  ),
  suppression: v.optional(
    v.pipe(
      v.object({
        scope: v.pipe(
          v.string(),
          v.description('The mail that the entry is about: `all`, `marketing` or `list:NAME`.'),
        ),
        reason: v.picklist(suppressionReasons),
        effect: v.pipe(
          v.picklist(['block', 'confirm', 'inform']),
          v.description(
            'The effect on mail with the requested purpose and list: `block` stops it, `confirm` allows only a message that asks the person to confirm, `inform` does not stop it.',
          ),
        ),
        status: nullableString,
        since: momentField,
      }),
      v.description(
        'The suppression entry with the strongest effect on mail with the requested purpose and list. Responses to publishable keys never have this field.',
      ),
    ),
  ),
  mailbox: v.optional(
    v.pipe(
      v.object({
        proof: v.pipe(
          v.picklist([
            'exists',
            'unknown_user',
            'disabled',
            'full',
            'catch_all',
            'refused_us',
            'undetermined',
            'not_checked',
          ]),
          v.description(
            '`catch_all`: the mail host accepts any name. `refused_us`, `undetermined` and `not_checked` say nothing about the mailbox.',
          ),
        ),
        cause: v.pipe(
          nullableString,
          v.description(
            'Why nothing is proven, such as `greylisted`. Null if `proof` says something about the mailbox.',
          ),
        ),
        basis: v.pipe(
          v.picklist(proofBases),
          v.description(
            'How presend knows it. `delivered`: your own mail arrived in the last 90 days. `engaged`: the person opened, clicked or replied to it. `bounced`: it bounced. `smtp`: the mail host was asked.',
          ),
        ),
        checked_at: v.pipe(
          v.nullable(momentField),
          v.description('When the mail arrived, was opened or came back, or when the host answered.'),
        ),
      }),
      v.description(
        'What is known about whether the mailbox exists. Absent if nothing is known, if MAILBOX_PROOF is not set, and in responses to publishable keys. presend does not ask the mail host for this response.',
      ),
    ),
  ),
  proof_pending: proofPending,
});

const hint = v.optional(
  v.pipe(
    v.string(),
    v.description('Says that no DNS resolver answers, and what to do. Absent if a resolver does.'),
  ),
);

export const ValidateAnswer = v.object({
  ...VerdictAnswer.entries,
  hint,
  token: v.optional(
    v.pipe(
      v.string(),
      v.description(
        'Only in responses to publishable keys. The form sends it to your server, and your server confirms it with POST /v1/tokens/confirm.',
      ),
    ),
  ),
});

export const BatchAnswer = v.object({
  results: v.pipe(
    v.array(VerdictAnswer),
    v.description('One verdict per address, in the order of the request.'),
  ),
  hint,
});

const serverTimingHeader =
  'Milliseconds that the service waited for DNS and storage, and took in total. DNS and storage are awaited at the same time.';

export const verdictsResource: Resource = {
  tag: 'Verdicts',
  about: 'Will mail to an address bounce? Ask about one address or many.',
  schemas: {
    Reason: reasonField,
    Result: resultField,
    Action: actionField,
    ValidateRequest,
    BatchRequest,
    VerdictAnswer,
    ValidateAnswer,
    BatchAnswer,
  },
  operations: {
    'POST /v1/validate': {
      scope: 'validate',
      allowsPublishableKeys: true,
      id: 'validate',
      summary: 'Validate one address',
      description:
        'An address that would bounce is not an error: the response is 200 with `result: "undeliverable"`. Addresses ' +
        'at `presend.test`, such as `null-mx@presend.test`, have fixed verdicts for tests.',
      answerHeaders: { 'Server-Timing': serverTimingHeader },
      callback: { webhooks: ['verdict.changed'], url: '{$request.body#/callback_url}' },
      request: ValidateRequest,
      example: { email: 'jane@gmial.com', source: 'footer-form' },
      answers: { 200: ['The verdict.', ValidateAnswer], ...badBody },
    },
    'POST /v1/validate/batch': {
      scope: 'validate',
      id: 'validateBatch',
      summary: `Validate up to ${maxBatch} addresses`,
      description:
        'The verdicts are in the order of the addresses. Each address counts as one call against the rate limit. For longer lists, upload a file with `POST /v1/jobs`.',
      answerHeaders: { 'Server-Timing': serverTimingHeader },
      callback: { webhooks: ['verdict.changed'], url: '{$request.body#/callback_url}' },
      request: BatchRequest,
      example: { emails: ['jane@gmail.com', 'null-mx@presend.test'] },
      answers: { 200: ['The verdicts.', BatchAnswer], ...badBody },
    },
  },
};

/** The hint for callers while no DNS resolver answers. */
const resolverHint =
  'No DNS resolver answers, so a verdict that needs DNS is "unknown". GET /readyz and the log of the service have the cause and what to set.';

export const validateRoutes = (ports: HttpPorts) => {
  const { validator, formValidator, tokens, now, resolversAreDown } = ports;
  const acceptCallback = acceptCallbacks(ports);

  const isForLackOfDns = ({ reason, domain }: Verdict): boolean =>
    reason === 'dns_undetermined' && domain !== sandboxDomain && resolversAreDown();

  return new Hono<CallbackEnvironment>()
    .post('/validate', jsonBody(maxValidateBytes, ValidateRequest), async (c) => {
      const started = now();
      const body = c.req.valid('json');
      const request = readRequest(body);
      const follow = await acceptCallback(c, body.callback_url, 1);
      // `never` keeps problems out of the type of the response.
      if (follow instanceof Response) return follow as never;
      const question = mailQuestion(body);
      const caller = c.get('caller');
      const page = caller.kind === 'key' && caller.key.kind === 'publishable' ? caller.key : null;
      // Anyone can use a publishable key. So the suppression list is not asked: neither the response nor its timing may reveal
      // whether an address is suppressed.
      const { verdicts, waited } = await (page === null
        ? validator.validateBatch([request], { question })
        : formValidator.validateBatch([request], { askSuppressions: false }));
      // Whether somebody asked about the mailbox before is no concern of a form either.
      const { mailbox, ...told } = verdicts[0]!;
      const verdict = page === null || mailbox === undefined ? verdicts[0]! : told;
      const took = now() - started;
      const token =
        page &&
        (await tokens.issue(tokenAddress(request.email), {
          keyId: page.id,
          result: verdict.result,
          reason: verdict.reason,
          action: verdict.action,
          checkedAt: started,
        }));
      const [isPending] = await follow([request], [verdict], question);
      let answer = pendingJson(verdictJson(verdict, took), isPending);
      if (isForLackOfDns(verdict)) answer = withField(answer, 'hint', resolverHint);
      return completeJson<PageAnswer>(c, token === null ? answer : withField(answer, 'token', token), {
        'server-timing': serverTiming(waited, took),
      });
    })
    .post('/validate/batch', jsonBody(maxBatchBytes, BatchRequest), async (c) => {
      const started = now();
      const body = c.req.valid('json');
      const requests =
        'items' in body ? body.items.map(readRequest) : body.emails.map((email) => ({ email }));
      const question = mailQuestion(body);
      const tooMany = await c.get('spend')(requests.length - callCost);
      if (tooMany !== null) return tooMany;
      const follow = await acceptCallback(c, body.callback_url, requests.length);
      if (follow instanceof Response) return follow;
      const busy = reserveBatch(c, requests.length);
      if (busy !== null) return busy;
      const { verdicts, waited } = await validator.validateBatch(requests, { question });
      const took = now() - started;
      const willCome = await follow(requests, verdicts, question);
      // Use `join`, which creates one flat string. A string that is built by appending keeps all its pieces and takes four
      // times the memory.
      const results = verdicts
        .map((verdict, index) => pendingJson(verdictJson(verdict, took), willCome[index]))
        .join(',');
      const answer = `{"results":[${results}]}`;
      return completeJson<{ results: VerdictResponse[]; hint?: string }>(
        c,
        verdicts.some(isForLackOfDns) ? withField(answer, 'hint', resolverHint) : answer,
        { 'server-timing': serverTiming(waited, took) },
      );
    });
};

const pendingJson = (answer: string, isPending: boolean | undefined): string =>
  isPending === undefined ? answer : withField(answer, 'proof_pending', isPending);

const readRequest = ({
  email,
  source,
  last_verified_at,
}: InferOutput<typeof ItemRequest>): ValidationRequest => ({
  email,
  source: source ?? null,
  lastVerifiedAt: last_verified_at == null ? null : Date.parse(last_verified_at),
});

/** The Server-Timing header, in milliseconds. DNS and storage are awaited at the same time, so their sum may exceed `total`. */
const serverTiming = ({ dns, storage }: Validation['waited'], total: number): string =>
  `dns;dur=${dns}, storage;dur=${storage}, total;dur=${total}`;
