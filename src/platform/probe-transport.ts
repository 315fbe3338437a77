// Asks another presend about mailboxes on Node, and only at IP addresses that the caller has checked.

import type { ProbeTransport } from '../mailbox/remote-prober.ts';
import { connectingTo } from './vetted-connection.ts';

/** Connects only to `addresses`. Redirects are not followed. */
export const nodeProbeTransport: ProbeTransport = async ({
  url,
  addresses,
  headers,
  body,
  timeoutMs,
  maxBytes,
}) => {
  const { request: send } =
    url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) =>
      resolve({
        kind: 'failed',
        cause:
          error.name === 'AbortError' || error.name === 'TimeoutError'
            ? 'timeout'
            : (error.code ?? 'network'),
      });
    const request = send(
      url,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        ...connectingTo(addresses),
        signal: AbortSignal.timeout(timeoutMs),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
          if (text.length <= maxBytes) return;
          resolve({ kind: 'failed', cause: 'answer too long' });
          response.destroy();
        });
        response.on('end', () =>
          resolve({
            kind: 'answer',
            status: response.statusCode!,
            retryAfter: response.headers['retry-after'] ?? null,
            text,
          }),
        );
        response.on('error', failed);
        response.on('close', () => resolve({ kind: 'failed', cause: 'network' }));
      },
    );
    request.on('error', failed);
    request.end(body);
  });
};
