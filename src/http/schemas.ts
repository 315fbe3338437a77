// The shapes of requests and answers. They validate the requests, and the OpenAPI document is made of them.

import * as v from 'valibot';

export const maxBatch = 1000;

const email = v.pipe(
  v.string(),
  v.description(
    'The address, as the person typed it. Anything is allowed: what is no address gets a verdict too.',
  ),
  v.examples(['jane@gmial.com']),
);

const timestamp = v.pipe(
  v.string(),
  v.regex(
    /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/,
    'Expected a date such as 2026-08-01 or 2026-08-01T12:00:00Z.',
  ),
  v.check((text) => !Number.isNaN(Date.parse(text)), 'Expected a date that exists.'),
  v.examples(['2026-08-01T12:00:00Z']),
);

const source = v.pipe(
  v.string(),
  v.maxLength(100, 'Expected at most 100 characters.'),
  v.description('Where the address came from, such as "footer-form". Not an address.'),
);

export const ValidateRequest = v.object({
  email,
  source: v.optional(source),
  last_verified_at: v.optional(
    v.nullable(v.pipe(timestamp, v.description('When somebody last knew that mail arrives there.'))),
  ),
});

const tooMany = `Expected at most ${maxBatch} addresses in one call.`;

export const BatchRequest = v.union(
  [
    v.object({ emails: v.pipe(v.array(email), v.maxLength(maxBatch, tooMany)) }),
    v.object({ items: v.pipe(v.array(ValidateRequest), v.maxLength(maxBatch, tooMany)) }),
  ],
  'Expected {"emails": ["…"]} or {"items": [{"email": "…"}]}.',
);

const nullableString = v.nullable(v.string());

const Exchanges = v.array(v.object({ preference: v.number(), host: v.string() }));

export const MailHostAnswer = v.variant('kind', [
  v.object({ kind: v.literal('mx'), exchanges: Exchanges }),
  v.object({ kind: v.literal('implicit_mx'), via: v.picklist(['A', 'AAAA']) }),
  v.object({ kind: v.literal('null_mx') }),
  v.object({ kind: v.literal('no_mail_host') }),
  v.object({ kind: v.literal('nxdomain') }),
  v.object({ kind: v.literal('unroutable'), exchanges: Exchanges }),
  v.object({
    kind: v.literal('undetermined'),
    cause: v.picklist(['timeout', 'servfail', 'refused', 'network', 'not_checked']),
  }),
]);

const reasons = [
  'syntax_error',
  'suppressed',
  'special_use_domain',
  'domain_typo',
  'domain_nonexistent',
  'null_mx',
  'no_mail_host',
  'unroutable_mail_host',
  'dns_undetermined',
  'suppression_undetermined',
  'disposable_domain',
  'disposable_mail_host',
  'parked_domain',
  'confusable_domain',
  'role_account',
  'implicit_mx',
  'relay_alias',
  'no_known_obstacle',
] as const;

const Reason = v.picklist(reasons);

const probability = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

export const VerdictAnswer = v.object({
  email: v.pipe(v.string(), v.description('The text as it was given.')),
  normalized: v.pipe(nullableString, v.description('The canonical address; null where the grammar fails.')),
  user: v.pipe(nullableString, v.description('The local part.')),
  domain: v.pipe(nullableString, v.description('The domain in lower-case A-labels.')),
  result: v.pipe(
    v.picklist(['deliverable', 'risky', 'undeliverable', 'unknown']),
    v.description(
      '"deliverable" means that there is no known obstacle: nothing short of a delivery proves a mailbox. ' +
        '"unknown" means that it could not be determined: ask again.',
    ),
  ),
  reason: v.pipe(Reason, v.description('What decided.')),
  signals: v.pipe(v.array(Reason), v.description('Every reason that applies, the decisive one first.')),
  message: v.pipe(v.string(), v.description('One sentence for a person.')),
  syntax: v.pipe(
    v.nullable(v.object({ code: v.string(), position: v.number(), message: v.string() })),
    v.description('Where, in UTF-16 code units from 0, and why the grammar fails.'),
  ),
  did_you_mean: v.pipe(
    nullableString,
    v.description('What was probably meant. Show it; never apply it unasked.'),
  ),
  action: v.pipe(
    v.picklist(['accept', 'confirm', 'reject', 'retry']),
    v.description(
      'What a form or an import should do. "confirm": ask, showing did_you_mean where there is one.',
    ),
  ),
  bounce: v.pipe(
    v.object({
      class: v.nullable(v.picklist(['hard', 'soft'])),
      status: v.pipe(
        nullableString,
        v.description('The enhanced status (RFC 3463) of the bounce to expect.'),
      ),
      probability,
      low: probability,
      high: probability,
      basis: v.picklist(['prior']),
      sample: v.number(),
    }),
    v.description('The predicted bounce, its probability, and that probability’s 90 % interval.'),
  ),
  mail_host: v.pipe(
    MailHostAnswer,
    v.description('What the DNS says about where the domain takes its mail.'),
  ),
  provider: v.pipe(nullableString, v.description('The mailbox provider, by the domain or its MX.')),
  disposable: v.boolean(),
  relay: v.pipe(v.boolean(), v.description('A privacy alias: a real person, never disposable.')),
  role: v.boolean(),
  free: v.boolean(),
  plus_tag: nullableString,
  smtputf8: v.pipe(v.boolean(), v.description('Every host on the way must offer SMTPUTF8 (RFC 6531).')),
  checked_at: v.string(),
  expires_at: v.pipe(v.string(), v.description('From then on, ask again.')),
  took_ms: v.number(),
});

export const BatchAnswer = v.object({
  results: v.pipe(v.array(VerdictAnswer), v.description('One verdict for each address, in order.')),
});

export const SuppressionReasonName = v.picklist(['bounce', 'complaint', 'unsubscribe', 'manual']);

const enhancedStatus = v.pipe(
  v.string(),
  v.regex(/^[245]\.\d{1,3}\.\d{1,3}$/, 'Expected an enhanced status such as 5.1.1.'),
  v.description('Enhanced status of the bounce (RFC 3463).'),
);

export const SuppressionRequest = v.object({
  email,
  reason: SuppressionReasonName,
  status: v.optional(v.nullable(enhancedStatus)),
  source: v.optional(v.nullable(source)),
});

export const SuppressionCheckRequest = v.object({
  emails: v.pipe(v.array(email), v.maxLength(maxBatch, tooMany)),
});

export const SuppressionRemovalRequest = v.object({
  email,
  consent: v.pipe(
    v.object({
      kind: v.picklist(['double_opt_in']),
      at: v.pipe(timestamp, v.description('When consent was given.')),
      evidence: v.pipe(
        v.string(),
        v.minLength(1, 'Expected at least one character.'),
        v.maxLength(1000, 'Expected at most 1000 characters.'),
        v.description('What proves it, such as the id of the confirmation. Not an address.'),
      ),
    }),
    v.description('Fresh consent of the person: the only ground on which an entry is lifted.'),
  ),
});

export const SuppressionAnswer = v.object({
  email: v.string(),
  suppressed: v.boolean(),
  reason: v.optional(SuppressionReasonName),
  status: v.optional(nullableString),
  since: v.optional(v.string()),
});

export const SuppressionCheckAnswer = v.object({ results: v.array(SuppressionAnswer) });

export const SuppressionRemovalAnswer = v.object({ email: v.string(), removed: v.boolean() });

export const SuppressionListAnswer = v.object({
  items: v.array(
    v.object({
      address_hash: v.pipe(
        v.string(),
        v.description('HMAC-SHA-256 of the address under ADDRESS_HASH_KEY, hex.'),
      ),
      key_id: v.string(),
      reason: SuppressionReasonName,
      status: nullableString,
      source: nullableString,
      since: v.string(),
    }),
  ),
  next_cursor: v.pipe(
    nullableString,
    v.description('Pass it as ?cursor= for the next page; null on the last.'),
  ),
});

export const HealthAnswer = v.object({ status: v.literal('ok') });

export const ReadinessAnswer = v.object({
  status: v.picklist(['ok', 'degraded']),
  checks: v.array(v.object({ name: v.string(), ok: v.boolean() })),
});

export const ProblemAnswer = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.optional(v.string()),
  errors: v.optional(v.array(v.object({ pointer: v.string(), detail: v.string() }))),
  request_id: v.string(),
});
