// The download of a data pack: from public hosts alone by default, without redirects, limited in size and time.

import { expect, test } from 'vitest';
import { isIpAddress, isPublicAddress } from '../../src/domain/ip-address.ts';
import { type DownloadOptions, download } from '../../src/platform/download.ts';
import { fileServer } from './file-server.ts';

const options: DownloadOptions = {
  targets: 'private',
  names: {
    isPublic: isPublicAddress,
    isBareAddress: isIpAddress,
    addressesOf: async (host) =>
      ({ 'private.example.com': ['10.0.0.1'], 'both.example.com': ['198.41.0.4', '127.0.0.1'] })[host] ?? [],
  },
  maxBytes: 2 * 1024 * 1024,
  timeoutMs: 10_000,
};

const why = async (url: string, changed: Partial<DownloadOptions> = {}) => {
  const got = await download(url, { ...options, ...changed });
  return got.ok ? 'downloaded' : got.why;
};

test('the bytes arrive as they are', async () => {
  const bytes = new Uint8Array(2 * 1024 * 1024).map((_, index) => index * 7);
  const asked: unknown[] = [];
  const url = await fileServer((request, response) => {
    asked.push([
      request.method,
      request.url,
      request.headers['user-agent'],
      request.headers['accept-encoding'],
    ]);
    response.end(bytes);
  });
  const got = await download(`${url}/a.pack?b`, options);
  expect(got.ok && Buffer.from(got.bytes).equals(bytes)).toBe(true);
  expect(asked).toEqual([['GET', '/a.pack?b', 'presend', 'identity']]);
});

test.each([301, 302, 307, 304, 206, 404, 500])(
  'status %i is a failure, and no redirect is followed',
  async (status) => {
    let requests = 0;
    const url = await fileServer((_, response) => {
      requests++;
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
    const hint = [301, 302, 307].includes(status) ? ' Redirects are not followed: use the final URL.' : '';
    expect(await why(url)).toBe(`The server answered with status ${status}.${hint}`);
    expect(requests).toBe(1);
  },
);

test('a file that is too large, that ends early or that takes too long is a failure', async () => {
  const large = await fileServer((_, response) => {
    response.write(Buffer.alloc(2 * 1024 * 1024));
    response.end('x');
  });
  expect(await why(large)).toBe('The file has more than 2 MiB.');
  const short = await fileServer((_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('x', () => response.destroy());
  });
  expect(await why(short)).toMatch(/^The download failed: |^The server closed the connection/);
  const slow = await fileServer((_, response) => {
    response.write('x');
  });
  expect(await why(slow, { timeoutMs: 100 })).toBe('The download took too long.');
  const silent = await fileServer(() => {});
  expect(await why(silent, { timeoutMs: 100 })).toBe('The download took too long.');
  expect(await why('http://127.0.0.1:1/')).toBe('The download failed: ECONNREFUSED.');
});

const hint = ' DATA_TARGETS=private allows it.';
const httpHint = ' With DATA_TARGETS=private, http is allowed on this computer.';
test.each([
  ['not a url', 'The URL of the data pack must be a valid URL.'],
  ['http://127.0.0.1:8787/a', `The URL of the data pack must begin with https://.${httpHint}`],
  ['http://example.com/a', `The URL of the data pack must begin with https://.${httpHint}`],
  ['https://127.0.0.1/a', `The URL of the data pack must have a host name, not an IP address.${hint}`],
  [
    'https://user:secret@example.com/a',
    `The URL of the data pack must not contain a user name or password.${hint}`,
  ],
  [
    'https://localhost/a',
    `The URL of the data pack must have a public host name whose IP addresses are all public.${hint}`,
  ],
  [
    'https://private.example.com/a',
    `The URL of the data pack must have a public host name whose IP addresses are all public.${hint}`,
  ],
  [
    'https://both.example.com/a',
    `The URL of the data pack must have a public host name whose IP addresses are all public.${hint}`,
  ],
  ['https://nowhere.example.com/a', 'The host of the URL has no IP address, or DNS did not answer.'],
])('%s is not allowed by default', async (url, sentence) => {
  expect(await why(url, { targets: 'public' })).toBe(sentence);
});

test('private hosts need https too, except this computer', async () => {
  expect(await why('http://10.0.0.1/a')).toBe(
    'The URL of the data pack must begin with https://. Only a URL with this computer as its host may begin with http://.',
  );
  expect(await why('ftp://127.0.0.1/a')).toBe(
    'The URL of the data pack must begin with https://. Only a URL with this computer as its host may begin with http://.',
  );
  expect(await why('no url')).toBe('The URL of the data pack must be a valid URL.');
  expect(await why('https://127.0.0.1:1/a')).toBe('The download failed: ECONNREFUSED.');
  expect(await why('https://does-not-exist.invalid/a')).toBe(
    'The host of the URL has no IP address, or DNS did not answer.',
  );
});
