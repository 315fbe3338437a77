// The response headers that many operations share, for the OpenAPI document.

/** The headers by their names, as `components.headers` of the document has them. */
export const sharedHeaders = {
  'X-Request-Id': {
    description: 'The id of the request: that of the request header `X-Request-Id`, or a new one.',
    schema: { type: 'string' },
    example: '3f0c1a52-6a2b-4a37-9d0b-3d1d4f1f2c11',
  },
  'RateLimit-Policy': {
    description:
      'The limits that apply: `q` calls in `w` seconds (draft-ietf-httpapi-ratelimit-headers-10). Absent for ADMIN_KEY and without a key.',
    schema: { type: 'string' },
    example: '"secret_key";q=60000;w=60',
  },
  RateLimit: {
    description:
      'The state of each limit: `r` calls are left, and the quota is full again in `t` seconds. Absent for ADMIN_KEY and without a key.',
    schema: { type: 'string' },
    example: '"secret_key";r=59999;t=1',
  },
  'Retry-After': {
    description: 'The number of seconds after which the request may be repeated.',
    schema: { type: 'integer', minimum: 1 },
    example: 5,
  },
  'WWW-Authenticate': {
    description: 'How the request must be authenticated.',
    schema: { type: 'string' },
    example: 'Bearer realm="presend"',
  },
} as const;

export type SharedHeader = keyof typeof sharedHeaders;

/** The names of the shared headers that a response has. `isRefused`: its body is problem details. */
export function headersOfAnswer(status: number, needsKey: boolean, isRefused: boolean): SharedHeader[] {
  const isCounted = needsKey && (status < 300 || status === 429);
  return [
    'X-Request-Id',
    ...(isCounted ? (['RateLimit-Policy', 'RateLimit'] as const) : []),
    ...(isRefused && (status === 429 || status === 503) ? (['Retry-After'] as const) : []),
    ...(status === 401 ? (['WWW-Authenticate'] as const) : []),
  ];
}
