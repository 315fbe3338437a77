// What the HTTP API promises, on whatever runtime it runs.

import { safeParse } from 'valibot';
import { describe, expect, test } from 'vitest';
import { ProblemAnswer } from '../../src/http/api/operation.ts';
import { ReadinessAnswer } from '../../src/http/api/service.ts';
import { SuppressionListAnswer } from '../../src/http/api/suppressions.ts';
import { VerdictAnswer } from '../../src/http/api/verdicts.ts';

export type Send = (path: string, init?: RequestInit) => Promise<Response>;

/** Registers the battery. `send` reaches a service whose DNS is test/http/zone.ts and that needs no key. */
export function httpContract(send: Send): void {
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  // biome-ignore lint/suspicious/noExplicitAny: whatever the wire says, the assertions say what it should be.
  const json = async (response: Promise<Response>): Promise<any> => (await response).json();
  const validate = (email: string) => json(post('/v1/validate', { email }));

  async function expectProblem(response: Response, status: number, type: string) {
    const body = (await response.json()) as Record<string, unknown>;
    expect({ status: response.status, type: body['type'] }).toEqual({
      status,
      type: `urn:presend:problem:${type}`,
    });
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(body['request_id']).toBe(response.headers.get('x-request-id'));
    expect(safeParse(ProblemAnswer, body).success).toBe(true);
    return body;
  }

  describe('POST /v1/validate', () => {
    test.each([
      ['jane@brisk-otter.com', 'deliverable', 'no_known_obstacle', null, 'accept'],
      ['jane@gmial.com', 'undeliverable', 'domain_typo', '5.1.2', 'confirm'],
      ['jane@hotmial.com', 'risky', 'domain_typo', null, 'confirm'],
      ['jane@no-mail-please.org', 'undeliverable', 'null_mx', '5.1.10', 'reject'],
      ['jane@no-such-name-anywhere.org', 'undeliverable', 'domain_nonexistent', '5.1.2', 'reject'],
      ['jane@bare-name.org', 'undeliverable', 'no_mail_host', '5.1.2', 'reject'],
      ['jane@inside-only.org', 'undeliverable', 'unroutable_mail_host', '5.4.4', 'reject'],
      ['jane@broken-zone.org', 'unknown', 'dns_undetermined', '4.4.3', 'retry'],
      ['jane@mailinator.com', 'risky', 'disposable_domain', null, 'confirm'],
      ['info@brisk-otter.com', 'risky', 'role_account', null, 'accept'],
      ['jane@web-only.org', 'risky', 'implicit_mx', '4.4.1', 'accept'],
      ['jane@localhost', 'undeliverable', 'special_use_domain', '5.1.2', 'reject'],
      ['jane@[192.0.2.1]', 'undeliverable', 'special_use_domain', '5.1.2', 'reject'],
      ['jane..doe@brisk-otter.com', 'undeliverable', 'syntax_error', '5.1.3', 'reject'],
      ['null-mx@presend.test', 'undeliverable', 'null_mx', '5.1.10', 'reject'],
    ])('%s is %s: %s', async (email, result, reason, status, action) => {
      expect(await validate(email)).toMatchObject({ email, result, reason, action, bounce: { status } });
    });

    test('the answer has the documented shape, nothing more and nothing less', async () => {
      const verdict = await validate('Jane.Doe+news@GMAIL.com');
      expect(safeParse(VerdictAnswer, verdict).success).toBe(true);
      expect(Object.keys(verdict)).toEqual(Object.keys(VerdictAnswer.entries));
      expect(verdict).toMatchObject({
        email: 'Jane.Doe+news@GMAIL.com',
        normalized: 'Jane.Doe+news@gmail.com',
        user: 'Jane.Doe+news',
        domain: 'gmail.com',
        signals: ['no_known_obstacle'],
        did_you_mean: null,
        mail_host: { kind: 'mx', exchanges: [{ preference: 5, host: 'gmail-smtp-in.l.google.com' }] },
        provider: 'gmail',
        free: true,
        plus_tag: 'news',
        smtputf8: false,
      });
      expect(Date.parse(verdict.expires_at) - Date.parse(verdict.checked_at)).toBe(90 * 86_400_000);
    });

    test('a misspelling comes with what was meant, whatever the DNS says', async () => {
      expect(await validate('Jane@GMIAL.com')).toMatchObject({
        normalized: 'Jane@gmial.com',
        did_you_mean: 'Jane@gmail.com',
        signals: ['domain_typo', 'domain_nonexistent'],
      });
      expect(await validate('jane@hotmial.com')).toMatchObject({ did_you_mean: 'jane@hotmail.com' });
    });

    test('what is no address says where, why and what was probably meant', async () => {
      expect(await validate('jane@gmail,com')).toMatchObject({
        reason: 'syntax_error',
        syntax: { position: 10 },
        did_you_mean: 'jane@gmail.com',
        action: 'confirm',
      });
      expect(await validate(' <jane@gmial.com> ')).toMatchObject({ did_you_mean: 'jane@gmail.com' });
    });

    test('the empty text gets a verdict too', async () => {
      expect(await validate('')).toMatchObject({
        reason: 'syntax_error',
        syntax: { code: 'empty', position: 0 },
      });
    });

    test('an address that was verified long ago is more likely to bounce', async () => {
      const body = { email: 'jane@brisk-otter.com', source: 'footer-form', last_verified_at: '2020-01-01' };
      expect((await json(post('/v1/validate', body))).bounce.probability).toBeGreaterThan(0.5);
    });

    test('Server-Timing tells the time in DNS and in storage', async () => {
      const response = await post('/v1/validate', { email: 'jane@brisk-otter.com' });
      expect(response.headers.get('server-timing')).toMatch(/^dns;dur=\d+, storage;dur=\d+, total;dur=\d+$/);
    });
  });

  describe('POST /v1/validate/batch', () => {
    test('answers in order, for texts and for items', async () => {
      const emails = ['jane@gmail.com', 'nobody', 'jane@no-mail-please.org', 'jane@gmail.com'];
      const expected = ['no_known_obstacle', 'syntax_error', 'null_mx', 'no_known_obstacle'];
      const items = emails.map((email) => ({ email, source: 'import' }));
      for (const body of [{ emails }, { items }]) {
        const { results } = await json(post('/v1/validate/batch', body));
        expect(results.map(({ email }: { email: string }) => email)).toEqual(emails);
        expect(results.map(({ reason }: { reason: string }) => reason)).toEqual(expected);
      }
    });

    test('takes none, and takes 1,000', async () => {
      expect(await json(post('/v1/validate/batch', { emails: [] }))).toEqual({ results: [] });
      const emails = Array.from({ length: 1000 }, (_, index) => `jane${index}@brisk-otter.com`);
      const { results } = await json(post('/v1/validate/batch', { emails }));
      expect(results).toHaveLength(1000);
      expect(results.at(-1).email).toBe('jane999@brisk-otter.com');
    });

    test('1,001 are too many', async () => {
      const emails = new Array(1001).fill('jane@brisk-otter.com');
      const body = await expectProblem(await post('/v1/validate/batch', { emails }), 422, 'invalid-request');
      expect(body['errors']).toEqual([
        { pointer: '/emails', detail: 'Expected at most 1000 addresses in one call.' },
      ]);
    });
  });

  describe('the suppression list', () => {
    const consent = (at: string) => ({ kind: 'double_opt_in', at, evidence: 'confirmation 4711' });
    const later = () => consent(new Date(Date.now() + 1000).toISOString());

    test('what is put on it is suppressed from then on, with its status', async () => {
      const email = 'Dead.Letter@brisk-otter.com';
      const added = await post('/v1/suppressions', {
        email,
        reason: 'bounce',
        status: '5.1.1',
        source: 'import',
      });
      expect(added.status).toBe(201);
      expect(await added.json()).toMatchObject({
        email,
        suppressed: true,
        reason: 'bounce',
        status: '5.1.1',
      });
      expect((await post('/v1/suppressions', { email, reason: 'bounce', status: '5.1.1' })).status).toBe(200);
      expect(await validate('dead.letter@BRISK-OTTER.com')).toMatchObject({
        result: 'undeliverable',
        reason: 'suppressed',
        bounce: { class: 'hard', status: '5.1.1' },
      });
    });

    test('a check answers in order and for each, addresses or not', async () => {
      await post('/v1/suppressions', { email: 'gone@brisk-otter.com', reason: 'unsubscribe' });
      const emails = ['here@brisk-otter.com', 'gone@brisk-otter.com', 'nobody', 'gone@brisk-otter.com'];
      const { results } = await json(post('/v1/suppressions/check', { emails }));
      expect(results.map(({ suppressed }: { suppressed: boolean }) => suppressed)).toEqual([
        false,
        true,
        false,
        true,
      ]);
      expect(results[1]).toMatchObject({
        email: 'gone@brisk-otter.com',
        reason: 'unsubscribe',
        status: null,
      });
    });

    test('an entry is lifted on fresh consent', async () => {
      const email = 'back@brisk-otter.com';
      await post('/v1/suppressions', { email, reason: 'bounce', status: '5.2.1' });
      expect(await json(post('/v1/suppressions/remove', { email, consent: later() }))).toEqual({
        email,
        removed: true,
      });
      expect(await validate(email)).toMatchObject({ reason: 'no_known_obstacle' });
      expect(await json(post('/v1/suppressions/remove', { email, consent: later() }))).toEqual({
        email,
        removed: false,
      });
    });

    test('an entry is not lifted without consent, on old consent, or after a complaint', async () => {
      const email = 'angry@brisk-otter.com';
      await post('/v1/suppressions', { email, reason: 'unsubscribe' });
      const remove = (body: object) => post('/v1/suppressions/remove', { email, ...body });
      await expectProblem(await remove({}), 422, 'invalid-request');
      const old = consent('2020-01-01T00:00:00Z');
      await expectProblem(await remove({ consent: old }), 409, 'removal-refused:consent_not_fresh');
      await post('/v1/suppressions', { email, reason: 'complaint' });
      await expectProblem(await remove({ consent: later() }), 409, 'removal-refused:complaint');
      expect(await validate(email)).toMatchObject({ reason: 'suppressed', bounce: { class: null } });
    });

    test('pages through all entries without telling an address', async () => {
      const emails = ['one', 'two', 'three', 'four', 'five'].map((name) => `${name}@brisk-otter.com`);
      for (const email of emails) await post('/v1/suppressions', { email, reason: 'manual' });
      const hashes = new Set<string>();
      let cursor: string | null = '';
      while (cursor !== null) {
        const page = await json(
          send(`/v1/suppressions?limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`),
        );
        expect(safeParse(SuppressionListAnswer, page).success).toBe(true);
        expect(JSON.stringify(page)).not.toContain('brisk-otter');
        for (const { address_hash } of page.items) {
          expect(hashes.has(address_hash)).toBe(false);
          hashes.add(address_hash);
        }
        cursor = page.next_cursor;
      }
      expect(hashes.size).toBeGreaterThanOrEqual(emails.length);
    });

    test('says what is wrong with an entry, without repeating it', async () => {
      const email = 'secret.person@@brisk-otter.com';
      const body = await expectProblem(
        await post('/v1/suppressions', { email, reason: 'manual' }),
        422,
        'invalid-request',
      );
      expect(body['errors']).toMatchObject([{ pointer: '/email' }]);
      expect(JSON.stringify(body)).not.toContain('secret.person');
      for (const wrong of [{ reason: 'because' }, { reason: 'bounce', status: '550' }])
        await expectProblem(
          await post('/v1/suppressions', { email: 'a@b.com', ...wrong }),
          422,
          'invalid-request',
        );
      await expectProblem(await send('/v1/suppressions?cursor=nonsense'), 422, 'invalid-request');
      await expectProblem(await send('/v1/suppressions?limit=0'), 422, 'invalid-request');
    });
  });

  describe('own domains', () => {
    const put = (domain: string, word: string) => post('/v1/domains', { domain, word, note: 'a test' });

    test('a word on a domain wins over the data, until it is taken back', async () => {
      expect((await put('*.Mailinator.com', 'allow')).status).toBe(201);
      expect(await validate('jane@mailinator.com')).toMatchObject({
        reason: 'no_known_obstacle',
        disposable: false,
      });
      expect((await put('*.mailinator.com', 'deny')).status).toBe(200);
      expect(await validate('jane@mailinator.com')).toMatchObject({
        reason: 'denied_domain',
        action: 'reject',
      });
      expect(await json(send('/v1/domains'))).toMatchObject({
        items: [{ domain: '*.mailinator.com', word: 'deny', note: 'a test' }],
      });
      const remove = () => json(post('/v1/domains/remove', { domain: '*.mailinator.com' }));
      expect([await remove(), await remove()]).toMatchObject([{ removed: true }, { removed: false }]);
      expect(await validate('jane@mailinator.com')).toMatchObject({ reason: 'disposable_domain' });
    });

    test('an allowed domain is no misspelling, but it takes no mail all the same', async () => {
      await put('gmial.com', 'allow');
      expect(await validate('jane@gmial.com')).toMatchObject({
        reason: 'domain_nonexistent',
        did_you_mean: null,
      });
      await post('/v1/domains/remove', { domain: 'gmial.com' });
    });

    test('what is no domain is refused', async () => {
      for (const domain of ['jane@brisk-otter.com', '*', 'two words'])
        await expectProblem(await put(domain, 'deny'), 422, 'invalid-request');
    });
  });

  describe('a wrong request', () => {
    const address = 'secret.person@brisk-otter.com';

    test.each([
      ['no body', '', 400, 'malformed-json'],
      ['broken JSON', `{"email": "${address}`, 400, 'malformed-json'],
      ['another type', '[]', 422, 'invalid-request'],
      ['null', 'null', 422, 'invalid-request'],
      ['no email', '{}', 422, 'invalid-request'],
      ['email of a wrong type', `{"email": ["${address}"]}`, 422, 'invalid-request'],
      [
        'a date that is none',
        `{"email": "${address}", "last_verified_at": "${address}"}`,
        422,
        'invalid-request',
      ],
      ['1 MB', JSON.stringify({ email: address + 'x'.repeat(1_000_000) }), 413, 'too-large'],
    ])('%s', async (_, body, status, type) => {
      const answer = await expectProblem(await post('/v1/validate', body), status, type);
      expect(JSON.stringify(answer)).not.toContain('secret.person');
    });

    test('another content type', async () => {
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])
        await expectProblem(
          await post('/v1/validate', { email: address }, { 'content-type': type }),
          415,
          'unsupported-media-type',
        );
    });

    test('a batch that is neither emails nor items', async () => {
      const body = await expectProblem(
        await post('/v1/validate/batch', { email: address }),
        422,
        'invalid-request',
      );
      expect(JSON.stringify(body)).toContain('emails');
    });

    test('an unknown route', async () => {
      await expectProblem(await send(`/v1/validate/${address}`), 404, 'not-found');
      await expectProblem(await post('/v2/validate', {}), 404, 'not-found');
    });

    test('a wrong method, with the right ones', async () => {
      const response = await send(`/v1/validate?email=${address}`);
      expect(response.headers.get('allow')).toBe('POST');
      await expectProblem(response, 405, 'method-not-allowed');
      expect((await send('/v1/suppressions', { method: 'DELETE' })).headers.get('allow')).toBe(
        'POST, GET, HEAD',
      );
    });
  });

  describe('every answer', () => {
    test('carries a request id: the caller’s where it is harmless, else one of ours', async () => {
      const id = async (given: string) =>
        (await send('/healthz', { headers: { 'x-request-id': given } })).headers.get('x-request-id');
      expect(await id('order-4711')).toBe('order-4711');
      expect(await id('jane@brisk-otter.com')).toMatch(/^[0-9a-f-]{36}$/);
    });

    test('carries the security headers', async () => {
      for (const path of ['/docs', '/healthz', '/nowhere']) {
        const { headers } = await send(path);
        expect(headers.get('content-security-policy')).toContain("default-src 'none'");
        expect(headers.get('x-content-type-options')).toBe('nosniff');
        expect(headers.get('x-frame-options')).toBe('DENY');
        expect(headers.get('referrer-policy')).toBe('no-referrer');
      }
    });
  });

  describe('the service tells of itself', () => {
    test('/healthz and /readyz', async () => {
      expect(await json(send('/healthz'))).toEqual({ status: 'ok' });
      const ready = await json(send('/readyz'));
      expect(safeParse(ReadinessAnswer, ready).success).toBe(true);
      expect(ready).toMatchObject({ status: 'ok', checks: [{ name: 'storage', ok: true }, { ok: true }] });
    });

    test('/openapi.json resolves all its references', async () => {
      const document = await json(send('/openapi.json'));
      expect(document.openapi).toBe('3.1.0');
      const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)];
      expect(references.length).toBeGreaterThan(20);
      for (const [, name] of references) expect(document.components.schemas).toHaveProperty(name!);
    });

    test('/docs is a page without anything from elsewhere', async () => {
      const response = await send('/docs');
      const page = await response.text();
      expect(response.headers.get('content-type')).toContain('text/html');
      expect(page).toContain('/v1/validate/batch');
      expect(page).not.toMatch(/<script|src=|https?:\/\//);
    });
  });
}
