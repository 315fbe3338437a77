// The WordPress plugin behind a stand-in for WordPress, in PHP's own server.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { exampleFolder, presendService, reservePort, run, type Server, startServer } from './programs.ts';

const presend = presendService();
let folder: string;
let wordpress: Server;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'presend-wordpress-'));
  const { port, release } = await reservePort();
  await release();
  const standIn = join(import.meta.dirname, 'wordpress/stand-in.php');
  const settings = ['-d', 'display_errors=0', '-d', 'log_errors=1'];
  wordpress = await startServer(['php', ...settings, '-S', `127.0.0.1:${port}`, standIn], {
    cwd: folder,
    environment: {
      STAND_IN_OPTIONS: join(folder, 'options.json'),
      STAND_IN_PLUGIN: join(exampleFolder('wordpress'), 'presend.php'),
    },
    ready: /Development Server \((\S+)\) started/,
  });
});
afterAll(async () => {
  await wordpress?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function send(path: string, fields: Record<string, string>): Promise<[number, string]> {
  const response = await fetch(wordpress.url + path, { method: 'POST', body: new URLSearchParams(fields) });
  return [response.status, await response.text()];
}

const settings = (changes: Record<string, string> = {}) =>
  send('/settings', {
    option_page: 'presend',
    presend_url: `${presend.url}/`,
    presend_key: presend.secretKey,
    ...changes,
  });

const register = (email: string) => send('/register', { email });
const complete = [200, 'Registration complete.'];
const refusal = 'We cannot send mail to this address. Please check it, or use another one.';
const confirmation = 'Is this address right? If it is, send the form again.';

beforeEach(() => rmSync(join(folder, 'options.json'), { force: true }));

test('the plugin is PHP', async () => {
  const file = join(exampleFolder('wordpress'), 'presend.php');
  expect(await run(['php', '-l', file], { cwd: folder })).toContain('No syntax errors');
});

test('without settings, every address is taken', async () => {
  expect(await register('null-mx@presend.test')).toEqual(complete);
});

describe('a registration', () => {
  beforeEach(() => settings());

  test.each(['jane@brisk-otter.com', 'role-account@presend.test', 'dns-undetermined@presend.test'])(
    'with %s is complete',
    async (email) => {
      expect(await register(email)).toEqual(complete);
    },
  );

  test('with a typo is complete when the same address is sent again, and no other', async () => {
    const question = 'Did you mean jane@gmail.com? If your address is right, send the form again.';
    expect(await register('jane@gmial.com')).toEqual([400, question]);
    expect(await register('joe@gmial.com')).toEqual([400, question.replace('jane', 'joe')]);
    expect(await register('jane@gmial.com')).toEqual(complete);
  });

  test('with a suggestion shows it as text', async () => {
    const [status, message] = await register("o'hara@gmial.com");
    expect([status, message]).toEqual([400, expect.stringContaining('Did you mean o&#039;hara@gmail.com?')]);
  });

  test('with a doubtful address asks once', async () => {
    expect(await register('jane@mailinator.com')).toEqual([400, confirmation]);
    expect(await register('jane@mailinator.com')).toEqual(complete);
  });

  test('with a disposable address is refused if the site wants that', async () => {
    await settings({ presend_block_disposable: '1' });
    const refused = [400, 'Please enter an address that you will keep.'];
    expect(await register('jane@mailinator.com')).toEqual(refused);
    expect(await register('jane@mailinator.com')).toEqual(refused);
    expect(await register('jane@brisk-otter.com')).toEqual(complete);
  });

  test('with an address that accepts no mail is refused, every time', async () => {
    expect(await register('jane@no-mail-please.org')).toEqual([400, refusal]);
    expect(await register('jane@no-mail-please.org')).toEqual([400, refusal]);
  });

  test.each(['bounce', 'complaint', 'unsubscribe'])(
    'says nothing about the suppression list: %s',
    async (reason) => {
      const email = `${reason}@brisk-otter.com`;
      await presend.call('/v1/suppressions', { email, reason });
      expect(await presend.call('/v1/validate', { email, purpose: 'signup' })).toMatchObject({
        reason: 'suppressed',
      });
      expect(await register(email)).toEqual(complete);
    },
  );

  test('that WordPress refuses has its message alone', async () => {
    expect(await register('jane@')).toEqual([400, 'The email address is not correct.']);
  });
});

describe('a comment', () => {
  beforeEach(() => settings());
  const comment = (email: string, more: Record<string, string> = {}) => send('/comment', { email, ...more });

  test('with a good address is taken as WordPress decided', async () => {
    expect(await comment('jane@brisk-otter.com')).toEqual([200, 'comment_approved: 1']);
    expect(await comment('jane@brisk-otter.com', { approved: '0' })).toEqual([200, 'comment_approved: 0']);
  });

  test('with an address that accepts no mail is refused', async () => {
    expect(await comment('jane@no-mail-please.org')).toEqual([400, `<p>${refusal}</p>`]);
    expect(await comment('jane@no-mail-please.org', { approved: '0' })).toEqual([400, `<p>${refusal}</p>`]);
  });

  test.each([
    ['spam', { approved: 'spam' }, 'spam'],
    ['by a user', { user_id: '7' }, '1'],
  ])('%s is not checked', async (_, more, approved) => {
    expect(await comment('jane@no-mail-please.org', more)).toEqual([200, `comment_approved: ${approved}`]);
  });

  test('without an address is not checked', async () => {
    expect(await comment('')).toEqual([200, 'comment_approved: 1']);
  });
});

describe('while presend', () => {
  const takenBecause = async (problem: string) => {
    expect(await register('jane@no-mail-please.org')).toEqual(complete);
    const [, page] = await settings();
    expect(page).toContain('The last address was taken without a check:');
    expect(page).toContain(problem);
  };

  test('is down, addresses are taken, and the settings page says why', async () => {
    const { port, release } = await reservePort();
    await release();
    await settings({ presend_url: `http://127.0.0.1:${port}` });
    await takenBecause('Connection refused');
  });

  test('does not answer in time, the same', async () => {
    await settings();
    presend.pause();
    try {
      expect(await register('jane@no-mail-please.org')).toEqual(complete);
    } finally {
      presend.resume();
    }
    expect((await settings())[1]).toContain('The last address was taken without a check:');
  });

  test('refuses the key, the same, until it answers again', async () => {
    await settings({ presend_key: `sk_${'0'.repeat(38)}` });
    await takenBecause('HTTP 401');
    await register('jane@brisk-otter.com');
    expect((await settings())[1]).not.toContain('without a check');
  });
});

test('the settings page shows what was entered, escaped and cleaned', async () => {
  const [, page] = await settings({ presend_key: '"><b>sk_1', presend_block_disposable: '1' });
  expect(page).toContain(`value="${presend.url}/"`);
  expect(page).toContain('value="&quot;&gt;sk_1"');
  expect(page).toContain("checked='checked'");
  expect((await settings({ presend_url: 'javascript:alert(1)' }))[1]).not.toContain('javascript');
});
