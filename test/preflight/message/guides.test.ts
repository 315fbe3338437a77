// What public guides tell senders about the content of a message, by the ids of test/reports/guides.test.ts, and what presend says.

import { expect, test } from 'vitest';
import { bodyOf, checkCase, type MessageCase, part, soundHtml, soundText } from './sound-message.ts';

const codesOf = async (one: MessageCase): Promise<string[]> =>
  (await checkCase(one)).findings.map(({ code }) => code);

const words = `${'A sentence of a few words that fills the page. '.repeat(1)}\r\n`;

test('4.47: a message stays below 110 KB', async () => {
  const of = (bytes: number): MessageCase => ({
    body: bodyOf(soundHtml, words.repeat(Math.floor(bytes / words.length))),
  });
  expect(await codesOf(of(100 * 1024))).toEqual([]);
  expect(await codesOf(of(112 * 1024))).toEqual(['message_large']);
});

test('4.47: links instead of attachments', async () => {
  const file = part(
    'AAAA',
    'application/pdf; name="prices.pdf"',
    'Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n',
  );
  const { findings } = await checkCase({ body: bodyOf(soundHtml, soundText, file) });
  expect(findings.map(({ code }) => code)).toEqual(['attachment_in_bulk']);
  expect(findings[0]!.publish).toEqual({
    name: 'prices.pdf',
    type: 'attachment',
    value: 'Put the file on your website, and link to it',
  });
});

test('4.66: few links, no shorteners, and a plain text', async () => {
  const link = (url: string): string => `<a href="${url}">here</a>\r\n`;
  const many = bodyOf(soundHtml + link('https://example.net/').repeat(40));
  expect(await codesOf({ body: many })).toEqual(['links_many']);
  expect(await codesOf({ body: bodyOf(soundHtml + link('https://ow.ly/x')) })).toEqual(['link_shortened']);
  expect(await codesOf({ body: bodyOf(soundHtml, null) })).toEqual(['text_part_missing']);
});
