// Every kind of problem with which the API responds (RFC 9457): its status, and when it occurs. The OpenAPI document and the
// page /docs list them.

import type { ContentfulStatusCode } from 'hono/utils/http-status';

interface ProblemKind {
  readonly status: ContentfulStatusCode;
  /** One or two sentences in English: when the problem occurs. */
  readonly when: string;
}

export const problemTypes = {
  'malformed-json': {
    status: 400,
    when: 'The body is not valid JSON in UTF-8, nests too deeply or has too many values.',
  },
  'malformed-form': { status: 400, when: 'The body is not valid multipart/form-data (RFC 7578).' },
  'broken-off': { status: 400, when: 'The connection closed before the end of the body.' },
  'webhook-malformed': {
    status: 400,
    when: 'The webhook does not have the format of the vendor in the URL.',
  },
  unauthorized: { status: 401, when: 'The API key is missing, unknown, expired or revoked.' },
  'webhook-refused': {
    status: 401,
    when: 'The signature or the secret of a webhook is missing or wrong, or its time or topic is not accepted.',
  },
  'forbidden:scope': {
    status: 403,
    when: 'The API key lacks the scope that the route requires. Or you want to create a key with a scope that your own key lacks.',
  },
  'forbidden:origin': {
    status: 403,
    when: 'The Origin header is missing or is not one of the origins of the publishable key. Or a page of another origin sent a request without a key.',
  },
  'forbidden:proxied': {
    status: 403,
    when: 'The request came through a proxy to a service without API keys. Create a key.',
  },
  'not-found': { status: 404, when: 'There is no such route.' },
  'no-such-job': { status: 404, when: 'No job has this id.' },
  'no-such-key': { status: 404, when: 'No API key has this id.' },
  'no-such-provider': { status: 404, when: 'No email service provider has this name.' },
  'method-not-allowed': {
    status: 405,
    when: 'The route does not accept this method. `Allow` lists those it accepts.',
  },
  'body-timeout': { status: 408, when: 'The body arrived too slowly.' },
  'job-state': { status: 409, when: 'The job has ended, so it cannot be paused, resumed or cancelled.' },
  'no-result': {
    status: 409,
    when: 'The file has not been read yet, cannot be read as a list, or the job was cancelled before it was read.',
  },
  'no-report': { status: 409, when: 'The job is not completed, so it has no report yet.' },
  'own-domains-full': { status: 409, when: 'The maximum number of allowed and denied domains is reached.' },
  'key-not-current': { status: 409, when: 'The key is revoked, expired or already rotated.' },
  'first-key': { status: 409, when: 'No key exists yet. The first key must be able to create other keys.' },
  'removal-refused:complaint': {
    status: 409,
    when: 'The suppression entry is a complaint. Such entries are never lifted.',
  },
  'removal-refused:consent_not_fresh': {
    status: 409,
    when: 'The consent is older than the suppression entry.',
  },
  'removal-refused:consent_in_future': { status: 409, when: 'The date of the consent is in the future.' },
  'removal-refused:evidence_missing': { status: 409, when: 'The consent has no evidence.' },
  'too-large': { status: 413, when: 'The body is larger than the limit of the route.' },
  'unsupported-media-type': { status: 415, when: 'The route does not accept this Content-Type.' },
  'misdirected-request': {
    status: 421,
    when: 'The service has no API keys yet, so it answers only under localhost or a loopback IP address.',
  },
  'invalid-request': {
    status: 422,
    when: 'A field, a query parameter or a header is missing or invalid. `errors` or `detail` says which one.',
  },
  'no-file': { status: 422, when: 'A required file is missing in the form.' },
  'empty-list': { status: 422, when: 'The list has no row.' },
  'idempotency-key-reused': {
    status: 422,
    when: 'The Idempotency-Key was already used for a different upload.',
  },
  'two-kinds-of-bounces': {
    status: 422,
    when: 'The request has a file of bounces, and also query parameters that select recorded bounces. Send only one of the two.',
  },
  'nothing-recorded': {
    status: 422,
    when: 'No recorded message (sent, delivered or bounced) matches the query parameters.',
  },
  'unreadable-file': { status: 422, when: 'A file cannot be read as a list.' },
  'too-many-requests': {
    status: 429,
    when: 'A rate limit is exceeded. Retry after the number of seconds in `Retry-After`.',
  },
  'internal-error': {
    status: 500,
    when: 'A bug of presend. The log of the service has the details under the request id.',
  },
  overloaded: {
    status: 503,
    when: 'The service is busy with too many other requests. Nothing was done: retry.',
  },
  'storage-unavailable': { status: 503, when: 'Storage is unavailable. Retry.' },
  'dns-unreachable': { status: 503, when: 'No DNS resolver answers. Retry.' },
  'not-configured': {
    status: 503,
    when: 'The settings of the webhook are missing. GET /v1/hooks names them.',
  },
  'no-prober': {
    status: 503,
    when: 'The service cannot ask mail hosts: MAILBOX_PROOF is off, or the settings of the prober are missing.',
  },
  'webhook-unavailable': {
    status: 503,
    when: 'presend could not reach the provider to verify its webhook. The provider sends the webhook again.',
  },
  'storage-full': { status: 507, when: 'The disk of the service is full.' },
} as const satisfies Readonly<Record<string, ProblemKind>>;

export type ProblemType = keyof typeof problemTypes;

export const problemTypeNames = Object.keys(problemTypes) as readonly ProblemType[];

/** Returns the `type` of a problem as it is in the response. */
export const problemUri = <Type extends ProblemType>(type: Type): `urn:presend:problem:${Type}` =>
  `urn:presend:problem:${type}`;
