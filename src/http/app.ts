// The Hono application: middleware and routes.

import { Hono } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { type DeliveryEvent, proofOf } from '../events/delivery-event.ts';
import { storageFault } from '../storage/storage-fault.ts';
import { version } from '../version.ts';
import type { AnswerVariables } from './answer.ts';
import { createMetrics } from './metrics.ts';
import { byPassword, everyRoute, requireKey } from './middleware/auth.ts';
import { everyRequest } from './middleware/every-request.ts';
import { hookGuard } from './middleware/hook-guard.ts';
import type { HttpPorts } from './ports.ts';
import {
  internalError,
  methodNotAllowed as methodProblem,
  notFound,
  problem,
  storageFull,
  storageUnavailable,
} from './problem.ts';
import { resources, routeScopes } from './resources.ts';
import { alertRoutes } from './routes/alerts.ts';
import { annotateRoutes } from './routes/annotate.ts';
import { backtestRoutes } from './routes/backtests.ts';
import { bounceRoutes } from './routes/bounces.ts';
import { calibrationRoutes } from './routes/calibration.ts';
import { consoleRoutes } from './routes/console.ts';
import { consoleListRoutes } from './routes/console-lists.ts';
import { crmHookRoutes } from './routes/crm-hooks.ts';
import { domainRoutes } from './routes/domains.ts';
import { engagementRoutes } from './routes/engagement.ts';
import { erasureRoutes } from './routes/erasures.ts';
import { espHookRoutes } from './routes/esp-hooks.ts';
import { eventRoutes } from './routes/events.ts';
import { gateRoutes } from './routes/gate.ts';
import { hookRoutes } from './routes/hooks.ts';
import { incidentRoutes } from './routes/incidents.ts';
import { jobRoutes } from './routes/jobs.ts';
import { keyRoutes } from './routes/keys.ts';
import { pageRoutes } from './routes/pages.ts';
import { preflightRoutes } from './routes/preflight.ts';
import { messagePreflightRoutes } from './routes/preflight-message.ts';
import { watchedPreflightRoutes } from './routes/preflights.ts';
import { probeRoutes } from './routes/probes.ts';
import { reportPageRoutes, reportRoutes } from './routes/reports.ts';
import { serviceRoutes } from './routes/service.ts';
import { suppressionRoutes } from './routes/suppressions.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { validateRoutes } from './routes/validate.ts';

/** The type of the application, for hono/client inside this repository. The client of the package is src/client. */
export type AppType = ReturnType<typeof createApp>;

export function createApp(ports: HttpPorts) {
  const app = new Hono<{ Variables: AnswerVariables }>();
  const metrics = createMetrics();
  const guard = hookGuard({ ...ports, onRefused: ports.hookStates.refused });
  const countReturned = (events: readonly DeliveryEvent[]): void => {
    for (const event of events) metrics.countReturned(proofOf(event));
  };
  app.use(
    everyRequest({
      ...ports,
      logAccess: (entry) => {
        metrics.count(entry);
        ports.logAccess(entry);
      },
    }),
  );
  app.use(everyRoute, requireKey(ports, routeScopes));
  app.use('/metrics', requireKey(ports, 'reports:read'));
  app.use('/reports', requireKey(ports, 'reports:read', byPassword));
  const byMethod = methodNotAllowed({
    app,
    onMethodNotAllowed: (c, methods) => problem(c, methodProblem(methods), { allow: methods.join(', ') }),
  });
  app.notFound(async (c) => {
    await byMethod(c, async () => {
      c.res = problem(c, notFound);
    });
    return c.res;
  });
  app.onError((error, c) => {
    ports.logError(error, c.get('requestId'));
    const fault = storageFault(error);
    if (fault === null) return problem(c, internalError);
    return fault.isFull ? problem(c, storageFull) : problem(c, storageUnavailable, { 'retry-after': '5' });
  });
  return app
    .route('/', serviceRoutes(ports, { metrics, resources, version }))
    .route('/', pageRoutes())
    .route('/', consoleRoutes(ports))
    .route('/', consoleListRoutes(ports))
    .route('/v1', validateRoutes(ports))
    .route('/v1', tokenRoutes(ports))
    .route('/v1', suppressionRoutes(ports))
    .route('/v1', jobRoutes(ports))
    .route('/v1', backtestRoutes(ports))
    .route('/v1', preflightRoutes(ports))
    .route('/v1', messagePreflightRoutes(ports))
    .route('/v1', watchedPreflightRoutes(ports))
    .route('/v1', probeRoutes(ports))
    .route('/v1', gateRoutes(ports))
    .route('/v1', reportRoutes(ports))
    .route('/v1', incidentRoutes(ports))
    .route('/v1', alertRoutes(ports))
    .route('/v1', engagementRoutes(ports))
    .route('/', reportPageRoutes(ports))
    .route('/v1', domainRoutes(ports))
    .route('/v1', bounceRoutes({ ...ports, countReturned }))
    .route('/v1', calibrationRoutes(ports))
    .route('/v1', erasureRoutes(ports))
    .route('/v1', eventRoutes(ports))
    .route('/v1', espHookRoutes(ports, guard))
    .route('/v1', annotateRoutes(ports))
    .route('/v1', crmHookRoutes(ports, guard))
    .route('/v1', hookRoutes(ports))
    .route('/v1', keyRoutes(ports));
}
