// Which scope each route below /v1 asks for. A route without a row is open to keys without limits only.

import type { Scope } from '../keys/key.ts';

/** `sender`: no key is asked for, since the route checks the sender's own signature. */
export const routeScopes: Readonly<Record<string, Scope | 'sender'>> = {
  'POST /v1/validate': 'validate',
  'POST /v1/validate/batch': 'validate',
  'POST /v1/annotate': 'validate',
  'POST /v1/tokens/confirm': 'validate',
  'POST /v1/suppressions': 'suppressions:write',
  'POST /v1/suppressions/remove': 'suppressions:write',
  'POST /v1/suppressions/check': 'suppressions:read',
  'GET /v1/suppressions': 'suppressions:read',
  'POST /v1/suppressions/import': 'suppressions:write',
  'GET /v1/suppressions/export': 'suppressions:read',
  'POST /v1/erasures': 'suppressions:write',
  'POST /v1/bounces': 'bounces:write',
  'POST /v1/bounces/tokens': 'bounces:write',
  'GET /v1/reports/calibration': 'reports:read',
  'POST /v1/jobs': 'jobs',
  'GET /v1/jobs': 'jobs',
  'GET /v1/jobs/:id': 'jobs',
  'GET /v1/jobs/:id/events': 'jobs',
  'GET /v1/jobs/:id/result': 'jobs',
  'GET /v1/jobs/:id/report': 'jobs',
  'POST /v1/jobs/:id/pause': 'jobs',
  'POST /v1/jobs/:id/resume': 'jobs',
  'POST /v1/jobs/:id/cancel': 'jobs',
  'DELETE /v1/jobs/:id': 'jobs',
  'GET /v1/reports/bounces': 'reports:read',
  'GET /v1/domains': 'domains',
  'POST /v1/domains': 'domains',
  'POST /v1/domains/remove': 'domains',
  'GET /v1/hooks/esp/:provider': 'sender',
  'POST /v1/hooks/esp/:provider': 'sender',
  'GET /v1/hooks/crm/:vendor': 'sender',
  'POST /v1/hooks/crm/:vendor': 'sender',
  'POST /v1/keys': 'keys',
  'GET /v1/keys': 'keys',
  'POST /v1/keys/:id/rotate': 'keys',
  'DELETE /v1/keys/:id': 'keys',
};

/** The paths of the routes that check a sender's signature, as they stand in the table. */
export const senderPatterns: ReadonlySet<string> = new Set(
  Object.entries(routeScopes).flatMap(([route, scope]) =>
    scope === 'sender' ? [route.slice(route.indexOf(' ') + 1)] : [],
  ),
);

/** The only route that a publishable key opens. */
export const publishablePath = '/v1/validate';
export const publishableRoute = `POST ${publishablePath}`;
