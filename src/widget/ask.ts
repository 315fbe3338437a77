// Requests the verdict on one address from presend, within a time limit. Never throws.

import type { PresendVerdict } from './types.ts';

/**
 * Resolves to the verdict on `email`. Resolves to null if there is no answer within `timeout` milliseconds, or if the answer
 * is not a verdict. Also resolves to null as soon as the caller aborts `controller`, without waiting for `fetch` to stop.
 */
export function ask(
  email: string,
  { endpoint, key, timeout }: { endpoint: string; key: string | undefined; timeout: number },
  controller: AbortController,
): Promise<PresendVerdict | null> {
  return new Promise((resolve) => {
    const { signal } = controller;
    signal.onabort = () => resolve(null);
    setTimeout(() => controller.abort(), timeout);
    const request = async (): Promise<void> => {
      const response = await fetch(endpoint, {
        method: 'POST',
        credentials: 'omit',
        headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
        body: JSON.stringify({ email }),
        signal,
      });
      const verdict = await response.json();
      if (!response.ok) console.warn(`presend: ${response.status}`, verdict.detail ?? verdict.title);
      resolve(response.ok && verdict.reason ? verdict : null);
    };
    request().catch(() => {
      resolve(null);
      // Without a key, the browser shows only that the response lacks CORS headers.
      if (!key && new URL(endpoint, location.href).origin !== location.origin)
        console.warn('presend: pages of another origin need a publishable key: set `key` or data-key');
    });
  });
}
