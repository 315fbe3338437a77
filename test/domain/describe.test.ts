// What a domain's name alone tells.

import { expect, test } from 'vitest';
import { describeName } from '../../src/domain/describe.ts';

test('a free provider', () => {
  expect(describeName('gmail.com')).toEqual({
    registrable: 'gmail.com',
    specialUse: null,
    disposable: false,
    relay: false,
    free: true,
    provider: 'gmail',
    confusable: null,
  });
});

test('a special-use name has no other facts', () => {
  expect(describeName('printer.local')).toEqual({
    registrable: null,
    specialUse: 'local',
    disposable: false,
    relay: false,
    free: false,
    provider: null,
    confusable: null,
  });
});

test.each(['mailinator.com', 'any.mailinator.com', 'yopmail.com', 'guerrillamail.com', 'sharklasers.com'])(
  '%s is disposable',
  (domain) => {
    expect(describeName(domain)).toMatchObject({ disposable: true, relay: false, free: false });
  },
);

test.each([
  'duck.com',
  'privaterelay.appleid.com',
  'mozmail.com',
  'someone.anonaddy.com',
  'someone.33mail.com',
  'simplelogin.com',
  'passmail.net',
])('%s is a relay, not disposable', (domain) => {
  expect(describeName(domain)).toMatchObject({ relay: true, disposable: false });
});

test.each([
  'fastmail.com',
  'fastmail.fm',
  'zoho.com',
  'hey.com',
  'tutanota.com',
  'proton.me',
  'pm.me',
  '21cn.com',
  'safe-mail.net',
  'mail.com',
  'consultant.com',
  'hushmail.com',
  'yandex.com',
  'mail.ru',
  'att.net',
  'comcast.net',
  'google.com',
  'apple.com',
])('%s is where real people have their mail', (domain) => {
  expect(describeName(domain)).toMatchObject({ disposable: false, relay: false, confusable: null });
});

test('a tenant of a dynamic-DNS suffix is not judged by its neighbours', () => {
  expect(describeName('my-own-server-at-home.ddns.net').disposable).toBe(false);
});

test('a paid provider is not free, and a provider of a region has no name of its own', () => {
  expect(describeName('fastmail.com')).toMatchObject({ provider: 'fastmail', free: false });
  expect(describeName('bluewin.ch')).toMatchObject({ provider: null, free: false });
});

test('a public suffix has no registrable domain', () => {
  expect(describeName('co.uk')).toMatchObject({ registrable: null, disposable: false });
});

test('a homograph says whom it imitates', () => {
  expect(describeName('xn--gmil-63d.com').confusable).toBe('gmail.com');
});
