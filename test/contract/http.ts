// What the HTTP API promises, on whatever runtime it runs.

import { safeParse } from 'valibot';
import { describe, expect, test } from 'vitest';
import { dataDate } from '../../src/domain/data-date.ts';
import { ProblemAnswer } from '../../src/http/operation.ts';
import { routeScopes } from '../../src/http/resources.ts';
import { BouncesAnswer } from '../../src/http/routes/bounces.ts';
import { ErasureAnswer } from '../../src/http/routes/erasures.ts';
import { HealthAnswer, ReadinessAnswer } from '../../src/http/routes/service.ts';
import { SuppressionListAnswer } from '../../src/http/routes/suppressions.ts';
import { VerdictAnswer } from '../../src/http/routes/validate.ts';
import { message } from '../bounce/message.ts';
import { espSecret } from './esp-secret.ts';

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
  const pageOf = async (path: string) => {
    const response = await send(path);
    return { headers: response.headers, text: await response.text() };
  };
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
      ['jane..doe@brisk-otter.com', 'undeliverable', 'syntax_error', '5.1.3', 'confirm'],
      ['null-mx@presend.test', 'undeliverable', 'null_mx', '5.1.10', 'reject'],
    ])('%s is %s: %s', async (email, result, reason, status, action) => {
      expect(await validate(email)).toMatchObject({ email, result, reason, action, bounce: { status } });
    });

    test('the response has exactly the documented shape', async () => {
      const verdict = await validate('Jane.Doe+news@GMAIL.com');
      expect(safeParse(VerdictAnswer, verdict).success).toBe(true);
      // Only an address on the list has an entry, only a domain behind a gateway names it, and only proof tells of the mailbox.
      const {
        suppression,
        gateway,
        send_to: sendTo,
        mailbox,
        proof_pending: proofPending,
        ...always
      } = VerdictAnswer.entries;
      expect(Object.keys(verdict)).toEqual(Object.keys(always));
      const rare = [suppression, gateway, sendTo, mailbox, proofPending];
      expect(rare.map(({ type }) => type)).toEqual(rare.map(() => 'optional'));
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

    test('a misspelling has a suggestion, regardless of the DNS', async () => {
      expect(await validate('Jane@GMIAL.com')).toMatchObject({
        normalized: 'Jane@gmial.com',
        did_you_mean: 'Jane@gmail.com',
        signals: ['domain_typo', 'domain_nonexistent'],
      });
      expect(await validate('jane@hotmial.com')).toMatchObject({ did_you_mean: 'jane@hotmail.com' });
    });

    test('a text that is not an address gets the position, the cause and a suggestion', async () => {
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

    test('Server-Timing has the time spent on DNS and storage', async () => {
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

    test('accepts an empty batch and 1,000 addresses', async () => {
      expect(await json(post('/v1/validate/batch', { emails: [] }))).toEqual({ results: [] });
      const emails = Array.from({ length: 1000 }, (_, index) => `jane${index}@brisk-otter.com`);
      const { results } = await json(post('/v1/validate/batch', { emails }));
      expect(results).toHaveLength(1000);
      expect(results.at(-1).email).toBe('jane999@brisk-otter.com');
    });

    test('refuses 1,001 addresses', async () => {
      const emails = new Array(1001).fill('jane@brisk-otter.com');
      const body = await expectProblem(await post('/v1/validate/batch', { emails }), 422, 'invalid-request');
      expect(body['errors']).toEqual([{ pointer: '/emails', detail: 'emails must have at most 1000 items' }]);
    });
  });

  describe('the suppression list', () => {
    const consent = (at: string) => ({ kind: 'double_opt_in', at, evidence: 'confirmation 4711' });
    const later = () => consent(new Date(Date.now() + 1000).toISOString());

    test('an added address is suppressed from then on, with its status', async () => {
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

    test('a check answers each text in order, even if it is not an address', async () => {
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

    test('pages through all entries without revealing an address', async () => {
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
        for (const { address_hash, scope } of page.items) {
          const entry = `${address_hash} ${scope}`;
          expect(hashes.has(entry)).toBe(false);
          hashes.add(entry);
        }
        cursor = page.next_cursor;
      }
      expect(hashes.size).toBeGreaterThanOrEqual(emails.length);
    });

    test('an unsubscribed person gets the reset mail and can sign up again', async () => {
      const email = 'reader@brisk-otter.com';
      const entry = await json(post('/v1/suppressions', { email, reason: 'unsubscribe' }));
      expect(entry).toMatchObject({ suppressed: true, scope: 'marketing', reason: 'unsubscribe' });
      const check = async (fields: object) =>
        (await json(post('/v1/suppressions/check', { emails: [email], ...fields }))).results[0];
      expect(await check({})).toMatchObject({ suppressed: true, effect: 'block' });
      expect(await check({ purpose: 'transactional' })).toMatchObject({
        suppressed: false,
        effect: 'inform',
      });
      expect(await check({ purpose: 'signup' })).toMatchObject({ suppressed: false, effect: 'confirm' });
      const consent = { kind: 'double_opt_in', at: new Date().toISOString(), evidence: 'form 7' };
      expect(
        await json(post('/v1/suppressions/remove', { email, scope: 'list:news', consent })),
      ).toMatchObject({ removed: false });
      expect(
        await json(post('/v1/suppressions/remove', { email, scope: 'marketing', consent })),
      ).toMatchObject({ removed: true });
      expect(await check({})).toEqual({ email, suppressed: false });
    });

    test('an entry of one list stops the mail of that list', async () => {
      const email = 'member@brisk-otter.com';
      await post('/v1/suppressions', { email, reason: 'unsubscribe', scope: 'list:news' });
      const check = async (list: string | null) =>
        (await json(post('/v1/suppressions/check', { emails: [email], list }))).results[0];
      expect(await check('news')).toMatchObject({ suppressed: true, scope: 'list:news' });
      expect(await check('offers')).toEqual({ email, suppressed: false });
      expect(await check(null)).toEqual({ email, suppressed: false });
    });

    test('an address that the grammar refuses is suppressed, found, lifted and erased', async () => {
      const email = 'abc..def@docomo.ne.jp';
      const found = async (spelling: string) =>
        (await json(post('/v1/suppressions/check', { emails: [spelling] }))).results[0].suppressed;
      expect((await post('/v1/suppressions', { email, reason: 'bounce' })).status).toBe(201);
      expect(await found('<abc..def@DOCOMO.ne.jp>')).toBe(true);
      const consent = { kind: 'double_opt_in', at: new Date().toISOString(), evidence: 'form 7' };
      expect(await json(post('/v1/suppressions/remove', { email, consent }))).toEqual({
        email,
        removed: true,
      });
      expect(await found(email)).toBe(false);
      await post('/v1/suppressions', { email, reason: 'manual' });
      expect(await json(post('/v1/erasures', { email, keep_suppression: false }))).toMatchObject({
        suppression: 'removed',
      });
      expect(await found(email)).toBe(false);
    });

    test('the bounces of an incident are lifted together, after a dry run', async () => {
      for (const name of ['one', 'two'])
        await post('/v1/suppressions', {
          email: `${name}@calm-heron.com`,
          reason: 'bounce',
          status: '5.9.9',
        });
      const hour = 3_600_000;
      const period = {
        from: new Date(Date.now() - hour).toISOString(),
        to: new Date(Date.now() + hour).toISOString(),
        status: '5.9.9',
      };
      const lift = (fields: object) => json(post('/v1/suppressions/lift', { ...period, ...fields }));
      expect(await lift({ dry_run: true })).toEqual({
        matched: 2,
        lifted: 0,
        dry_run: true,
        events_from: null,
      });
      const none = { matched: 0, lifted: 0, dry_run: false, events_from: null };
      expect(await lift({ provider: 'gmail' })).toEqual(none);
      expect(await lift({})).toEqual({ ...none, matched: 2, lifted: 2 });
      expect(await lift({})).toEqual(none);
      const day = 24 * hour;
      const from = new Date(Date.now() - 70 * day).toISOString();
      expect(await lift({ from })).toEqual(none);
      const oldest = new Date(Math.floor(Date.now() / day) * day - 60 * day).toISOString();
      for (const filter of [
        { provider: 'gmail' },
        { mail_host: 'google.com' },
        { source: 'a' },
        { campaign: 'b' },
      ])
        expect(await lift({ from, ...filter })).toEqual({ ...none, events_from: oldest });
      await expectProblem(
        await post('/v1/suppressions/lift', { ...period, to: period.from }),
        422,
        'invalid-request',
      );
    });

    test('bounces are lifted by the mail host that refused them', async () => {
      for (const email of ['incident.one@gmail.com', 'incident.two@calm-heron.com'])
        await post('/v1/bounces', { email, reply: '550 5.1.1 No such user' });
      const hour = 3_600_000;
      const period = {
        from: new Date(Date.now() - hour).toISOString(),
        to: new Date(Date.now() + hour).toISOString(),
        status: '5.1.1',
      };
      const lift = (mail_host: string) => json(post('/v1/suppressions/lift', { ...period, mail_host }));
      expect(await lift('outlook.com')).toMatchObject({ matched: 0 });
      expect(await lift('Google.com')).toMatchObject({ matched: 1, lifted: 1 });
      const emails = ['incident.one@gmail.com', 'incident.two@calm-heron.com'];
      expect(await json(post('/v1/suppressions/check', { emails }))).toMatchObject({
        results: [{ suppressed: false }, { suppressed: true }],
      });
    });

    test('reports the error in an entry without repeating the entry', async () => {
      const email = 'secret.person@@brisk-otter.com';
      const body = await expectProblem(
        await post('/v1/suppressions', { email, reason: 'manual' }),
        422,
        'invalid-request',
      );
      expect(body['errors']).toMatchObject([{ pointer: '/email' }]);
      expect(JSON.stringify(body)).not.toContain('secret.person');
      for (const wrong of [
        { reason: 'because' },
        { reason: 'bounce', status: '550' },
        { reason: 'bounce', scope: 'list:' },
      ])
        await expectProblem(
          await post('/v1/suppressions', { email: 'a@b.com', ...wrong }),
          422,
          'invalid-request',
        );
      await expectProblem(await send('/v1/suppressions?cursor=nonsense'), 422, 'invalid-request');
      await expectProblem(await send('/v1/suppressions?limit=0'), 422, 'invalid-request');
    });
  });

  describe('the operator’s domains', () => {
    const put = (domain: string, word: string) => post('/v1/domains', { domain, word, note: 'a test' });

    test('an override wins over the data until it is removed', async () => {
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

    test('an allowed domain is not a misspelling, but still undeliverable if it accepts no mail', async () => {
      await put('gmial.com', 'allow');
      expect(await validate('jane@gmial.com')).toMatchObject({
        reason: 'domain_nonexistent',
        did_you_mean: null,
      });
      await post('/v1/domains/remove', { domain: 'gmial.com' });
    });

    test('an invalid domain is refused', async () => {
      for (const domain of ['jane@brisk-otter.com', '*', 'two words'])
        await expectProblem(await put(domain, 'deny'), 422, 'invalid-request');
    });
  });

  describe('reported bounces', () => {
    const report = (body: object) => json(post('/v1/bounces', body));
    const mail = (body: string, query = '') =>
      send(`/v1/bounces${query}`, { method: 'POST', headers: { 'content-type': 'message/rfc822' }, body });
    const dsn = (recipient: string, ...headers: string[]) =>
      message(
        [
          ...headers,
          'From: MAILER-DAEMON@mx.example.com',
          'Content-Type: multipart/report; boundary=b; report-type=delivery-status',
        ],
        `--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; ${recipient}\nAction: failed\nStatus: 5.2.1\nDiagnostic-Code: smtp; 550 5.2.1 mailbox disabled\n\n--b--\n`,
      );

    test('a hard bounce makes the very next verdict "suppressed", with its status', async () => {
      const email = 'bounced@brisk-otter.com';
      expect(await validate(email)).toMatchObject({ result: 'deliverable' });
      expect(
        await report({ email, reply: '550 5.1.1 <bounced@brisk-otter.com> User unknown' }),
      ).toMatchObject({
        kind: 'reply',
        results: [{ email, class: 'hard', reason: 'mailbox_unknown', recorded: true, suppressed: true }],
      });
      expect(await validate(email)).toMatchObject({
        reason: 'suppressed',
        bounce: { class: 'hard', status: '5.1.1' },
      });
    });

    test('policy bounces, full mailboxes and faults of the sender suppress no recipient', async () => {
      const email = 'alive@brisk-otter.com';
      for (const [reply, bounceClass] of [
        ['550 5.7.1 Our system has detected that this message is likely spam', 'policy'],
        ['552 5.2.2 Mailbox full', 'soft'],
        ['550 5.7.26 Unauthenticated email is not accepted due to DMARC policy', 'policy'],
      ])
        expect(await report({ email, reply })).toMatchObject({
          results: [{ class: bounceClass, suppressed: false }],
        });
      expect(await validate(email)).toMatchObject({ result: 'deliverable' });
    });

    test('a temporary bounce says when and how often to try again, and others do not', async () => {
      const email = 'later@brisk-otter.com';
      const retry = async (reply: string, to = email) => {
        const answer = await report({ email: to, reply });
        expect(safeParse(BouncesAnswer, answer).success).toBe(true);
        const { retry_after, retries, retry_basis } = answer.results[0];
        return [retry_after, retries, retry_basis];
      };
      expect(await retry('450 4.7.1 Greylisted, try again in 120 seconds')).toEqual([120, 5, 'reply']);
      expect(await retry('421 4.7.28 Rate limited, retry in 99999 days')).toEqual([432_000, 1, 'reply_cut']);
      expect(await retry('452 4.2.2 Mailbox full')).toEqual([86_400, 2, 'reason']);
      expect(await retry('421 4.7.28 Unusual rate of mail', 'later@gmail.com')).toEqual([
        3600,
        2,
        'provider',
      ]);
      expect(await retry('552 5.3.4 Message too big')).toEqual([null, 0, 'reason']);
      expect(await retry('550 5.7.1 Refused by policy')).toEqual([null, null, null]);
    });

    test('a complete DSN is read, counted once, and suppresses its recipient', async () => {
      const raw = dsn('Returned@brisk-otter.com', 'Return-Path: <>');
      const answer = await json(mail(raw, '?campaign=spring'));
      expect(safeParse(BouncesAnswer, answer).success).toBe(true);
      expect(answer).toMatchObject({
        kind: 'dsn',
        doubt: null,
        results: [{ status: '5.2.1', recorded: true }],
      });
      expect(await json(mail(raw))).toMatchObject({ results: [{ recorded: false, suppressed: false }] });
      expect(await validate('returned@brisk-otter.com')).toMatchObject({ reason: 'suppressed' });
    });

    test('a DSN with a non-empty return path is not trusted', async () => {
      const answer = await json(mail(dsn('victim@brisk-otter.com', 'Return-Path: <mallory@example.net>')));
      expect(answer).toMatchObject({
        doubt: 'return_path_not_empty',
        results: [{ recorded: false, suppressed: false }],
      });
      expect(await validate('victim@brisk-otter.com')).toMatchObject({ result: 'deliverable' });
    });

    test('a message that is not a bounce is reported as such', async () => {
      expect(await json(mail('Subject: hello\r\n\r\nHow are you?'))).toEqual({
        kind: 'not_a_bounce',
        doubt: null,
        results: [],
      });
    });

    test('an invalid report is refused', async () => {
      await expectProblem(await post('/v1/bounces', { email: 'a@b.com' }), 422, 'invalid-request');
      const headers = { 'content-type': 'text/plain' };
      await expectProblem(await post('/v1/bounces', 'hello', headers), 415, 'unsupported-media-type');
      await expectProblem(await mail('x'.repeat(1_100_000)), 413, 'too-large');
    });
  });

  describe('a provider’s webhook', () => {
    const hook = (provider: string, body: object, secret: string | null) =>
      send(`/v1/hooks/esp/${provider}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(secret !== null && { authorization: `Basic ${btoa(`presend:${secret}`)}` }),
        },
        body: JSON.stringify(body),
      });
    const bounced = (email: string) => ({
      RecordType: 'Bounce',
      ID: 4711,
      Type: 'HardBounce',
      MessageID: '883953f4-6105-42a2-a16a-77a8eac79483',
      Email: email,
      Details: 'smtp;550 5.1.1 The email account that you tried to reach does not exist.',
      BouncedAt: '2026-11-20T12:00:00Z',
    });

    test('with the secret is trusted, and counted once even if it is repeated', async () => {
      const body = bounced('hooked@brisk-otter.com');
      const answers = [await hook('postmark', body, espSecret), await hook('postmark', body, espSecret)];
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(await answers[0]!.json()).toEqual({ events: 1, recorded: 1, suppressed: 1 });
      expect(await answers[1]!.json()).toEqual({ events: 1, recorded: 0, suppressed: 0 });
      expect(await validate('hooked@brisk-otter.com')).toMatchObject({ reason: 'suppressed' });
    });

    test.each([
      ['without a secret', null],
      ['with a wrong one', 'guess'],
    ])('%s is refused and changes nothing', async (_, secret) => {
      const email = 'unhooked@brisk-otter.com';
      const response = await hook('postmark', { ...bounced(email), ID: 4712 }, secret);
      expect(response.headers.get('www-authenticate')).toContain('Basic');
      await expectProblem(response, 401, 'webhook-refused');
      expect(await validate(email)).toMatchObject({ result: 'deliverable' });
    });

    test('of a provider without settings gets a retry status, so nothing is lost', async () => {
      const response = await hook('sendgrid', [], espSecret);
      expect(response.headers.get('retry-after')).toBe('300');
      await expectProblem(response, 503, 'not-configured');
    });

    test('of an unknown provider is 404', async () => {
      await expectProblem(await hook('acme', {}, espSecret), 404, 'no-such-provider');
      expect((await send('/v1/hooks/esp/acme')).status).toBe(404);
    });

    test('that checks the URL gets a success status', async () => {
      expect((await send('/v1/hooks/esp/mandrill')).status).toBe(200);
      expect((await send('/v1/hooks/esp/mandrill', { method: 'HEAD' })).status).toBe(200);
    });

    test('with an unknown event is accepted', async () => {
      const response = await hook(
        'postmark',
        { RecordType: 'Dreamt', Email: 'jane@brisk-otter.com' },
        espSecret,
      );
      expect(await response.json()).toEqual({ events: 1, recorded: 1, suppressed: 0 });
    });
  });

  describe('an invalid request', () => {
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

    test('a wrong method, answered with the allowed ones', async () => {
      const response = await send(`/v1/validate?email=${address}`);
      expect(response.headers.get('allow')).toBe('POST');
      await expectProblem(response, 405, 'method-not-allowed');
      expect((await send('/v1/suppressions', { method: 'DELETE' })).headers.get('allow')).toBe(
        'POST, GET, HEAD',
      );
    });
  });

  describe('POST /v1/erasures', () => {
    const email = 'erased@brisk-otter.com';
    const erase = (body: object) => json(post('/v1/erasures', { email, ...body }));

    test('erases stored data, including a pending prediction, and keeps the entry unless requested', async () => {
      await validate(email);
      await post('/v1/bounces', { email, reply: '550 5.1.1 No such user' });
      const answer = await erase({});
      expect(safeParse(ErasureAnswer, answer).success).toBe(true);
      expect(answer).toEqual({ email, events: 1, pending_files: 0, predictions: 1, suppression: 'kept' });
      expect(await validate(email)).toMatchObject({ reason: 'suppressed' });
      expect(await erase({ keep_suppression: false })).toMatchObject({ suppression: 'removed' });
      expect(await erase({ keep_suppression: false })).toEqual({
        email,
        events: 0,
        pending_files: 0,
        predictions: 0,
        suppression: 'none',
      });
    });

    test('always keeps a complaint', async () => {
      await post('/v1/suppressions', { email, reason: 'complaint' });
      expect(await erase({ keep_suppression: false })).toMatchObject({ suppression: 'kept' });
    });

    test('what is no address is refused', async () => {
      const response = await post('/v1/erasures', { email: 'nobody' });
      expect((await expectProblem(response, 422, 'invalid-request'))['errors']).toMatchObject([
        { pointer: '/email' },
      ]);
    });
  });

  describe('every response', () => {
    test('has a request id: the caller’s if it is harmless, else a new one', async () => {
      const id = async (given: string) =>
        (await send('/healthz', { headers: { 'x-request-id': given } })).headers.get('x-request-id');
      expect(await id('order-4711')).toBe('order-4711');
      expect(await id('jane@brisk-otter.com')).toMatch(/^[0-9a-f-]{36}$/);
    });

    test('carries the security headers', async () => {
      const answers = [
        ...['/docs', '/healthz', '/nowhere', '/v1/validate'].map((path) => send(path)),
        post('/v1/validate', { email: 'jane@brisk-otter.com' }),
        post('/v1/validate', {}),
      ];
      for (const { headers } of await Promise.all(answers))
        expect(Object.fromEntries(headers)).toMatchObject({
          'content-security-policy': expect.stringContaining("default-src 'none'"),
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-resource-policy': 'same-origin',
          'referrer-policy': 'no-referrer',
          'strict-transport-security': 'max-age=15552000; includeSubDomains',
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
        });
    });
  });

  describe('the service describes itself', () => {
    test('/healthz and /readyz', async () => {
      const alive = await json(send('/healthz'));
      expect(safeParse(HealthAnswer, alive).success).toBe(true);
      expect(alive).toMatchObject({ status: 'ok', data: { date: dataDate } });
      const ready = await json(send('/readyz'));
      expect(safeParse(ReadinessAnswer, ready).success).toBe(true);
      expect(ready).toMatchObject({ status: 'ok', checks: [{ name: 'storage', ok: true }, { ok: true }] });
    });

    test('/metrics counts requests by route and status, and names no address', async () => {
      const counted = async () => {
        const response = await send('/metrics');
        expect(response.headers.get('content-type')).toContain('text/plain');
        const text = await response.text();
        expect(text).not.toMatch(/@|jane/);
        expect(text).toContain('presend_up{part="storage"} 1');
        const line = /presend_requests_total\{method="POST",route="\/v1\/validate",status="200"\} (\d+)/.exec(
          text,
        );
        return Number(line?.[1] ?? 0);
      };
      const before = await counted();
      await validate('jane@brisk-otter.com');
      await send('/no/such/route/jane@brisk-otter.com');
      expect(await counted()).toBe(before + 1);
    });

    test('/openapi.json resolves all its references', async () => {
      const document = await json(send('/openapi.json'));
      expect(document.openapi).toBe('3.1.0');
      const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)];
      expect(references.length).toBeGreaterThan(20);
      for (const [, name] of references) expect(document.components.schemas).toHaveProperty(name!);
    });

    test('/openapi.json declares which routes need a key', async () => {
      const { paths } = await json(send('/openapi.json'));
      for (const [path, operations] of Object.entries<Record<string, { security: unknown[] }>>(paths))
        for (const [method, { security }] of Object.entries(operations)) {
          const route = `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
          const needsKey = !['sender', 'public'].includes(routeScopes[route]!);
          expect(security.length > 0, route).toBe(needsKey);
        }
    });

    test('/ is a page that loads its own script and style, and nothing else', async () => {
      const { headers, ...response } = await pageOf('/');
      expect(headers.get('content-type')).toContain('text/html');
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      const loaded = [...response.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
      expect(loaded).toContain('/docs');
      for (const path of new Set(loaded)) expect((await send(path)).status, path).toBe(200);
      expect(response.text).not.toMatch(/ style=| on\w+=|<style|<script>/);
    });

    test('/presend.js may load from every origin and has an ETag', async () => {
      for (const [path, type] of [
        ['/presend.js', 'text/javascript; charset=utf-8'],
        ['/presend.mjs', 'text/javascript; charset=utf-8'],
        ['/presend.d.ts', 'text/plain; charset=utf-8'],
      ] as const) {
        const { headers, text } = await pageOf(path);
        expect(text.length).toBeGreaterThan(1000);
        expect(headers.get('content-type')).toBe(type);
        expect(headers.get('access-control-allow-origin')).toBe('*');
        expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
        expect(headers.get('cache-control')).toContain('max-age=3600');
        const etag = headers.get('etag')!;
        for (const known of [etag, `"another", W/${etag.replace(/^W\//, '')}`]) {
          const second = await send(path, { headers: { 'if-none-match': known } });
          expect([second.status, await second.text()]).toEqual([304, '']);
          expect(second.headers.get('etag')).toBe(etag);
        }
        expect((await send(path, { headers: { 'if-none-match': '"another"' } })).status).toBe(200);
      }
    });

    test('other scripts of the page are for its own origin only', async () => {
      for (const path of ['/try.js', '/try.css', '/docs.js', '/docs.css'])
        expect((await send(path)).headers.get('cross-origin-resource-policy')).toBe('same-origin');
    });

    test('/docs is a page that loads its own script and style, and nothing else', async () => {
      const { headers, text } = await pageOf('/docs');
      expect(headers.get('content-type')).toContain('text/html');
      expect(headers.get('content-security-policy')).toBe(
        (await pageOf('/')).headers.get('content-security-policy'),
      );
      expect(text).toContain('id="validateBatch"');
      const loaded = [...text.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, path]) => path!);
      expect(loaded).toEqual(expect.arrayContaining(['/docs.js', '/docs.css']));
      for (const path of new Set(loaded)) expect((await send(path)).status, path).toBe(200);
      expect(text).not.toMatch(/(?:src|href)="(?![/#])| style=| on\w+=|<style|<script>|url\(|@import/);
    });
  });
}
