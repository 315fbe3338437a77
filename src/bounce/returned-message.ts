// Splits the text of a bounce into the explanation and the returned message, if they are not separate MIME parts.

import type { Fields } from './fields.ts';

/** Lines that mail systems write before the message they return, and header fields with which that message may begin. */
const markers: readonly RegExp[] = [
  /^-{2,}.{0,12}(?:below this line|enclosed is|this is) a copy/i,
  /^[ \t]*-{2,}.{0,12}(?:the )?(?:header|headers|body|copy|text|first|top)(?: [a-z0-9]{1,10}){0,5} of (?:the |your )?(?:original |returned )?(?:mail|message)/i,
  /^[-=_* ]{2,}\s*(?:original|unsent|undelivered|returned|non-delivered|failed|rejected) (?:message|mail)(?: (?:follows|header|headers|info|begins|text|body).{0,20})?\b/i,
  /^-+ ?original mail info/i,
  /^[-=_* ]*(?:message|mail) (?:header|headers|text|contents?|body|source) (?:follows?|is|begins)/i,
  /^[-=_* ]*(?:the )?original message (?:header|headers)? ?(?:follows?|is attached|below|:)/i,
  /^[-=_* ]*original message (?:headers?|follows?)/i,
  /^[-=_* ]*original message:?\s*-*$/i,
  /^\s*(?:below|included|enclosed|attached|here|following) (?:is|follows) (?:a |the )?(?:copy|header|original|message|beginning|headers|first)/i,
  /^-{2,}.{0,10}copy of (?:the|your) (?:original )?message/i,
  /^\s*(?:a )?copy of the (?:original |returned )?message (?:follows|is|below)/i,
  /^>{0,2} ?(?:return-path|received|dkim-signature|delivered-to|arc-seal): ?\S/i,
  /^\s*(?:the )?original message as received/i,
];

/** Splits a text at the first line that matches one of the `markers`. Without such a line, `returned` is empty. */
export function cutReturnedMessage(text: string): { text: string; returned: string } {
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, Math.min(end, start + 200));
    if (markers.some((marker) => marker.test(line))) {
      const header = /^[a-z-]+: ?\S/i.test(line) && !/^original message/i.test(line);
      return { text: text.slice(0, start), returned: text.slice(header ? start : end + 1) };
    }
    start = end + 1;
  }
  return { text, returned: '' };
}

/**
 * Whether `address` is a mailing list that sent the returned message on to its subscribers, according to the list fields in
 * its `header` (RFC 2369, RFC 2919). List-Unsubscribe is ignored, because newsletters put the subscriber's address there.
 */
export const wasPostedToList = (header: Fields, address: string): boolean =>
  [...header].some(
    ([name, values]) =>
      /^(?:list-(?:id|post|owner|help|subscribe)|mailing-list|x-mailing-list|x-beenthere)$/.test(name) &&
      values.some((value) => {
        const text = value.toLowerCase();
        return (
          text.includes(address.toLowerCase()) ||
          text.includes(`<${address.replace('@', '.').toLowerCase()}>`)
        );
      }),
  );
