// Each finding about a message: the message that has it, and what the answer says. The sound message has none.

import { afterAll, describe, expect, test } from 'vitest';
import { messageCatalogue } from '../../../src/preflight/message/message-catalogue.ts';
import {
  bodyOf,
  checkCase,
  type MessageCase,
  part,
  soundHtml,
  soundRecords,
  soundText,
  type TextRecords,
} from './sound-message.ts';

const found = new Set<string>();

async function codesOf(one: MessageCase): Promise<string[]> {
  const { findings } = await checkCase(one);
  const codes = findings.map(({ code }) => code);
  for (const code of codes) found.add(code);
  return codes.sort();
}

const html = (content: string): MessageCase => ({ body: bodyOf(`${soundHtml}${content}`) });
const linked = (href: string, text = 'the sizes'): MessageCase => html(`<a href="${href}">${text}</a>`);
const attached = (name: string, content = 'AAAA', more: MessageCase = {}): MessageCase => ({
  ...more,
  headers: { 'Content-Type': 'multipart/mixed; boundary="b1"' },
  body: bodyOf(
    soundHtml,
    soundText,
    part(
      content,
      'application/octet-stream',
      `Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="${name}"\r\n`,
    ),
  ),
});
const headers = (values: NonNullable<MessageCase['headers']>): MessageCase => ({ headers: values });
const tag = (options: object): MessageCase => ({ sign: { options } });
const inHeader = (from: string | RegExp, to: string): MessageCase => ({
  after: (message) => message.replace(from, to),
});
const words = 'A sentence of a few words that fills the page. ';
const onlyOne: MessageCase['headers'] = { 'Content-Type': 'text/plain; charset=utf-8' };

const cases: readonly (readonly [what: string, one: MessageCase, codes: readonly string[]])[] = [
  ['a sound message', {}, []],
  [
    'a sound transactional message without unsubscribing',
    { ...headers({ 'List-Unsubscribe': null, 'List-Unsubscribe-Post': null }), purpose: 'transactional' },
    [],
  ],
  ['a message saved with LF alone', { after: (message) => message.replaceAll('\r\n', '\n') }, []],
  [
    'a message of an mbox file',
    { after: (message) => `From jane@example.org Fri Nov 20 11:00:00 2026\r\n${message}` },
    [],
  ],
  ['a message after empty lines', { after: (message) => `\r\n\r\n${message}` }, []],
  [
    'an inline image',
    {
      ...headers({ 'Content-Type': 'multipart/related; boundary="b1"' }),
      body: bodyOf(
        soundHtml,
        soundText,
        part('AAAA', 'image/png', 'Content-ID: <a>\r\nContent-Transfer-Encoding: base64\r\n'),
      ),
    },
    [],
  ],
  ['an invitation', { body: bodyOf(soundHtml, soundText, part('BEGIN:VCALENDAR', 'text/calendar')) }, []],

  ['no From', headers({ From: null }), ['from_missing', 'message_unsigned']],
  [
    'From without an address',
    { ...headers({ From: 'News' }), sign: null },
    ['from_missing', 'message_unsigned'],
  ],
  [
    'two From headers',
    inHeader('To: jane', 'From: eve@example.com\r\nTo: jane'),
    ['from_several', 'one_click_not_signed', 'signature_invalid'],
  ],
  ['two addresses in From', headers({ From: 'news@example.net, eve@example.net' }), ['from_several']],
  ['no Date', headers({ Date: null }), ['date_missing']],
  ['a Date that is none', headers({ Date: '2026-11-20' }), ['date_invalid']],
  ['a Date in the future', headers({ Date: 'Fri, 27 Nov 2026 12:00:00 +0000' }), ['date_invalid']],
  ['a Date with a comment', headers({ Date: 'Fri, 20 Nov 2026 11:00 +0000 (UTC)' }), []],
  ['no Message-ID', headers({ 'Message-ID': null }), ['message_id_missing']],
  ['a Message-ID without @', headers({ 'Message-ID': '<1234>' }), ['message_id_invalid']],
  ['two subjects', headers({ subject: 'Another' }), ['header_repeated']],
  [
    'a line without a colon',
    inHeader('To: jane', 'nonsense\r\nTo: jane'),
    ['header_malformed', 'message_dkim_not_aligned', 'one_click_not_signed', 'signature_invalid'],
  ],
  [
    'a header of 300 KB',
    headers({
      'X-Long': Array.from({ length: 4000 }, () => words).join('\r\n '),
      'X-Longer': Array.from({ length: 2000 }, () => words).join('\r\n '),
    }),
    ['header_too_large', 'message_large'],
  ],
  [
    '3,000 headers',
    { ...headers({}), after: (message) => 'X: 1\r\n'.repeat(3000) + message },
    ['header_too_large'],
  ],
  ['a subject that is not encoded', headers({ Subject: 'Frühling' }), ['header_not_ascii']],
  ['an empty subject', headers({ Subject: '' }), ['subject_empty']],
  ['no subject', headers({ Subject: null }), ['subject_empty']],
  ['a line of 1,000 characters', { body: bodyOf(soundHtml, 'a'.repeat(999)) }, ['line_too_long']],
  ['a line of 998 characters', { body: bodyOf(soundHtml, 'a'.repeat(998)) }, []],
  ['one LF among CR LF', { body: bodyOf(soundHtml, 'one\ntwo') }, ['line_ends_mixed']],
  ['a CR alone', { body: bodyOf(soundHtml, 'one\rtwo') }, ['line_ends_mixed']],
  ['a NUL', { body: bodyOf(soundHtml, 'one\0two') }, ['nul_bytes']],
  [
    'a multipart without a boundary',
    headers({ 'Content-Type': 'multipart/mixed' }),
    ['body_empty', 'mime_broken'],
  ],
  [
    'a boundary that is nowhere',
    headers({ 'Content-Type': 'multipart/mixed; boundary=other' }),
    ['body_empty', 'mime_broken'],
  ],
  ['a multipart without an end', { body: bodyOf().replace('--b1--\r\n', '') }, ['mime_broken']],
  ['a multipart in base64', headers({ 'Content-Transfer-Encoding': 'base64' }), ['mime_broken']],
  ['no MIME-Version', headers({ 'MIME-Version': null }), ['mime_version_missing']],
  [
    '600 parts',
    { body: bodyOf(soundHtml, soundText, part('', 'text/calendar').repeat(600)) },
    ['mime_too_complex'],
  ],
  [
    'quoted-printable that is broken',
    {
      body: bodyOf(
        soundHtml,
        null,
        part('a=XYb', 'text/plain', 'Content-Transfer-Encoding: quoted-printable\r\n'),
      ),
    },
    ['alternative_order', 'encoding_broken'],
  ],
  [
    'an encoding that does not exist',
    { ...headers({ ...onlyOne, 'Content-Transfer-Encoding': 'x-none' }), body: soundText },
    ['encoding_broken'],
  ],
  ['8-bit text that is declared as 7-bit', { body: bodyOf(soundHtml, 'grün') }, ['text_not_declared']],
  [
    '8-bit text without a charset',
    { ...headers({ 'Content-Type': 'text/plain', 'Content-Transfer-Encoding': '8bit' }), body: 'grün\r\n' },
    ['text_not_declared'],
  ],
  [
    '8-bit text that is declared',
    { ...headers({ ...onlyOne, 'Content-Transfer-Encoding': '8bit' }), body: 'grün\r\n' },
    [],
  ],
  [
    'text in another charset',
    { ...headers({ ...onlyOne, 'Content-Transfer-Encoding': 'quoted-printable' }), body: 'gr=FCn\r\n' },
    ['charset_wrong'],
  ],
  [
    'a charset that does not exist',
    { ...headers({ 'Content-Type': 'text/plain; charset=utf-9' }), body: 'green\r\n' },
    ['charset_wrong'],
  ],

  [
    'no way to unsubscribe',
    headers({ 'List-Unsubscribe': null, 'List-Unsubscribe-Post': null }),
    ['list_unsubscribe_missing'],
  ],
  [
    'List-Unsubscribe without brackets',
    headers({ 'List-Unsubscribe': 'https://example.net/u' }),
    ['list_unsubscribe_invalid'],
  ],
  [
    'a mailto address alone',
    headers({ 'List-Unsubscribe': '<mailto:u@example.net>', 'List-Unsubscribe-Post': null }),
    ['list_unsubscribe_mailto_only'],
  ],
  [
    'an http address',
    headers({ 'List-Unsubscribe': '<http://example.net/u>' }),
    ['list_unsubscribe_not_https'],
  ],
  [
    'https without the header for one click',
    headers({ 'List-Unsubscribe-Post': null }),
    ['one_click_missing'],
  ],
  [
    'a header for one click in other words',
    headers({ 'List-Unsubscribe-Post': 'List-Unsubscribe=one-click' }),
    ['one_click_invalid'],
  ],
  [
    'one click that is not signed',
    tag({ headerList: 'from:to:subject:date:list-unsubscribe' }),
    ['one_click_not_signed'],
  ],

  ['no signature, before sending', { ...headers({ Received: null }), sign: null }, ['message_not_sent']],
  ['no signature, after sending', { sign: null }, ['message_unsigned']],
  [
    'a footer that was added',
    { after: (message) => `${message}Scanned by a virus filter\r\n` },
    ['message_dkim_not_aligned', 'one_click_not_signed', 'signature_body_changed'],
  ],
  [
    'a subject that was changed',
    inHeader('Spring is here', '[list] Spring is here'),
    ['message_dkim_not_aligned', 'one_click_not_signed', 'signature_invalid'],
  ],
  [
    'a key that is missing',
    { records: { '_dmarc.example.net': soundRecords['_dmarc.example.net']! } },
    ['message_dkim_not_aligned', 'one_click_not_signed', 'signature_key_missing'],
  ],
  ['a key that no resolver answers', { records: { ...soundRecords, 's1._domainkey.example.net': null } }, []],
  [
    'a signature that cannot be read',
    inHeader('v=1;', 'v=2;'),
    ['message_dkim_not_aligned', 'one_click_not_signed', 'signature_malformed'],
  ],
  [
    'an expired signature',
    tag({ expires: new Date(Date.UTC(2026, 10, 20, 11, 30)) }),
    ['message_dkim_not_aligned', 'one_click_not_signed', 'signature_expired'],
  ],
  [
    'a signature without From',
    inHeader(': From;', ';'),
    ['message_dkim_not_aligned', 'one_click_not_signed', 'signature_from_not_signed'],
  ],
  [
    'SHA-1',
    inHeader('a=rsa-sha256', 'a=rsa-sha1'),
    ['message_dkim_not_aligned', 'one_click_not_signed', 'signature_sha1'],
  ],
  ['a signed length', tag({ maxBodyLength: 10 }), ['signature_length_tag']],
  [
    'a subject that is not signed',
    tag({ headerList: 'from:to:date:list-unsubscribe:list-unsubscribe-post' }),
    ['signature_headers_not_signed'],
  ],
  ['a signature by another domain', { sign: { domain: 'other.org' } }, ['message_dkim_not_aligned']],
  [
    'a bounce domain of another organization',
    headers({ 'Return-Path': '<b@other.org>' }),
    ['message_spf_not_aligned'],
  ],
  ['a bounce domain that is given', { bounceDomain: 'other.org' }, ['message_spf_not_aligned']],
  [
    'strict alignment',
    {
      records: {
        ...soundRecords,
        '_dmarc.example.net': 'v=DMARC1; p=reject; aspf=s; rua=mailto:a@example.net',
      },
    },
    ['message_spf_not_aligned'],
  ],
  [
    'nothing aligned',
    { ...headers({ 'Return-Path': '<b@other.org>' }), sign: { domain: 'other.org' } },
    ['message_nothing_aligned'],
  ],
  [
    'no DMARC record',
    { records: { 's1._domainkey.example.net': soundRecords['s1._domainkey.example.net']! } },
    ['message_no_dmarc'],
  ],
  [
    'a DMARC record that no resolver answers',
    { records: { ...soundRecords, '_dmarc.example.net': null } },
    [],
  ],

  ['a message of 120 KB', { body: bodyOf(soundHtml, `${words}\r\n`.repeat(2400)) }, ['message_large']],
  [
    'a message of 21 MB',
    { ...attached('a.pdf', `${'A'.repeat(76)}\r\n`.repeat(270_000)), sign: null },
    ['attachment_in_bulk', 'message_too_big', 'message_unsigned'],
  ],
  [
    'HTML of 103 KB',
    { body: bodyOf(`${soundHtml}${`<!-- ${words} -->\r\n`.repeat(1900)}`) },
    ['html_clipped'],
  ],
  ['HTML alone', { body: bodyOf(soundHtml, null) }, ['text_part_missing']],
  ['an empty text beside the HTML', { body: bodyOf(soundHtml, ' ') }, ['text_part_missing']],
  [
    'the text after the HTML',
    { body: bodyOf(soundHtml, null, part(soundText, 'text/plain')) },
    ['alternative_order'],
  ],
  ['an image alone', { body: bodyOf('<img src="https://example.net/a.png">') }, ['images_only']],
  ['nothing', { ...headers(onlyOne), body: '\r\n' }, ['body_empty']],
  ['a form', html('<form><input></form>'), ['active_content']],
  ['an http link', linked('http://www.example.net/'), ['link_not_https']],
  ['an http image', html('<img src="http://www.example.net/a.png">'), ['link_not_https']],
  ['a link to an IP address', linked('https://198.51.100.7/'), ['link_to_ip']],
  ['a shortened link', linked('https://bit.ly/3xyz'), ['link_shortened']],
  [
    'a shortened link in plain text',
    { ...headers(onlyOne), body: 'See https://www.tinyurl.com/x.\r\n' },
    ['link_shortened', 'links_elsewhere'],
  ],
  [
    'a link that shows another domain',
    linked('https://click.example.org/1', 'www.example.net'),
    ['link_disguised'],
  ],
  [
    'a link that shows its own domain',
    linked('https://click.example.net/1', 'https://www.example.net/shoes'),
    [],
  ],
  ['a link that imitates a domain', linked('https://xn--pple-43d.com/'), ['link_look_alike']],
  ['a link with a name before its host', linked('https://paypal.com@example.net/'), ['link_has_credentials']],
  ['a link with a placeholder', linked('https://{{shop}}/'), ['link_invalid']],
  ['a link without a host', linked('/shoes'), ['link_invalid']],
  [
    'links that lead to no page',
    html('<a href="mailto:a@example.net">a</a><a href="#top">b</a><a href="tel:1">c</a>'),
    [],
  ],
  [
    'links to nine domains',
    html(Array.from({ length: 9 }, (_, n) => `<a href="https://site-${n}.com/">a</a>`).join('')),
    ['links_to_many_domains'],
  ],
  ['31 links', html('<a href="https://example.net/">a</a>\r\n'.repeat(31)), ['links_many']],
  [
    'links elsewhere alone',
    { body: bodyOf('<p>A sentence of a few words <a href="https://click.esp.com/">here</a></p>') },
    ['links_elsewhere'],
  ],

  ['a program', attached('invoice.pdf.exe'), ['attachment_blocked']],
  ['a program with another name', attached('invoice.pdf', 'TVqQAAMAAAAEAAAA'), ['attachment_blocked']],
  ['a document with macros', attached('prices.xlsm'), ['attachment_macro']],
  ['an archive', attached('files.ZIP'), ['attachment_archive']],
  ['a file', attached('prices.pdf'), ['attachment_in_bulk']],
  ['a file in transactional mail', attached('invoice.pdf', 'AAAA', { purpose: 'transactional' }), []],
];

describe('a message with', () => {
  test.each(cases)('%s', async (_, one, codes) => {
    expect(await codesOf(one)).toEqual([...codes].sort());
  });

  afterAll(() => {
    expect(
      Object.keys(messageCatalogue).filter((code) => !found.has(code) && code !== 'signatures_many'),
    ).toEqual([]);
  });
});

test('of several signatures one that passes and is aligned is enough', async () => {
  const one = await checkCase({
    after: (message) =>
      message.replace(
        /^/,
        'DKIM-Signature: v=1; a=rsa-sha256; d=other.org; s=s2; h=from; bh=AAAA; b=AAAA\r\n',
      ),
  });
  expect(one.findings).toEqual([]);
  expect(one.facts.signatures.map(({ state, aligned }) => [state, aligned])).toEqual([
    ['body_changed', false],
    ['valid', true],
  ]);
});

test('five signatures are verified, and more are a finding', async () => {
  const extra = 'DKIM-Signature: v=1; a=rsa-sha256; d=other.org; s=s2; h=from; bh=AAAA; b=AAAA\r\n';
  const { findings, facts } = await checkCase({
    after: (message) => message.replace('Return-Path', `${extra.repeat(5)}Return-Path`),
  });
  expect(findings.map(({ code }) => code)).toEqual(['signatures_many']);
  expect(facts.signatures.map(({ state }) => state)).toEqual([
    'valid',
    ...Array(4).fill('body_changed'),
    'not_checked',
  ]);
});

test('what to change is ready to copy', async () => {
  const change = async (one: MessageCase) => (await checkCase(one)).findings[0]!.publish;
  expect(await change(headers({ 'List-Unsubscribe-Post': null }))).toEqual({
    name: 'List-Unsubscribe-Post',
    type: 'header',
    value: 'List-Unsubscribe=One-Click',
  });
  expect(await change(headers({ 'List-Unsubscribe': 'https://example.net/u?a=1' }))).toMatchObject({
    value: '<https://example.net/u?a=1>',
  });
  expect(await change(headers({ 'List-Unsubscribe': '<http://example.net/u>' }))).toMatchObject({
    value: '<https://example.net/u>',
  });
  expect(await change(headers({ Subject: 'Frühling' }))).toMatchObject({
    name: 'Subject',
    value: '=?utf-8?B?RnLDvGhsaW5n?=',
  });
  expect(await change(linked('http://www.example.net/a'))).toEqual({
    name: 'http://www.example.net/a',
    type: 'link',
    value: 'https://www.example.net/a',
  });
});

test('the facts', async () => {
  const { domain, checked_at, facts } = await checkCase({
    headers: { Precedence: 'bulk', 'Auto-Submitted': 'auto-generated' },
  });
  expect([domain, checked_at]).toEqual(['example.net', '2026-11-20T12:00:00.000Z']);
  expect(facts).toMatchObject({
    from: 'example.net',
    bounce_domain: 'bounces.example.net',
    spf_aligned: true,
    dkim_aligned: true,
    unsubscribe: { post: 'List-Unsubscribe=One-Click', one_click: true },
    line_end: 'crlf',
    has_text: true,
    has_html: true,
    attachments: [],
    links: { count: 1, domains: ['example.net'], shorteners: [] },
    images: 0,
    precedence: 'bulk',
    auto_submitted: 'auto-generated',
    not_answered: [],
    not_checked: [],
  });
  expect(facts.signatures[0]).toMatchObject({
    domain: 'example.net',
    selector: 's1',
    state: 'valid',
    aligned: true,
  });
});

test('what is unknown is no finding: no envelope, no library, no resolver', async () => {
  const none = { 'Return-Path': null };
  const unknown = Object.fromEntries(
    ['_dmarc.example.net', '_dmarc.net', 's1._domainkey.example.net', '_dmarc.bounces.example.net'].map(
      (name) => [name, null],
    ),
  );
  const { findings, facts } = await checkCase({ headers: none, verify: null, records: unknown });
  expect(findings).toEqual([]);
  expect(facts.signatures[0]!.state).toBe('not_checked');
  expect(facts.unsubscribe.one_click).toBeNull();
  expect([facts.spf_aligned, facts.dkim_aligned]).toEqual([null, null]);
  expect(facts.not_checked.map(({ check }) => check)).toEqual(['spf_alignment', 'signatures']);
  expect(facts.not_answered.length).toBeGreaterThan(0);
});

describe('a key that the first resolver does not have', () => {
  const key = 's1._domainkey.example.net';
  const { [key]: _, ...records } = soundRecords;
  const stateOf = async (secondRecords: TextRecords) => {
    const { findings, facts } = await checkCase({ records, secondRecords });
    return { codes: findings.map(({ code }) => code), state: facts.signatures[0]!.state, facts };
  };

  test('a second one does not have it either: it is missing', async () => {
    const { codes, state } = await stateOf(records);
    expect(state).toBe('key_missing');
    expect(codes).toContain('signature_key_missing');
  });

  test('a second one has it: the signature is valid', async () => {
    const { codes, state, facts } = await stateOf(soundRecords);
    expect([state, codes, facts.not_answered]).toEqual(['valid', [], []]);
  });

  test('no second one answers: it is unknown, and no finding', async () => {
    const { codes, state, facts } = await stateOf({ ...soundRecords, [key]: null });
    expect([state, codes]).toEqual(['not_answered', []]);
    expect(facts.not_answered).toEqual([{ question: `TXT ${key}`, cause: 'unconfirmed' }]);
  });
});
