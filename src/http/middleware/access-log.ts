// The access log: one line per request. It contains no text that the caller chose, since a path or a header may contain an
// address.

import type { Context } from 'hono';
import { routePath } from 'hono/route';
import type { AccessLogEntry } from '../ports.ts';
import { timeText } from '../time-text.ts';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** `started` and `ended` are epoch milliseconds. */
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
 * The log line as JSON. It is built by hand, which is faster: every request writes a line, and most fields need no escaping.
 */
export const accessLogLine = ({ time, request_id, method, route, status, ms }: AccessLogEntry): string =>
  `{"level":"info","event":"request","time":"${time}","request_id":"${request_id}","method":"${method}",` +
  `"route":${JSON.stringify(route)},"status":${status},"ms":${ms}}`;
