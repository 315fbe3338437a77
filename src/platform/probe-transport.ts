// Asks another presend about mailboxes on Node. Its host is in PROBE_URL, so the names of the operator's own network count, as the
// operating system knows them.

import type { ProbeTransport } from '../mailbox/remote-prober.ts';

/** Redirects are not followed. */
export const nodeProbeTransport: ProbeTransport = async ({ url, headers, body, timeoutMs, maxBytes }) => {
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
        // The connection is not shared with other requests.
        agent: false,
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
