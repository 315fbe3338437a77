// A sound marketing message, what a case changes of it, and its signature.

import { generateKeyPairSync } from 'node:crypto';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { systemTimers } from '../../../src/clock.ts';
import { createHedgedResolver } from '../../../src/dns/hedged.ts';
import type { DnsOutcome, Resolver } from '../../../src/dns/resolver.ts';
import { verifySignatures } from '../../../src/preflight/message/mailauth-signatures.ts';
import type { MessagePurpose } from '../../../src/preflight/message/message-finding.ts';
import {
  createMessagePreflight,
  type MessageAnswer,
} from '../../../src/preflight/message/message-preflight.ts';
import type { VerifySignatures } from '../../../src/preflight/message/signature-check.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const keyRecord = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;

/** The time of the check. */
export const now = Date.UTC(2026, 10, 20, 12);

/** TXT records by name. A name that is missing does not exist; null: no resolver answers. */
export type TextRecords = Readonly<Record<string, string | null>>;

export const soundRecords: TextRecords = {
  's1._domainkey.example.net': keyRecord,
  's1._domainkey.other.org': keyRecord,
  '_dmarc.example.net': 'v=DMARC1; p=reject; rua=mailto:a@example.net',
};

export const soundHeaders: Readonly<Record<string, string>> = {
  'Return-Path': '<bounce@bounces.example.net>',
  Received: 'from out.example.net by mx.example.org; Fri, 20 Nov 2026 11:00:00 +0000',
  From: 'News <news@example.net>',
  To: 'jane@example.org',
  Subject: 'Spring is here',
  Date: 'Fri, 20 Nov 2026 11:00:00 +0000',
  'Message-ID': '<1234@example.net>',
  'List-Unsubscribe': '<https://example.net/u?t=1>, <mailto:u@example.net>',
  'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  'MIME-Version': '1.0',
  'Content-Type': 'multipart/alternative; boundary="b1"',
};

export const soundText = 'New shoes are in the shop: https://www.example.net/shoes';
export const soundHtml =
  '<h1>Spring</h1><p>New shoes are <a href="https://www.example.net/shoes">in the shop</a>, in all sizes.</p>';

export const part = (content: string, type = 'text/html; charset=utf-8', more = ''): string =>
  `--b1\r\nContent-Type: ${type}\r\n${more}\r\n${content}\r\n`;

export const bodyOf = (html = soundHtml, text: string | null = soundText, more = ''): string =>
  `${text === null ? '' : part(text, 'text/plain; charset=utf-8')}${part(html)}${more}--b1--\r\n`;

export interface MessageCase {
  /** Headers instead of those of the sound message; null: without it. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: string;
  /** How it is signed; null: not at all. */
  readonly sign?: { readonly domain?: string; readonly options?: object } | null;
  /** Changes the message after it is signed. */
  readonly after?: (message: string) => string | Uint8Array;
  readonly records?: TextRecords;
  /** The records as a second resolver has them. Without them there is only one resolver. */
  readonly secondRecords?: TextRecords;
  readonly purpose?: MessagePurpose;
  readonly bounceDomain?: string;
  readonly verify?: VerifySignatures | null;
}

export async function signed(message: string, domain = 'example.net', options: object = {}): Promise<string> {
  const { signatures } = await dkimSign(Buffer.from(message), {
    signTime: new Date(now - 3_600_000),
    headerList:
      'from:to:subject:date:message-id:list-unsubscribe:list-unsubscribe-post:content-type:mime-version',
    ...options,
    signatureData: [
      { signingDomain: domain, selector: 's1', privateKey: pem, algorithm: 'rsa-sha256', ...options },
    ],
  } as Parameters<typeof dkimSign>[1]);
  return signatures + message;
}

export async function messageOf({ headers = {}, body = bodyOf(), sign = {}, after }: MessageCase) {
  const all = Object.entries({ ...soundHeaders, ...headers }).filter(([, value]) => value !== null);
  const plain = `${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
  const whole = sign === null ? plain : await signed(plain, sign.domain, sign.options);
  const sent = after?.(whole) ?? whole;
  return typeof sent === 'string' ? new TextEncoder().encode(sent) : sent;
}

const outcomeOf = (records: TextRecords, name: string): DnsOutcome => {
  const record = records[name];
  if (record === null) return { kind: 'failure', cause: 'timeout' };
  return record === undefined ? { kind: 'nxdomain' } : { kind: 'texts', texts: [[record]], ttl: 60 };
};

const resolverOf = (records: TextRecords): Resolver => ({
  name: 'records',
  resolve: async ({ name }) => outcomeOf(records, name),
});

export const checkRaw = (
  raw: Uint8Array,
  {
    records = soundRecords,
    secondRecords,
    purpose = 'marketing',
    bounceDomain,
    verify = verifySignatures,
  }: MessageCase = {},
): Promise<MessageAnswer> =>
  createMessagePreflight({
    resolver:
      secondRecords === undefined
        ? resolverOf(records)
        : createHedgedResolver([resolverOf(records), resolverOf(secondRecords)], { timers: systemTimers }),
    timers: { ...systemTimers, now: () => now },
    loadVerifier: verify && (async () => verify),
  }).check({ raw, purpose, bounceDomain: bounceDomain ?? null });

export const checkCase = async (one: MessageCase): Promise<MessageAnswer> =>
  checkRaw(await messageOf(one), one);
