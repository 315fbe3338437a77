// All resources of the API, in the order of the documentation, and the scope of each of their routes.

import type { Resource, RouteScopes } from './operation.ts';
import { alertsResource } from './routes/alerts.ts';
import { annotateResource } from './routes/annotate.ts';
import { backtestsResource } from './routes/backtests.ts';
import { bouncesResource } from './routes/bounces.ts';
import { calibrationResource } from './routes/calibration.ts';
import { crmHooksResource } from './routes/crm-hooks.ts';
import { domainsResource } from './routes/domains.ts';
import { engagementResource } from './routes/engagement.ts';
import { erasuresResource } from './routes/erasures.ts';
import { espHooksResource } from './routes/esp-hooks.ts';
import { eventsResource } from './routes/events.ts';
import { gateResource } from './routes/gate.ts';
import { hooksResource } from './routes/hooks.ts';
import { incidentsResource } from './routes/incidents.ts';
import { jobsResource } from './routes/jobs.ts';
import { keysResource } from './routes/keys.ts';
import { preflightResource } from './routes/preflight.ts';
import { messageResource } from './routes/preflight-message.ts';
import { preflightsResource } from './routes/preflights.ts';
import { probesResource } from './routes/probes.ts';
import { reportsResource } from './routes/reports.ts';
import { serviceResource } from './routes/service.ts';
import { suppressionsResource } from './routes/suppressions.ts';
import { tokensResource } from './routes/tokens.ts';
import { verdictsResource } from './routes/validate.ts';

export const resources: readonly Resource[] = [
  verdictsResource,
  annotateResource,
  tokensResource,
  jobsResource,
  backtestsResource,
  preflightResource,
  messageResource,
  preflightsResource,
  probesResource,
  gateResource,
  suppressionsResource,
  bouncesResource,
  espHooksResource,
  eventsResource,
  erasuresResource,
  calibrationResource,
  crmHooksResource,
  hooksResource,
  domainsResource,
  reportsResource,
  incidentsResource,
  alertsResource,
  engagementResource,
  keysResource,
  serviceResource,
];

/** The scope of each route, keyed by method and pattern in Hono's notation, such as `GET /v1/jobs/:id`. */
export const routeScopes: RouteScopes = Object.fromEntries(
  resources.flatMap(({ operations }) =>
    Object.entries(operations).map(([route, { scope }]) => [route.replaceAll(/\{(\w+)\}/g, ':$1'), scope]),
  ),
);
