// A parsed message: headers, human-readable text, machine-readable parts, and the returned message.

import PostalMime, { type Email } from 'postal-mime';
import { cutReturnedMessage } from './returned-message.ts';

export interface ReportMail {
  /** Returns the first value of a header, unfolded, or null. `name` is in lower case. */
  header(name: string): string | null;
  readonly subject: string;
  /** The human-readable text, up to the start of the returned message. */
  readonly text: string;
  /** The attachments, which include machine-readable reports: media type in lower case, and the content as text. */
  readonly parts: readonly { readonly type: string; readonly text: string }[];
  /** The returned message, or only its header, or an empty string. */
  readonly returned: string;
}

/**
 * How many bytes of a message are read, at most. The rest can be ignored: normally it belongs to the returned message, which
 * comes after the report.
 */
export const maximumReportBytes = 131_072;

/**
 * How many lines of these bytes are read, at most. The parser takes as long for a short line as for a long one, so a message of
 * many short lines would take very long. A report about `maximumRecipients` in the shortest form has fewer lines.
 */
export const maximumReportLines = 8192;
const maximumPartLength = 262_144;
const maximumParts = 64;

const utf8 = new TextEncoder();

/** Parses a message. Null if the parser rejects it, for example because its parts are nested more than 32 levels deep. */
export async function parseMail(whole: string | Uint8Array): Promise<ReportMail | null> {
  const raw = firstLines(
    typeof whole === 'string'
      ? utf8.encode(whole.slice(0, maximumReportBytes))
      : whole.subarray(0, maximumReportBytes),
  );
  let email: Email;
  try {
    email = await PostalMime.parse(raw, {
      forceRfc822Attachments: true,
      maxNestingDepth: 32,
      maxHeadersSize: 262_144,
    });
  } catch {
    return null;
  }
  const headers = new Map<string, string>();
  for (const { key, value } of email.headers) if (!headers.has(key)) headers.set(key, value);

  const parts = email.attachments.slice(0, maximumParts).map(({ mimeType, content }) => ({
    type: mimeType.toLowerCase(),
    text: textOf(content),
  }));
  const words = email.text?.trim()
    ? email.text
    : withoutTags(email.html ?? '') || (parts.length === 0 ? bodyOf(raw) : '');
  const { text, returned } = cutReturnedMessage(words.slice(0, maximumPartLength));
  const attached = parts.find(({ type }) =>
    /^(?:message\/(?:rfc822|global)|text\/rfc822-headers)/.test(type),
  );
  return {
    header: (name) => headers.get(name) ?? null,
    subject: email.subject ?? '',
    text,
    parts,
    returned: attached?.text ?? returned,
  };
}

const mostBlankLines = 32;

/** The first `maximumReportLines` of a message. Shortens long runs of blank lines first. */
function firstLines(raw: Uint8Array): Uint8Array {
  const kept = new Uint8Array(raw.length);
  let length = 0;
  let lineEnds = 0;
  let lines = 0;
  for (const byte of raw) {
    if (byte === 0x0a) {
      lineEnds++;
      if (lineEnds <= mostBlankLines && ++lines === maximumReportLines) break;
    } else if (byte !== 0x0d) lineEnds = 0;
    if (lineEnds <= mostBlankLines) kept[length++] = byte;
  }
  return kept.subarray(0, length);
}

function textOf(content: ArrayBuffer | Uint8Array | string): string {
  if (typeof content === 'string') return content.slice(0, maximumPartLength);
  const bytes = content instanceof Uint8Array ? content : new Uint8Array(content);
  return new TextDecoder().decode(bytes.subarray(0, maximumPartLength));
}

/**
 * The raw body of a message. It is used as the text if the parser finds no text and no attachments, for example because the
 * boundary in the header does not match the one in the body.
 */
function bodyOf(raw: Uint8Array): string {
  const text = textOf(raw);
  const blank = /\r?\n\r?\n/.exec(text);
  return blank ? text.slice(blank.index + blank[0].length) : '';
}

const blockTag = /^(?:br|p|div|tr|li|td|h[1-6]|table|hr)\b/i;
const entities: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  nbsp: ' ',
  '#39': "'",
};

/** The text of an HTML part, with one line for each block. */
function withoutTags(html: string): string {
  let words = '';
  for (const piece of html.slice(0, maximumPartLength).split('<')) {
    const close = piece.indexOf('>');
    if (close === -1) {
      words += piece;
      continue;
    }
    if (blockTag.test(piece.startsWith('/') ? piece.slice(1) : piece)) words += '\n';
    words += piece.slice(close + 1);
  }
  return words.replace(/&(lt|gt|amp|quot|nbsp|#39);/g, (_, name: string) => entities[name]!);
}
