// A person who is signed in to the console of a service, for tests: requests with the cookie of a session, as the browser sends
// them.

import type { NodeService } from './node-service.ts';

export const consoleAdminKey = 'an-admin-key-for-tests';

export interface SignedInPerson {
  readonly cookie: string;
  get(path: string): Promise<Response>;
  post(path: string, fields?: Readonly<Record<string, string>>): Promise<Response>;
  upload(
    path: string,
    content: string | Uint8Array<ArrayBuffer>,
    fields?: Readonly<Record<string, string>>,
  ): Promise<Response>;
}

const sameOrigin = { 'sec-fetch-site': 'same-origin', accept: 'text/html' };

/** Signs in with ADMIN_KEY, or with a new key that has these scopes. */
export async function signedIn(service: NodeService, scopes?: readonly string[]): Promise<SignedInPerson> {
  const send = (path: string, init: RequestInit) =>
    fetch(service.url + path, { redirect: 'manual', ...init });
  const form = (fields: Readonly<Record<string, string>>) => ({
    method: 'POST',
    body: new URLSearchParams(fields).toString(),
  });
  const urlencoded = { 'content-type': 'application/x-www-form-urlencoded', ...sameOrigin };
  let key = consoleAdminKey;
  if (scopes !== undefined) {
    const made = await send('/v1/keys', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${consoleAdminKey}` },
      body: JSON.stringify({ kind: 'secret', name: 'for a test', scopes }),
    });
    key = ((await made.json()) as { key: string }).key;
  }
  const answer = await send('/console/sign-in', { ...form({ key }), headers: urlencoded });
  const cookie = answer.headers.get('set-cookie')!.split(';')[0]!;
  return {
    cookie,
    get: (path) => send(path, { headers: { cookie, ...sameOrigin } }),
    post: (path, fields = {}) => send(path, { ...form(fields), headers: { cookie, ...urlencoded } }),
    upload(path, content, fields = {}) {
      const body = new FormData();
      for (const [name, value] of Object.entries(fields)) body.append(name, value);
      body.append('file', new File([content], 'file.csv'));
      return send(path, { method: 'POST', headers: { cookie, ...sameOrigin }, body });
    },
  };
}

/** Names that must be shown as text, whatever they contain. */
export const hostileNames = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' autofocus onfocus='alert(1)",
  '</title><script>1</script>',
  '</textarea><svg/onload=alert(1)>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '{{7*7}}',
  'javascript:alert(1)',
] as const;

/** What a page must not contain if it shows these names as text. */
export const isHarmless = (page: string): boolean =>
  !/<(?!script src="\/console\.js" defer>)script|<img|<svg\/|"><img|' autofocus/.test(page);
