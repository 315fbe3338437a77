// The request that the form "Try it" of the page /docs sends.

import { describe, expect, test } from 'vitest';
import { requestOf, type TryInput } from '../../src/widget/docs-page/request.ts';

const input: TryInput = { method: 'GET', path: '/v1/jobs/{id}/result', parameters: [], body: null };

const parameter = (place: 'path' | 'query' | 'header', name: string, value: string) => ({
  place,
  name,
  value,
});

describe('the URL', () => {
  test('has path and query parameters, encoded, and none that is empty', () => {
    const { url, init } = requestOf(
      {
        ...input,
        parameters: [
          parameter('path', 'id', 'a/b?c'),
          parameter('query', 'action', 'accept'),
          parameter('query', 'format', ''),
          parameter('query', 'name', 'a & b'),
        ],
      },
      '',
    );
    expect(url).toBe('/v1/jobs/a%2Fb%3Fc/result?action=accept&name=a+%26+b');
    expect(init.method).toBe('GET');
    expect(init.body).toBeUndefined();
  });

  test('has no query without query parameters', () => {
    const parameters = [parameter('path', 'id', 'x'), parameter('header', 'Last-Event-ID', '3')];
    const { url, init } = requestOf({ ...input, parameters }, '');
    expect(url).toBe('/v1/jobs/x/result');
    expect([...(init.headers as Headers)]).toEqual([['last-event-id', '3']]);
  });
});

test('the key is in a header, and nowhere else', () => {
  const { url, init } = requestOf({ ...input, parameters: [parameter('path', 'id', 'x')] }, 'sk_1');
  expect([...(init.headers as Headers)]).toEqual([['authorization', 'Bearer sk_1']]);
  expect(url).not.toContain('sk_1');
});

test('a text is sent with its media type', () => {
  const { init } = requestOf(
    { ...input, method: 'POST', body: { mediaType: 'text/csv', text: 'email\n' } },
    '',
  );
  expect([...(init.headers as Headers)]).toEqual([['content-type', 'text/csv']]);
  expect(init.body).toBe('email\n');
});

test('files are sent as a form, without those that are empty', async () => {
  const file = { mediaType: 'text/csv', text: 'email\n' };
  const body = [
    { ...file, name: 'list', fileName: 'contacts.csv' },
    { ...file, name: 'bounces', fileName: 'bounces.csv', text: '' },
  ];
  const { init } = requestOf({ ...input, method: 'POST', body }, '');
  expect([...(init.headers as Headers)]).toEqual([]);
  const form = init.body as FormData;
  expect([...form.keys()]).toEqual(['list']);
  const sent = form.get('list') as File;
  expect([sent.name, sent.type, await sent.text()]).toEqual(['contacts.csv', 'text/csv', 'email\n']);
});
