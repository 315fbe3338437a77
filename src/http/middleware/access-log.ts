// The access log: one line per request. It never contains an address: the route is logged instead of the path. The only text
// that the caller can choose is the request id, which cannot contain an at sign (`requestIdOf`).

import type { Context } from 'hono';
import { routePath } from 'hono/route';
import type { AccessLogEntry } from '../ports.ts';
import { timeText } from '../time-text.ts';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Describes a request and its response. `started` and `ended` are epoch milliseconds. */
export function accessLogEntry(c: Context, started: number, ended: number): AccessLogEntry {
  const { status } = c.res;
  return {
    time: timeText(ended),
    request_id: c.get('requestId'),
    method: methods.has(c.req.method) ? c.req.method : 'OTHER',
    route: status === 404 || status === 405 ? 'none' : routePath(c, -1),
    status,
    ms: ended - started,
  };
}

/**
 * Returns the log line as JSON. Built without `JSON.stringify`, because every request writes a line and most fields need no
 * escaping.
 */
export const accessLogLine = ({ time, request_id, method, route, status, ms }: AccessLogEntry): string =>
  `{"level":"info","event":"request","time":"${time}","request_id":"${request_id}","method":"${method}",` +
  `"route":${routeJson(route)},"status":${status},"ms":${ms}}`;

/** The JSON of the routes, which are few. */
const routes = new Map<string, string>();

function routeJson(route: string): string {
  let text = routes.get(route);
  if (text === undefined) {
    text = JSON.stringify(route);
    routes.set(route, text);
  }
  return text;
}
