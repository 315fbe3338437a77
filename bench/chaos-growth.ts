// `npm run chaos -- growth`: finds parsers whose time grows faster than their input.
//
// Repeats one or two small pieces until a text is long, and gives it to each parser that reads hostile text. A parser that
// takes long for a short text reads it again, two and four times as long. Its processor time must then grow in proportion.
// How long a parser takes is only printed, because that depends on the machine. `--only NAME` tests one parser, and `--pairs`
// combines every two pieces. Exits with 1 if the time grows faster.

import { parseArgs } from 'node:util';
import { parseMailbox } from '../src/address/parse.ts';
import { addressesIn, verpRecipient } from '../src/bounce/address-text.ts';
import { classifyReply } from '../src/bounce/classify.ts';
import { fieldGroups } from '../src/bounce/fields.ts';
import { recipientField, recipientList } from '../src/bounce/recipient-field.ts';
import { readReport } from '../src/bounce/report.ts';
import { detectLegacy } from '../src/encoding/detect-encoding.ts';
import { espAdapters } from '../src/esp/esp-registry.ts';
import { readWebhook } from '../src/esp/receive-webhook.ts';
import { createValidator, parseDomainList } from '../src/index.ts';
import { openList } from '../src/lists/read-list.ts';
import { jsonRecords } from '../src/suppression/import-json.ts';
import { csvRecords } from '../src/suppression/import-text.ts';
import { recipientAddress } from '../src/suppression/recipient.ts';
import { addressesInCell } from '../src/tables/address-cell.ts';
import { readCallbackUrl } from '../src/webhooks/callback-target.ts';
import { parseCertificate } from '../src/webhooks/certificates.ts';
import { parseForm } from '../src/webhooks/form.ts';
import { parseJson } from '../src/webhooks/json.ts';
import { parseCellDate } from '../src/written-dates.ts';
import { samples as espSamples } from '../test/esp/samples.ts';
import { request } from '../test/esp/signing.ts';

const { values: options } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, pairs: { type: 'boolean', default: false } },
});

const pieces = [
  ...'aA1.,;:@<>()[]{}"\'`\\/|=+-_*#%&?! \t\0',
  '\n',
  '\r\n',
  '\r',
  'ß',
  '本',
  '\u0301',
  '\u202e',
  '\ufeff',
  '\ud800',
  '@[',
  '"@',
  'a@b',
  'a@b.c ',
  '<a@b.example>',
  'a, ',
  '--',
  '--x\n',
  '\n\n',
  '\n ',
  '__proto__',
  '550 ',
  '550 5.1.1 ',
  '5.1.1',
  'host a[b] said: ',
  'http://',
  'www.',
  '/a',
  'a.',
  'user "',
  'for more information ',
  'the message was ',
  '=?utf-8?q?',
  '=?utf-8?q?a?=',
  '=41',
  '%41',
  '\\u0041',
  '&lt;',
  '<br>',
  'To: a@b.example\n',
  'Final-Recipient: rfc822; a@b.example\n',
  'Diagnostic-Code: smtp; 550 5.1.1 no\n',
  'xn--',
  '2026-02-30',
  'gmail.com',
];

const encoder = new TextEncoder();

async function* oneChunk(text: string) {
  yield encoder.encode(text);
}

async function* oneText(text: string) {
  yield text;
}

async function drain(records: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of records);
}

async function readList(text: string): Promise<void> {
  const opened = await openList(oneChunk(text));
  if (opened.ok) await drain(opened.parts);
}

const part = (type: string, text: string, encoding = '8bit') =>
  `--edge\nContent-Type: ${type}\nContent-Transfer-Encoding: ${encoding}\n\n${text}\n`;
const message = (parts: string, header = '') =>
  `From: MAILER-DAEMON@mx.example\nSubject: failure notice\n${header}Content-Type: multipart/report; boundary=edge\n\n${parts}--edge--\n`;

/** Texts with which bounces of known formats begin. */
const openings: Readonly<Record<string, string>> = {
  qmail: "Hi. This is the qmail-send program. I'm afraid I wasn't able to deliver",
  exim: 'A message that you sent could not be delivered. The following address(es) failed:\n',
  sendmail: '   ----- The following addresses had permanent fatal errors -----\n',
  transcript: '   ----- Transcript of session follows -----\n',
  gmail: 'Delivery to the following recipient failed permanently:\nTechnical details of permanent failure\n',
  exchange: 'Your message did not reach the following recipient(s):\n',
  notes: 'was not delivered to: ',
  opensmtpd: 'This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n',
  ses: '{"notificationType": "Bounce", ',
  dragonfly: 'There was an error delivering your mail to ',
  list: 'You are not a member of this mailing list ',
  sentence: 'could not be delivered to ',
};

const validator = createValidator({ transport: () => Promise.reject(new Error('no network')), timeoutMs: 5 });

/** A sample of each provider, in which every text of 8 characters or more becomes the hostile text. */
const hostileWebhooks = await Promise.all(
  espAdapters.map(async (adapter) => {
    const { request: sample } = await espSamples[adapter.name]!.sign();
    const body = new TextDecoder().decode(sample.body);
    const isForm = adapter.name === 'mandrill';
    const json = isForm ? new URLSearchParams(body).get('mandrill_events')! : body;
    const readHostile = (text: string) => {
      const hostile = JSON.stringify(JSON.parse(json), (_, value) =>
        typeof value === 'string' && value.includes(' ') ? text.slice(0, 20_000 + text.length / 4) : value,
      );
      const sent = isForm ? new URLSearchParams({ mandrill_events: hostile }).toString() : hostile;
      const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
      return readWebhook(adapter, request(sent, { 'content-type': type }));
    };
    return [`webhook of ${adapter.name}`, readHostile] as const;
  }),
);

const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  addressesIn,
  verpRecipient,
  recipientField,
  recipientList,
  fieldGroups,
  classifyReply,
  parseMailbox,
  parseDomainList,
  addressesInCell,
  parseCellDate,
  recipientAddress,
  parseCertificate,
  parseJson,
  callbackUrl: (text) => readCallbackUrl(`https://${text}`, 'public', { isBareAddress: () => false }),
  detectLegacy: (text) => detectLegacy(encoder.encode(text)),
  parseForm: (text) => parseForm(encoder.encode(text)),
  'import of CSV': (text) => drain(csvRecords(oneText(text))),
  'import of NDJSON': (text) => drain(jsonRecords(oneText(text))),
  'import of a JSON array': (text) => drain(jsonRecords(oneText(`[${text}`))),
  'list of lines': readList,
  'list of CSV': (text) => readList(`id,email,name\n1,jane@example.org,${text}`),
  'list of NDJSON': (text) => readList(`{"email":"jane@example.org","name":${JSON.stringify(text)}}\n`),
  'list of raw NDJSON': (text) => readList(`{"email":"jane@example.org"}\n{${text}`),
  validate: (text) => validator.validateBatch([{ email: text }, { email: `jane@${text}` }]),
  'bounce: header': (text) => readReport(`Subject: ${text}\n\nfailed`),
  'bounce: To': (text) => readReport(`To: ${text}\nFrom: ${text}\n\nfailed`),
  'bounce: X-Failed-Recipients': (text) => readReport(`X-Failed-Recipients: ${text}\n\nfailed`),
  'bounce: Content-Type': (text) => readReport(`Content-Type: multipart/report; ${text}\n\nfailed`),
  'bounce: header lines': (text) => readReport(`${text}\n\nfailed`),
  'bounce: parts': (text) => readReport(message(text)),
  'bounce: text': (text) => readReport(message(part('text/plain', text))),
  'bounce: encoded text': (text) =>
    readReport(message(part('text/plain', btoa(encodeURI(text.toWellFormed())), 'base64'))),
  'bounce: HTML': (text) => readReport(message(part('text/html', text))),
  'bounce: quoted-printable': (text) => readReport(message(part('text/plain', text, 'quoted-printable'))),
  'bounce: delivery status': (text) => readReport(message(part('message/delivery-status', text))),
  'bounce: diagnostic': (text) =>
    readReport(
      message(
        part('text/plain', 'failed') +
          part(
            'message/delivery-status',
            `Final-Recipient: rfc822; a@b.example\nDiagnostic-Code: smtp; ${text}`,
          ),
      ),
    ),
  'bounce: feedback': (text) => readReport(message(part('message/feedback-report', text))),
  'bounce: returned': (text) =>
    readReport(
      message(
        part('message/delivery-status', 'Final-Recipient: rfc822; a@b.example') +
          part('message/rfc822', text),
      ),
    ),
  ...Object.fromEntries(
    Object.entries(openings).map(([name, opening]) => [
      `bounce: ${name}`,
      (text: string) => readReport(message(part('text/plain', `${opening}${text}`))),
    ]),
  ),
  ...Object.fromEntries(hostileWebhooks),
};

/** Returns the milliseconds of processor time in which `parse` reads the text, the least of `attempts` attempts. */
async function cpuMs(parse: (text: string) => unknown, text: string, attempts: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = process.threadCpuUsage();
    await parse(text);
    const { user, system } = process.threadCpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

interface Growth {
  /** The length of the longer text, in characters. */
  readonly length: number;
  readonly halfMs: number;
  readonly wholeMs: number;
}

/**
 * Measures texts of growing length, each twice as long as the one before, until one takes long enough to compare. Returns how
 * its time has grown against the text of half its length, or null if it grows in proportion. `usualMs` is the time of
 * `usual` characters.
 */
async function growthOf(
  parse: (text: string) => unknown,
  textOf: (length: number) => string,
  usual: number,
): Promise<{ readonly growth: Growth | null; readonly usualMs: number }> {
  for (let length = usual / 8; ; length *= 2) {
    const ms = await cpuMs(parse, textOf(length), 1);
    const usualMs = (ms * usual) / length;
    if (length >= usual && usualMs < suspectMs) return { growth: null, usualMs };
    if (ms < leastMs && length < 4 * usual) continue;
    const growth = await confirmed(parse, textOf, length);
    // The time of a short text also grows because the compiler gives up on it. So twice that length must show the same.
    if (growth === null || length >= 4 * usual) return { growth, usualMs };
    return { growth: await confirmed(parse, textOf, 2 * length), usualMs };
  }
}

/** Returns the growth to a text of `length` characters if all measurements show that it is too fast, otherwise null. */
async function confirmed(
  parse: (text: string) => unknown,
  textOf: (length: number) => string,
  length: number,
): Promise<Growth | null> {
  let [halfMs, wholeMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < rounds; round++) {
    wholeMs = Math.min(wholeMs, await cpuMs(parse, textOf(length), 1));
    halfMs = Math.min(halfMs, await cpuMs(parse, textOf(length / 2), 2));
    if (wholeMs < leastMs || wholeMs <= mostGrowth * halfMs) return null;
  }
  return { length, halfMs, wholeMs };
}

/** The length of a usual text, in characters. `readReport` reads 128 KB at most, and the longest text has four times this length. */
const usualOf = (name: string): number => (name.startsWith('bounce: ') ? 30_000 : 50_000);
/** A parser that takes longer than this for a usual text is a suspect. A quadratic parser takes longer. */
const suspectMs = 6;
/** A text must take longer than this, in milliseconds, before its time is compared with another. */
const leastMs = 40;
/** Twice the text may take this many times as long. Linear is 2, quadratic is 4. */
const mostGrowth = 2.6;
/** Number of measurements that must all show that the time grows faster: a garbage collection makes single ones longer. */
const rounds = 8;

/** Ways to make a long text from a short one. */
const shapes: readonly ((pattern: string, length: number) => string)[] = [
  repeated,
  (pattern, length) => `x${repeated(pattern, length)}x`,
  (pattern, length) => repeated(pattern, length / 2) + repeated('x', length / 2),
  (pattern, length) => numbered(pattern, length),
];

function repeated(pattern: string, length: number): string {
  return pattern.repeat(Math.ceil(length / pattern.length)).slice(0, length);
}

/** Repeats a pattern with a number before each, so that all are different. */
function numbered(pattern: string, length: number): string {
  let text = '';
  for (let number = 0; text.length < length; number++) text += number + pattern;
  return text;
}

const patterns = options.pairs ? pieces.flatMap((a) => pieces.map((b) => a + b)) : pieces;

const began = performance.now();
let failures = 0;
for (const [name, parse] of Object.entries(parsers)) {
  if (options.only !== undefined && !name.includes(options.only)) continue;
  const usual = usualOf(name);
  let slowest = { ms: 0, pattern: '' };
  for (const pattern of pieces) await parse(repeated(pattern, 1000));
  for (const pattern of patterns)
    for (const shape of shapes) {
      const { growth, usualMs } = await growthOf(parse, (length) => shape(pattern, length), usual);
      if (usualMs > slowest.ms) slowest = { ms: usualMs, pattern };
      if (growth === null) continue;
      failures += 1;
      const text = JSON.stringify(`${shape(pattern, 40)}…`);
      const { length, halfMs, wholeMs } = growth;
      const figures = `${halfMs.toFixed(0)} ms for ${length / 2000} KB, ${wholeMs.toFixed(0)} ms for twice that`;
      console.log(`FAILED ${name}: ${text} takes ${figures}`);
    }
  console.log(
    `${name}: ${usual / 1000} KB take at most ${slowest.ms.toFixed(0)} ms (${JSON.stringify(slowest.pattern)})`,
  );
}
const tookMs = performance.now() - began;
console.log(
  `${failures} texts take time that grows faster than their length (${(tookMs / 1000).toFixed(0)} s)`,
);
process.exit(failures === 0 ? 0 : 1);
