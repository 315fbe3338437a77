// The checks of size, text and attachments.

import { attachmentTypes } from '../../../data/packed/message-content.js';
import { counted } from '../../number-text.ts';
import type { SenderFault } from '../finding.ts';
import type { ContentFaultCode } from './content-faults.ts';
import { type ContentFault, type DecodedText, decodeBytes } from './decode.ts';
import type { HtmlContent } from './html-content.ts';
import { type MessagePurpose, shortened, someOf } from './message-finding.ts';
import type { MessagePart, MessageStructure } from './mime.ts';

export interface AttachmentFacts {
  readonly name: string;
  readonly type: string;
  /** Bytes in the message, encoded. */
  readonly bytes: number;
}

export interface SizeFacts {
  /** Bytes of the whole message. */
  readonly message: number;
  /** Bytes of the HTML, decoded; null if there is none. */
  readonly html: number | null;
}

/**
 * Limits of the size: of the whole message, as guides advise, and of HTML, which Gmail clips above 102 KB. That providers refuse
 * more than 20 MB is a `guess`.
 */
const messageLimit = 110 * 1024;
const htmlLimit = 102 * 1024;
const receiverLimit = 20_000_000;

/** If a message with images has less visible text than this, it counts as having no text: a `guess`. */
const leastWords = 20;

const kinds = new Map(
  attachmentTypes.split('\n').map((row) => row.split(' ') as [string, 'blocked' | 'macro' | 'archive']),
);

/** The first bytes of programs, to find programs under other names: DOS and Windows, ELF, Mach-O. */
const programs: readonly (readonly number[])[] = [
  [0x4d, 0x5a],
  [0x7f, 0x45, 0x4c, 0x46],
  [0xcf, 0xfa, 0xed, 0xfe],
  [0xce, 0xfa, 0xed, 0xfe],
];

/** Whether readers see the part as a file. Signatures, invitations and images within the HTML are not files. */
function isAttachment({ type, disposition, headers, within, parameters }: MessagePart): boolean {
  if (disposition.type === 'attachment') return true;
  if (type.startsWith('multipart/')) return false;
  if (
    /^(?:text\/(?:plain|html|x-amp-html|calendar)|application\/(?:pgp|pkcs7|x-pkcs7)-signature)$/.test(type)
  )
    return disposition.parameters.has('filename') && !type.startsWith('text/');
  if (
    type.startsWith('image/') &&
    (within === 'multipart/related' || headers.some(({ name }) => name === 'content-id'))
  )
    return false;
  return within !== null || parameters.has('name') || !type.startsWith('text/');
}

const nameOf = ({ disposition, parameters, type }: MessagePart): string =>
  shortened(disposition.parameters.get('filename') ?? parameters.get('name') ?? type, 100);

/** The ending of a file name in lower case, without the dots and spaces that Windows ignores at the end. */
const endingOf = (name: string): string =>
  /\.([a-z0-9]{1,12})[\s.]*$/i.exec(name.slice(-120))?.[1]?.toLowerCase() ?? '';

function kindOf(raw: Uint8Array, part: MessagePart, name: string): 'blocked' | 'macro' | 'archive' | null {
  const start = decodeBytes(raw, part, new Set<ContentFault>(), 16);
  if (programs.some((magic) => magic.every((byte, index) => start[index] === byte))) return 'blocked';
  return kinds.get(endingOf(name)) ?? null;
}

export function judgeAttachments(
  raw: Uint8Array,
  { parts }: MessageStructure,
  purpose: MessagePurpose,
): { readonly facts: readonly AttachmentFacts[]; readonly faults: readonly SenderFault<ContentFaultCode>[] } {
  const attached = parts.filter(isAttachment).map((part) => ({ part, name: nameOf(part) }));
  const faults: SenderFault<ContentFaultCode>[] = [];
  const named = (kind: 'blocked' | 'macro' | 'archive' | null): string[] =>
    attached.filter(({ part, name }) => kindOf(raw, part, name) === kind).map(({ name }) => name);
  const add = (code: ContentFaultCode, names: readonly string[], seen: string) => {
    if (names.length > 0) faults.push({ code, about: names[0]!, seen: `${seen}: ${someOf(names)}.` });
  };
  add('attachment_blocked', named('blocked'), 'The message has programs, or files that can start them');
  add('attachment_macro', named('macro'), 'The message has documents that can contain macros');
  add('attachment_archive', named('archive'), 'The message has archives');
  if (purpose === 'marketing')
    add('attachment_in_bulk', named(null), `The message has ${counted(attached.length, 'attachment')}`);
  return {
    facts: attached
      .slice(0, 100)
      .map(({ part, name }) => ({ name, type: part.type, bytes: part.to - part.from })),
    faults,
  };
}

export interface TextPart {
  readonly part: MessagePart;
  readonly decoded: DecodedText;
}

export function judgeContent(
  raw: Uint8Array,
  plain: TextPart | null,
  html: (TextPart & { readonly content: HtmlContent }) | null,
): { readonly facts: SizeFacts; readonly faults: readonly SenderFault<ContentFaultCode>[] } {
  const faults: SenderFault<ContentFaultCode>[] = [];
  const add = (code: ContentFaultCode, about: string, seen: string) => faults.push({ code, about, seen });
  const htmlBytes = html === null ? null : Math.max(html.decoded.bytes, html.decoded.text.length);
  if (raw.length > receiverLimit)
    add('message_too_big', 'the message', `The message has ${counted(raw.length, 'byte')}.`);
  else if (raw.length > messageLimit)
    add(
      'message_large',
      'the message',
      `The message has ${counted(Math.ceil(raw.length / 1024), 'KB', 'KB')}.`,
    );
  if (htmlBytes !== null && htmlBytes > htmlLimit)
    add('html_clipped', 'text/html', `The HTML has ${counted(Math.ceil(htmlBytes / 1024), 'KB', 'KB')}.`);

  const words = plain?.decoded.text.trim() ?? '';
  if (html !== null) {
    const { text, imageCount, active } = html.content;
    if (plain === null)
      add('text_part_missing', 'text/plain', 'The message has HTML, but no text/plain part.');
    else if (words === '') add('text_part_missing', 'text/plain', 'The text/plain part is empty.');
    else if (
      plain.part.within === 'multipart/alternative' &&
      html.part.within === 'multipart/alternative' &&
      plain.part.from > html.part.from
    )
      add(
        'alternative_order',
        'multipart/alternative',
        'The text/plain part comes after the text/html part.',
      );
    if (imageCount > 0 && text.length < leastWords)
      add(
        'images_only',
        'text/html',
        `The HTML has ${counted(imageCount, 'image')} and ${counted(text.length, 'character')} of text.`,
      );
    else if (text === '' && words === '') add('body_empty', 'the body', 'The message has no text.');
    if (active.size > 0)
      add(
        'active_content',
        'text/html',
        `The HTML has ${[...active].map((name) => `<${name}>`).join(', ')}.`,
      );
  } else if (words === '') add('body_empty', 'the body', 'The message has no text.');
  return { facts: { message: raw.length, html: htmlBytes }, faults };
}
