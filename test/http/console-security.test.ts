// The console as an attacker meets it: a key that lacks a scope, a page of another origin, and addresses where they must not be. The
// routes come from the application itself, so a new page is tested as soon as it exists.

import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consolePages } from '../../src/http/pages/console/pages.ts';
import { routeScopes } from '../../src/http/resources.ts';
import { type Scope, scopes } from '../../src/keys/key.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { consoleAdminKey, type SignedInPerson, signedIn } from './signed-in.ts';
import { zone } from './zone.ts';

let service: NodeService;
let admin: SignedInPerson;
const people = new Map<Scope, SignedInPerson>();
beforeAll(async () => {
  service = await startNodeService({
    zone,
    settings: {
      ADMIN_KEY: consoleAdminKey,
      LIMITS: 'key_lookup_ip=2000/3600,secret_key=100000/60',
      PREFLIGHT_DOMAINS: 'brisk-otter.com',
    },
  });
  admin = await signedIn(service);
  for (const scope of scopes) people.set(scope, await signedIn(service, [scope]));
});
afterAll(() => service?.stop());

const ids: Readonly<Record<string, string>> = { id: 'job_kC5iGm0Jq8Yw2Zx7Vb3N4A', domain: 'brisk-otter.com' };
const pathOf = (route: string): string => route.replace(/\{(\w+)\}/g, (_, name) => ids[name] ?? 'nothing');

interface Route {
  readonly method: string;
  readonly pattern: string;
  readonly path: string;
}

const routesUnder = (start: string): readonly Route[] =>
  service.routes
    .map((route) => {
      const [method, pattern] = route.split(' ') as [string, string];
      return { method, pattern, path: pathOf(pattern) };
    })
    .filter(({ pattern }) => pattern === start || pattern.startsWith(`${start}/`));

const withoutSession = ['/console/sign-in', '/console/sign-out'];

const consoleRoutes = (): readonly Route[] =>
  routesUnder('/console').filter(({ pattern }) => !withoutSession.includes(pattern));

const ask = ({ method, path }: Route, cookie: string, headers: Record<string, string> = {}) =>
  service.handle(
    new Request(`http://127.0.0.1${path}`, {
      method,
      headers: { cookie, 'sec-fetch-site': 'same-origin', ...headers },
      ...(method === 'GET' ? {} : { body: '' }),
    }),
  );

/** The scopes that open something of the area to which the route belongs. */
const scopesOf = ({ pattern }: Route): readonly Scope[] =>
  consolePages.find(({ path }) => pattern === path || pattern.startsWith(`${path}/`))?.scopes ?? [];

describe('a key without a scope', () => {
  test('has at least one page and one action in each area to be tested', () => {
    for (const { path } of consolePages.filter((page) => page.path.startsWith('/console/')))
      expect([path, routesUnder(path).length > 0]).toEqual([path, true]);
  });

  test.each(scopes)(
    'with %s alone: no other area of the console answers, whatever is asked',
    async (scope) => {
      const { cookie } = people.get(scope)!;
      const opened: string[] = [];
      for (const route of consoleRoutes()) {
        if (scopesOf(route).length === 0 || scopesOf(route).includes(scope)) continue;
        const response = await ask(route, cookie);
        // The first page of an area leads a person who may see none of it away.
        const isLedAway = response.status === 303 && response.headers.get('location') === '/console';
        if (response.status !== 403 && !isLedAway)
          opened.push(`${route.method} ${route.pattern}: ${response.status}`);
      }
      expect(opened).toEqual([]);
    },
  );

  test.each(scopes)('with %s alone: its session opens no other route of the API', async (scope) => {
    const { cookie } = people.get(scope)!;
    const wrong: string[] = [];
    for (const route of routesUnder('/v1')) {
      const wanted = routeScopes[`${route.method} ${route.pattern.replaceAll(/\{(\w+)\}/g, ':$1')}`];
      if (wanted === undefined || wanted === 'sender' || wanted === scope) continue;
      const { status } = await ask(route, cookie, { 'content-type': 'application/json' });
      if (status !== 403) wrong.push(`${route.method} ${route.pattern}: ${status}`);
    }
    expect(wrong).toEqual([]);
  });

  test.each(scopes)('with %s alone: its pages link to nothing that they do not open', async (scope) => {
    const person = people.get(scope)!;
    const closed: string[] = [];
    for (const route of consoleRoutes()) {
      if (route.method !== 'GET') continue;
      const response = await ask(route, person.cookie);
      if (response.status !== 200) continue;
      const page = await response.text();
      for (const [, path] of page.matchAll(/(?:href|action)="(\/console[^"?#]*)/g)) {
        if (withoutSession.includes(path!) || /\.(?:css|js)$/.test(path!)) continue;
        const { status } = await ask({ method: 'GET', pattern: path!, path: path! }, person.cookie);
        if (status === 403) closed.push(`${route.pattern} links to ${path}`);
      }
    }
    expect(closed).toEqual([]);
  });
});

const elsewhere: readonly Record<string, string>[] = [
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': '', origin: 'https://evil.example' },
  { 'sec-fetch-site': 'cross-site', origin: 'null' },
];

test.each(elsewhere)('another page changes nothing with the session of a visitor: %j', async (headers) => {
  const changes = [...consoleRoutes(), ...routesUnder('/v1')].filter(({ method, pattern }) => {
    const wanted = routeScopes[`${method} ${pattern.replaceAll(/\{(\w+)\}/g, ':$1')}`];
    return (
      method !== 'GET' && wanted !== 'sender' && (pattern.startsWith('/console') || wanted !== undefined)
    );
  });
  expect(changes.length).toBeGreaterThan(30);
  const passed: string[] = [];
  for (const route of changes) {
    const { status } = await ask(route, admin.cookie, headers);
    if (status !== 403) passed.push(`${route.method} ${route.pattern}: ${status}`);
  }
  expect(passed).toEqual([]);
});

describe('every page', () => {
  /** The pages of the console with a session and without one, its refusals, and the pages that it links to. */
  const pages = async (): Promise<[string, Response][]> => {
    const answers: [string, Response][] = [];
    const add = async (route: Route, cookie: string, accept: string) =>
      answers.push([`${route.method} ${route.pattern}`, await ask(route, cookie, { accept })]);
    const get = (path: string): Route => ({ method: 'GET', pattern: path, path });
    for (const route of [
      ...consoleRoutes(),
      get('/reports'),
      get('/console/sign-in'),
      get('/console/nothing'),
    ]) {
      await add(route, admin.cookie, 'text/html');
      await add(route, people.get('validate')!.cookie, 'text/html');
    }
    return answers;
  };

  test('runs no script and no style but its own, is shown in no frame, is not kept, and sends no Referer elsewhere', async () => {
    const found = await pages();
    expect(found.length).toBeGreaterThan(40);
    for (const [route, { headers }] of found) {
      const policy = headers.get('content-security-policy') ?? '';
      expect([route, policy]).toEqual([route, expect.stringContaining("default-src 'none'")]);
      expect([route, policy]).toEqual([route, expect.stringContaining("frame-ancestors 'none'")]);
      expect([route, policy]).not.toEqual([route, expect.stringMatching(/unsafe-|\*|https?:|data:/)]);
      expect([route, headers.get('x-frame-options')]).toEqual([route, 'DENY']);
      expect([route, headers.get('referrer-policy')]).toEqual([
        route,
        expect.stringMatching(/^(?:same-origin|no-referrer)$/),
      ]);
      if (headers.get('content-type')?.startsWith('text/html'))
        expect([route, headers.get('cache-control')]).toEqual([route, 'no-store']);
    }
  });

  test('that has a form lets its browser say where the form is from, also by plain HTTP on a name, without Sec-Fetch-Site', async () => {
    const withForms: string[] = [];
    for (const [route, response] of await pages()) {
      if (!/<form[^>]*method="post"/.test(await response.text())) continue;
      withForms.push(route);
      // With no-referrer, browsers send `Origin: null` (Fetch, "append a request Origin header").
      expect([route, response.headers.get('referrer-policy')]).toEqual([route, 'same-origin']);
    }
    expect(withForms).toContain('GET /console/sign-in');
    expect(withForms.length).toBeGreaterThan(10);
  });

  test('has no script, style or handler inside, and nothing from elsewhere', async () => {
    for (const [route, response] of await pages()) {
      if (!response.headers.get('content-type')?.startsWith('text/html') || route === 'GET /reports')
        continue;
      const page = await response.text();
      const inside = page.match(
        /<script(?! src="\/console\.js" defer>)|<style|\sstyle=|\son\w+=|(?:src|href|action)="(?!\/(?!\/)|#)[^"]*"/gi,
      );
      expect([route, inside]).toEqual([route, null]);
    }
  });
});

test('the script and the style of the console are small', async () => {
  const sizeOf = async (path: string) =>
    gzipSync(await (await ask({ method: 'GET', pattern: path, path }, admin.cookie)).arrayBuffer()).length;
  expect(await sizeOf('/console.js')).toBeLessThan(8 * 1024);
  expect(await sizeOf('/console.css')).toBeLessThan(8 * 1024);
});

describe('an address', () => {
  const person = 'jane.confidential@brisk-otter.com';
  const list = `email,via\n${person},fair\njohn@gmial.com,shop\nx@no-mail-please.org,fair\n`;

  test('is in no URL of a page and in no line of the log, whatever is done with a list and a suppression', async () => {
    const path = (await admin.upload('/console/lists', list)).headers.get('location')!;
    const seen = [await (await admin.get(path)).text()];
    await admin.post(`${path}/columns`, { options: 'yes', source_column: '2' });
    seen.push(await (await admin.post(`${path}/start`, { options: 'yes', name: person })).text());
    await admin.post(`${path}/start`, { options: 'yes' });
    await (await admin.get(`${path.replace('/console/lists', '/v1/jobs')}/events`)).text();
    seen.push(await (await admin.get(path)).text());
    for (const [step, fields] of [
      ['find', { email: person }],
      ['add', { email: person, reason: 'manual' }],
      ['remove', { email: person }],
    ] as const) {
      const response = await admin.post(`/console/suppressions/${step}`, fields);
      expect([step, response.headers.get('location') ?? '']).toEqual([
        step,
        expect.not.stringMatching(/@|%40/),
      ]);
      seen.push(await response.text());
    }
    expect(seen.join('')).toContain(person);
    for (const page of seen) {
      expect(page.match(/(?:href|src|action)="[^"]*(?:@|%40)[^"]*"/g)).toBe(null);
      // A form that asks for an address sends it in its body.
      for (const [form] of page.matchAll(/<form[\s\S]*?<\/form>/g))
        if (/name="email"/.test(form)) expect(form).toMatch(/^<form[^>]*method="post"/);
    }
    const log = service.log.join('\n');
    expect(log).toContain('/console/lists/:id');
    for (const text of [person, 'jane.confidential', 'john@', '%40']) expect(log).not.toContain(text);
  });
});
