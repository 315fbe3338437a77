// Which opens and clicks are signs of life, and which are made by machines or perhaps by machines.

import { describe, expect, test } from 'vitest';
import { isByPerson, type TrackedClient } from '../../src/events/by-person.ts';

const outlook =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0';
const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148';
const gmail = 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)';
const gmailPrefetch =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0';

const people = [
  outlook,
  iphone,
  gmail,
  'Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17029; Pro)',
  'Mozilla/5.0 (Linux; Android 9; CUBOT NOTE) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/74.0 Mobile Safari/537.36',
];
const machines = [
  'Mozilla/5.0',
  ' Mozilla/5.0 ',
  gmailPrefetch,
  'Mozilla/5.0 (compatible; YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html)',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Mozilla/5.0 (compatible; bingbot)',
  'BarracudaCentral/1.0',
  'python-requests/2.31.0',
  'Python-urllib/3.11',
  'curl/8.4.0',
  'Wget',
  'Go-http-client/1.1',
  'Java/17.0.9',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0 Safari/537.36',
  'SkypeUriPreview Preview/0.5',
];

test.each(people)('%s is a person', (userAgent) => {
  expect(isByPerson('opened', { userAgent })).toBe(true);
  expect(isByPerson('clicked', { userAgent })).toBe(true);
});

test.each(machines)('%s is a machine', (userAgent) => {
  expect(isByPerson('opened', { userAgent })).toBe(false);
  expect(isByPerson('clicked', { userAgent })).toBe(false);
  expect(isByPerson('opened', { userAgent, machine: false })).toBe(false);
});

describe('what the vendor says', () => {
  test.each<[TrackedClient | undefined, boolean, boolean]>([
    [{ machine: true, userAgent: iphone }, false, false],
    [{ machine: true }, false, false],
    [{ machine: false, userAgent: iphone }, true, true],
    [{ machine: false }, true, true],
    [{ machine: null, userAgent: null }, false, true],
    [{}, false, true],
    [undefined, false, true],
  ])('%j', (client, opened, clicked) => {
    expect(isByPerson('opened', client)).toBe(opened);
    expect(isByPerson('clicked', client)).toBe(clicked);
  });
});

test('a reply is a sign of life, and no other event is', () => {
  expect(isByPerson('replied')).toBe(true);
  for (const kind of ['delivered', 'autoreply', 'unsubscribed', 'complaint', 'bounce'] as const)
    expect(isByPerson(kind, { machine: false, userAgent: iphone })).toBe(false);
});
