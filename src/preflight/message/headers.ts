// The checks of headers and structure: what RFC 5322 and MIME require, and what receivers reject.

import { addressParser } from 'postal-mime';
import { toALabels } from '../../address/idna.ts';
import { dayMs } from '../../durations.ts';
import { counted } from '../../number-text.ts';
import type { SenderFault } from '../finding.ts';
import type { ContentFault, DecodedText } from './decode.ts';
import type { HeaderFaultCode } from './header-faults.ts';
import { shortened, someOf } from './message-finding.ts';
import {
  type HeaderField,
  headerValue,
  isHeaderCut,
  type MessagePart,
  type MessageStructure,
  messageLimits,
} from './mime.ts';

export type HeaderFault = SenderFault<HeaderFaultCode>;

/** Headers that a message may have once (RFC 5322 section 3.6, RFC 2369 section 3, RFC 8058 section 3.1, RFC 2045 section 3). */
const onlyOnce = [
  ...['date', 'sender', 'reply-to', 'to', 'cc', 'bcc', 'message-id', 'in-reply-to', 'references', 'subject'],
  ...[
    'list-unsubscribe',
    'list-unsubscribe-post',
    'mime-version',
    'content-type',
    'content-transfer-encoding',
  ],
];

const titleCase = (name: string): string => name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());

/** Maximum characters of an address header that are parsed. Real address headers are far shorter. */
const maxAddressHeader = 8192;

/** The addresses in a header such as From. */
export function headerAddresses(value: string): readonly string[] {
  const parsed = addressParser(value.slice(0, maxAddressHeader), { flatten: true });
  return parsed.flatMap(({ address }) => (address?.includes('@') ? [address] : []));
}

/** The domain of an address in lower-case A-labels; null if it has none. */
export function domainOfAddress(address: string): string | null {
  const domain = address
    .slice(address.lastIndexOf('@') + 1)
    .trim()
    .replace(/\.$/, '');
  // Check the length first: encoding takes time proportional to its square. The encoded domain is at least as long, and DNS
  // allows 253 characters.
  const isShort = domain.length <= 253;
  const ascii = isShort && /^[\p{L}\p{M}\p{N}._-]+$/u.test(domain) ? toALabels(domain) : null;
  return ascii !== null && ascii.length <= 253 && ascii.includes('.') ? ascii.toLowerCase() : null;
}

export interface SenderOfMessage {
  /** The domain of From, if there is exactly one. */
  readonly domain: string | null;
  readonly faults: readonly HeaderFault[];
}

/** Reads From. */
export function judgeFrom(headers: readonly HeaderField[]): SenderOfMessage {
  const fields = headers.filter(({ name }) => name === 'from');
  const [field] = fields;
  const addresses = fields.flatMap(({ value }) => headerAddresses(value));
  const domains = [...new Set(addresses.map(domainOfAddress))];
  const domain = domains.length === 1 ? domains[0]! : null;
  if (field === undefined)
    return { domain, faults: [{ code: 'from_missing', about: 'From', seen: 'There is no From header.' }] };
  if (domains.length === 0 || domains.includes(null))
    return {
      domain,
      faults: [{ code: 'from_missing', about: 'From', seen: 'The From header has no address of a domain.' }],
    };
  if (fields.length > 1 || addresses.length > 1)
    return {
      domain,
      faults: [
        {
          code: 'from_several',
          about: 'From',
          seen: `There are ${counted(fields.length, 'From header')} with ${counted(addresses.length, 'address', 'addresses')}.`,
        },
      ],
    };
  return { domain, faults: [] };
}

/** The checks of all other headers. `now` is in epoch milliseconds. */
export function judgeHeaders(structure: MessageStructure, now: number): HeaderFault[] {
  const { headers, faults } = structure;
  if (isHeaderCut(structure))
    return [
      {
        code: 'header_too_large',
        about: 'the header',
        seen: `The header is larger than ${counted(messageLimits.headerBytes, 'byte')} or has more than ${counted(messageLimits.headers, 'field')}. The rest was not read.`,
      },
    ];
  const found: HeaderFault[] = [];
  const add = (code: HeaderFaultCode, about: string, seen: string, parts?: readonly string[]) =>
    found.push({ code, about, seen, ...(parts && { parts }) });

  const date = headerValue(headers, 'date');
  if (date === null) add('date_missing', 'Date', 'There is no Date header.');
  else judgeDate(date, now, add);

  const id = headerValue(headers, 'message-id');
  if (id === null) add('message_id_missing', 'Message-ID', 'There is no Message-ID header.');
  else if (!/^<[^\s<>@]+@[^\s<>@]+>$/.test(id.slice(0, 2000)))
    add('message_id_invalid', 'Message-ID', `The Message-ID is "${shortened(id)}".`);

  const counts = new Map<string, number>();
  for (const { name } of headers) counts.set(name, (counts.get(name) ?? 0) + 1);
  const repeated = onlyOnce.filter((name) => (counts.get(name) ?? 0) > 1).map(titleCase);
  if (repeated.length > 0)
    add('header_repeated', repeated.join(', '), `There is more than one ${repeated.join(', ')} header.`);

  if (faults.has('header_malformed'))
    add(
      'header_malformed',
      'the header',
      'A line of the header has no colon, or begins with a space although there is no header before it.',
    );

  const raw = headers.filter(({ isAscii }) => !isAscii);
  const [first] = raw;
  if (first !== undefined) {
    const names = [...new Set(raw.map(({ name }) => titleCase(name)))];
    const isText = first.name === 'subject' || first.name === 'comments';
    add(
      'header_not_ascii',
      names[0]!,
      `There are characters beyond ASCII in ${someOf(names)}.`,
      isText ? [encodedWords(first.value)] : [],
    );
  }

  const subject = headerValue(headers, 'subject');
  if (subject === null || subject === '')
    add(
      'subject_empty',
      'Subject',
      subject === null ? 'There is no Subject header.' : 'The Subject header is empty.',
    );
  return found;
}

/** A Date header that is later than now by more than this is wrong, because clocks differ by less. */
const futureMs = dayMs;

function judgeDate(
  value: string,
  now: number,
  add: (code: HeaderFaultCode, about: string, seen: string) => void,
): void {
  // RFC 5322 section 3.3, with the obsolete zones, and comments removed.
  const text = value
    .slice(0, 200)
    .replace(/\([^()]*\)/g, '')
    .trim();
  const form =
    /^(?:[a-z]{3},?\s*)?\d{1,2}\s+[a-z]{3}\s+\d{2,4}\s+\d{1,2}:\d{2}(?::\d{2})?\s+(?:[+-]\d{4}|[a-z]{1,4})$/i;
  const at = form.test(text) ? Date.parse(text.replace(/\s+UT$/i, ' UTC')) : Number.NaN;
  if (Number.isNaN(at)) add('date_invalid', 'Date', `The Date header is "${shortened(value, 60)}".`);
  else if (at > now + futureMs)
    add('date_invalid', 'Date', `The Date header, "${shortened(value, 60)}", lies in the future.`);
}

/** The value as encoded words of at most 75 characters (RFC 2047). */
function encodedWords(value: string): string {
  const encoder = new TextEncoder();
  const words: string[] = [];
  let word: number[] = [];
  for (const character of value.slice(0, 500)) {
    const bytes = encoder.encode(character);
    // 45 bytes are 60 characters of base64.
    if (word.length + bytes.length > 45) {
      words.push(wordOf(word));
      word = [];
    }
    word.push(...bytes);
  }
  return [...words, wordOf(word)].join(' ');
}

const wordOf = (bytes: readonly number[]): string => `=?utf-8?B?${btoa(String.fromCharCode(...bytes))}?=`;

/** The checks of lines, parts, encodings and charsets. */
export function judgeForm(
  structure: MessageStructure,
  texts: readonly { readonly part: MessagePart; readonly decoded: DecodedText }[],
): HeaderFault[] {
  const { headers, faults, exceeded, longestLine, crlf, bareLf, bareCr, hasNul } = structure;
  const found: HeaderFault[] = [];
  const add = (code: HeaderFaultCode, about: string, seen: string) => found.push({ code, about, seen });

  if (longestLine > 998)
    add('line_too_long', 'the lines', `The longest line has ${counted(longestLine, 'byte')}.`);
  // If all lines end with LF, a Unix program saved the message. It is sent with CR LF, so this is no fault.
  if (bareCr > 0 || (crlf > 0 && bareLf > 0))
    add(
      'line_ends_mixed',
      'the line ends',
      `${counted(crlf, 'line ends', 'lines end')} with CR LF, ${bareLf} with LF alone, and there ${bareCr === 1 ? 'is 1 CR' : `are ${bareCr} CR`} alone.`,
    );
  if (hasNul) add('nul_bytes', 'the body', 'There are NUL bytes.');

  const broken = [
    ...(faults.has('boundary_missing') ? ['a multipart names no boundary'] : []),
    ...(faults.has('boundary_unused') ? ['the boundary in a header is nowhere in the body'] : []),
    ...(faults.has('boundary_unclosed') ? ['a multipart has no closing boundary'] : []),
    ...(faults.has('multipart_encoded')
      ? ['a multipart is encoded, although only its parts may be encoded']
      : []),
  ];
  if (broken.length > 0)
    add(
      'mime_broken',
      'the parts',
      `${broken.join('; ')}.`.replace(/^./, (letter) => letter.toUpperCase()),
    );
  const isMime = headers.some(({ name }) => name === 'content-type' || name === 'content-transfer-encoding');
  if (isMime && headerValue(headers, 'mime-version') === null)
    add('mime_version_missing', 'MIME-Version', 'There is a Content-Type header and no MIME-Version header.');
  if (exceeded.has('parts') || exceeded.has('depth'))
    add(
      'mime_too_complex',
      'the parts',
      `There are more than ${messageLimits.parts} parts, or they are nested more than ${messageLimits.depth} levels deep. The rest was not read.`,
    );

  const having = (...some: readonly ContentFault[]): string[] => [
    ...new Set(
      texts
        .filter(({ decoded }) => some.some((fault) => decoded.faults.has(fault)))
        .map(({ part }) => part.type),
    ),
  ];
  const undecodable = having('encoding_broken', 'encoding_unknown');
  if (undecodable.length > 0)
    add('encoding_broken', undecodable[0]!, `The encoding of ${someOf(undecodable)} is unknown or broken.`);
  const undeclared = having('not_7bit', 'charset_missing');
  if (undeclared.length > 0)
    add(
      'text_not_declared',
      undeclared[0]!,
      `${someOf(undeclared)} has characters beyond ASCII that its headers do not announce.`,
    );
  const wrong = texts.find(
    ({ decoded }) => decoded.faults.has('charset_wrong') || decoded.faults.has('charset_unknown'),
  );
  if (wrong !== undefined) {
    const { type, parameters } = wrong.part;
    const charset = shortened(parameters.get('charset') ?? '', 40);
    const isUnknown = wrong.decoded.faults.has('charset_unknown');
    add(
      'charset_wrong',
      type,
      `The ${type} part declares the charset "${charset}", ${isUnknown ? 'which is unknown' : 'but its bytes are not text in it'}.`,
    );
  }
  return found;
}
