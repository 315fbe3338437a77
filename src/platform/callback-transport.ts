// Sends one webhook by POST on Node, and only to IP addresses that the caller has checked.

import type { WebhookTransport } from '../webhooks/delivery.ts';
import { connectingTo } from './vetted-connection.ts';

const timeoutMs = 10_000;

/**
 * Connects only to `addresses`, which the caller has checked. Redirects are not followed. The connection is closed as soon as the
 * status code is known.
 */
export const nodeCallbackTransport: WebhookTransport = async ({ url, addresses, headers, body }) => {
  // Imported only here, because most processes never send a webhook.
  const { request: send } =
    url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  return new Promise((resolve) => {
    const request = send(
      url,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        ...connectingTo(addresses),
        signal: AbortSignal.timeout(timeoutMs),
      },
      (response) => {
        resolve({
          kind: 'status',
          status: response.statusCode!,
          retryAfter: response.headers['retry-after'],
        });
        response.destroy();
      },
    );
    request.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ kind: 'failed', cause: error.name === 'AbortError' ? 'timeout' : (error.code ?? 'network') }),
    );
    request.end(body);
  });
};
