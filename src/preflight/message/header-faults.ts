// The faults of headers, of the structure, and of the way to unsubscribe.

import type { MessageFaultKind } from './message-finding.ts';

/** Statuses with which Exchange Online and Gmail reject a message that violates RFC 5322. */
const badForm = ['5.6.0', '5.7.1'];

export const headerFaultKinds = {
  from_missing: {
    severity: 'error',
    meaning:
      'Every message needs exactly one From header with an address (RFC 5322). Receivers reject mail without one.',
    causes: badForm,
    type: 'header',
    change: 'Your Name <name@your-domain.example>',
  },
  from_several: {
    severity: 'error',
    meaning:
      'Receivers reject mail with several From headers or several addresses in From, because they cannot know for whom it must be authenticated.',
    causes: badForm,
    type: 'header',
    change: ({ parts = [] }) => parts[0] ?? 'Your Name <name@your-domain.example>',
  },
  date_missing: {
    severity: 'warning',
    meaning:
      'Every message needs a Date header (RFC 5322). Most sending services add it; if yours does not, spam filters count it against you.',
    causes: [],
    type: 'header',
    change: 'The time of sending, such as Fri, 20 Nov 2026 12:00:00 +0000',
  },
  date_invalid: {
    severity: 'warning',
    meaning: 'The date cannot be read, or lies in the future. Spam filters count that against you.',
    causes: [],
    type: 'header',
    change: 'The time of sending, such as Fri, 20 Nov 2026 12:00:00 +0000',
  },
  message_id_missing: {
    severity: 'warning',
    meaning:
      'Gmail rejects mail without a Message-ID, and bounces cannot be matched to the message. Most sending services add it.',
    causes: ['5.7.1'],
    type: 'header',
    change: 'A new one for each message, such as <1234.5678@your-domain.example>',
  },
  message_id_invalid: {
    severity: 'warning',
    meaning: 'A Message-ID has the form <left@right> (RFC 5322). Gmail rejects others.',
    causes: ['5.7.1'],
    type: 'header',
    change: 'A new one for each message, such as <1234.5678@your-domain.example>',
  },
  header_repeated: {
    severity: 'error',
    meaning:
      'These headers may be in a message only once (RFC 5322, RFC 2369). Gmail rejects such mail, and signatures may not cover what readers see.',
    causes: badForm,
    type: 'header',
    change: 'Keep one, and remove the others',
  },
  header_malformed: {
    severity: 'error',
    meaning:
      'A header is a name, a colon and a value. At any other line, some receivers end the header and lose the headers after it.',
    causes: badForm,
    type: 'header',
    change: 'Remove lines without a colon, and empty lines, from the header',
  },
  header_too_large: {
    severity: 'error',
    meaning:
      'Receivers limit the size of the header and the number of its fields, and reject messages above these limits.',
    causes: ['5.6.0', '5.3.4'],
    type: 'header',
    change: 'Remove headers that receivers do not need',
  },
  header_not_ascii: {
    severity: 'warning',
    meaning:
      'Headers may contain only ASCII characters, unless the receiver supports SMTPUTF8. Other characters must be encoded (RFC 2047). Mail libraries have a function for this.',
    causes: ['5.6.7', '5.6.0'],
    type: 'header',
    change: ({ parts = [] }) => parts[0] ?? 'Encode the value (RFC 2047)',
  },
  subject_empty: {
    severity: 'warning',
    meaning: 'Mail without a subject is rarely opened, and spam filters distrust it.',
    causes: [],
    type: 'header',
    change: 'Say what the message is about',
  },
  line_too_long: {
    severity: 'error',
    meaning:
      'A line may have at most 998 characters (RFC 5322). Servers reject longer lines, or break them, which breaks signatures and links.',
    causes: ['5.6.0', '5.5.2'],
    type: 'body',
    change: 'Encode the text as quoted-printable or base64, which have short lines',
  },
  line_ends_mixed: {
    severity: 'error',
    meaning:
      'Lines must end with CR and LF together. Some servers reject a single CR or LF, because it can hide a second message. Others change it, which breaks signatures.',
    causes: ['5.6.11', '5.5.2'],
    type: 'body',
    change: 'Write CR LF at the end of every line',
  },
  nul_bytes: {
    severity: 'error',
    meaning:
      'Receivers reject mail with NUL bytes (RFC 5322 section 4). Often a file in UTF-16 was used as the text.',
    causes: ['5.6.0'],
    type: 'body',
    change: 'Save the text as UTF-8, and encode attachments as base64',
  },
  mime_broken: {
    severity: 'error',
    meaning:
      'Mail programs cannot tell the parts of the message apart, so readers see an empty message or raw text. Some receivers reject it.',
    causes: ['5.6.0', '5.6.1'],
    type: 'body',
    change: 'Build the message with a mail library, and do not edit the boundaries afterwards',
  },
  mime_version_missing: {
    severity: 'warning',
    meaning: 'Without this header, strict mail programs show the parts of the message as raw text.',
    causes: [],
    type: 'header',
    change: '1.0',
  },
  mime_too_complex: {
    severity: 'error',
    meaning: 'Receivers limit the number and the nesting of parts, because such messages are a known attack.',
    causes: ['5.6.0', '5.7.1'],
    type: 'body',
    change: 'Send fewer parts',
  },
  encoding_broken: {
    severity: 'error',
    meaning: 'Readers see wrong characters, or nothing, because the part cannot be decoded.',
    causes: ['5.6.0'],
    type: 'body',
    change: 'Let a mail library encode the part',
  },
  text_not_declared: {
    severity: 'warning',
    meaning:
      'The part contains characters that its headers do not announce. Servers may change them on the way, which breaks signatures.',
    causes: ['5.6.0'],
    type: 'body',
    change: 'Set Content-Type to charset=utf-8, and encode the part as quoted-printable or base64',
  },
  charset_wrong: {
    severity: 'warning',
    meaning: 'Readers see wrong characters, because the text is not in the charset that its header names.',
    causes: [],
    type: 'body',
    change: 'Write the text in UTF-8 and say charset=utf-8',
  },
  list_unsubscribe_missing: {
    severity: 'warning',
    meaning:
      'Gmail and Yahoo require of bulk senders that readers can unsubscribe with one click. Without this header they cannot, and press "spam" instead.',
    causes: [],
    type: 'header',
    change: '<https://your-domain.example/unsubscribe?token=…>',
  },
  list_unsubscribe_invalid: {
    severity: 'warning',
    meaning:
      'Mail programs do not see a way to unsubscribe: the header must have addresses in angle brackets, separated by commas (RFC 2369).',
    causes: [],
    type: 'header',
    change: ({ record = '' }) => {
      const [uri] = /(?:https:\/\/|mailto:)[^\s<>,]+/i.exec(record) ?? [];
      return uri === undefined ? '<https://your-domain.example/unsubscribe?token=…>' : `<${uri}>`;
    },
  },
  list_unsubscribe_mailto_only: {
    severity: 'warning',
    meaning:
      'One-click unsubscribing needs an https address (RFC 8058). Gmail and Yahoo require it of bulk senders; a mailto address alone does not count.',
    causes: [],
    type: 'header',
    change: ({ parts = [] }) =>
      [
        '<https://your-domain.example/unsubscribe?token=…>',
        ...parts.slice(0, 1).map((uri) => `<${uri}>`),
      ].join(', '),
  },
  list_unsubscribe_not_https: {
    severity: 'warning',
    meaning: 'One-click unsubscribing needs an https address (RFC 8058). Mail programs do not post to http.',
    causes: [],
    type: 'header',
    change: ({ parts = [] }) => `<${(parts[0] ?? '').replace(/^http:/i, 'https:')}>`,
  },
  one_click_missing: {
    severity: 'warning',
    meaning:
      'Without this header, mail programs do not use the address in List-Unsubscribe for one-click unsubscribing (RFC 8058). Gmail and Yahoo require it of bulk senders. Your page must then unsubscribe the reader on a POST request, without asking anything.',
    causes: [],
    type: 'header',
    change: 'List-Unsubscribe=One-Click',
  },
  one_click_invalid: {
    severity: 'warning',
    meaning: 'The header must have exactly this value (RFC 8058). Mail programs ignore any other.',
    causes: [],
    type: 'header',
    change: 'List-Unsubscribe=One-Click',
  },
  one_click_not_signed: {
    severity: 'warning',
    meaning:
      'Mail programs offer one click only if a valid DKIM signature covers both headers (RFC 8058 section 4): their names must be in "h=".',
    causes: [],
    type: 'signature',
    change: 'Add List-Unsubscribe and List-Unsubscribe-Post to the signed headers (h=)',
  },
} as const satisfies Readonly<Record<string, MessageFaultKind>>;

export type HeaderFaultCode = keyof typeof headerFaultKinds;
