// One question to the service, which never takes longer than it may and never throws.

import type { PresendVerdict } from './types.ts';

/**
 * The verdict on `email`, or null: the service did not answer within `timeout` milliseconds, or not with a verdict, or
 * `signal` was aborted. The timer decides, whatever `fetch` makes of the abort.
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
      const verdict = response.ok && (await response.json());
      resolve(verdict?.reason ? verdict : null);
    };
    request().catch(() => resolve(null));
  });
}
