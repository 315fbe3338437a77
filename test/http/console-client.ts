// A browser's requests to the console of a service, without a browser.

import type { NodeService } from './node-service.ts';

export const consoleAdminKey = 'an-admin-key-for-tests';

/** What a browser says of a request that a page of the console makes. */
export const fromConsole = { 'sec-fetch-site': 'same-origin' };

export function consoleClient(service: () => NodeService) {
  const send = (path: string, init: RequestInit = {}) =>
    fetch(service().url + path, { redirect: 'manual', ...init });
  const get = (path: string, cookie?: string, headers: Record<string, string> = {}) =>
    send(path, { headers: { ...(cookie && { cookie }), ...headers } });
  const post = (path: string, cookie: string, fields: Record<string, string> = {}) =>
    send(path, {
      method: 'POST',
      headers: { cookie, ...fromConsole, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    });
  const signIn = async (key: string): Promise<string> => {
    const response = await send('/console/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...fromConsole },
      body: new URLSearchParams({ key, next: '/console' }).toString(),
    });
    return response.headers.get('set-cookie')!.split(';')[0]!;
  };
  /** The cookie of a session whose key has these properties. */
  const sessionOf = async (wanted: object = {}): Promise<string> => {
    const response = await send('/v1/keys', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${consoleAdminKey}` },
      body: JSON.stringify({ kind: 'secret', name: 'for a test', ...wanted }),
    });
    return signIn(((await response.json()) as { key: string }).key);
  };
  const upload = (
    cookie: string,
    content: string | Uint8Array<ArrayBuffer>,
    { name = 'list.csv', type = 'text/csv' } = {},
  ) => {
    const form = new FormData();
    form.append('file', new File([content], name, { type }));
    return send('/console/lists', { method: 'POST', headers: { cookie, ...fromConsole }, body: form });
  };
  /** Waits until the job of a page has ended. */
  const ended = async (cookie: string, path: string): Promise<void> => {
    await (await get(path.replace('/console/lists', '/v1/jobs').concat('/events'), cookie)).text();
  };
  /** Uploads a list, starts it and settles with the path of its page when it is verified. */
  const verified = async (
    cookie: string,
    content: string,
    fields: Record<string, string> = {},
    name = 'list.csv',
  ): Promise<string> => {
    const path = (await upload(cookie, content, { name })).headers.get('location')!;
    await post(`${path}/start`, cookie, { options: 'yes', ...fields });
    await ended(cookie, path);
    return path;
  };
  return { send, get, post, signIn, sessionOf, upload, ended, verified };
}
