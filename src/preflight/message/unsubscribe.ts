// The check of the way to unsubscribe: List-Unsubscribe (RFC 2369) and List-Unsubscribe-Post (RFC 8058).

import type { HeaderFault } from './headers.ts';
import { shortened } from './message-finding.ts';
import { type HeaderField, headerValue } from './mime.ts';

export interface UnsubscribeFacts {
  /** The addresses in List-Unsubscribe; null if there is no such header. */
  readonly uris: readonly string[] | null;
  /** The value of List-Unsubscribe-Post; null if there is none. */
  readonly post: string | null;
  /** Whether readers can unsubscribe with one click (RFC 8058). Null: it depends on the signature, which could not be judged. */
  readonly one_click: boolean | null;
}

const oneClick = 'List-Unsubscribe=One-Click';

/** Maximum length of the header that is read. */
const maxHeader = 8192;

/**
 * Checks the way to unsubscribe of marketing mail. `signed`: whether a signature covers both headers; null if no signature could
 * be judged.
 */
export function judgeUnsubscribe(
  headers: readonly HeaderField[],
  signed: boolean | null,
): { readonly facts: UnsubscribeFacts; readonly faults: readonly HeaderFault[] } {
  const value = headerValue(headers, 'list-unsubscribe')?.slice(0, maxHeader) ?? null;
  const post = headerValue(headers, 'list-unsubscribe-post')?.slice(0, maxHeader) ?? null;
  const uris = value === null ? null : urisIn(value);
  const https = uris?.some((uri) => /^https:\/\/[^/]/i.test(uri)) ?? false;
  const isExact = post === oneClick;
  const faults: HeaderFault[] = [];
  const add = (code: HeaderFault['code'], about: string, seen: string, more: Partial<HeaderFault> = {}) =>
    faults.push({ code, about, seen, ...more });
  const header = 'List-Unsubscribe';

  if (uris === null) add('list_unsubscribe_missing', header, 'There is no List-Unsubscribe header.');
  else if (uris.length === 0)
    add('list_unsubscribe_invalid', header, `The List-Unsubscribe header is "${shortened(value!)}".`, {
      record: value!,
    });
  else if (!https) {
    const http = uris.filter((uri) => /^http:/i.test(uri));
    if (http.length > 0)
      add(
        'list_unsubscribe_not_https',
        header,
        `The address in List-Unsubscribe is ${shortened(http[0]!)}.`,
        { parts: http },
      );
    else
      add(
        'list_unsubscribe_mailto_only',
        header,
        `The List-Unsubscribe header has only ${shortened(uris.join(', '))}.`,
        {
          parts: uris,
        },
      );
  }
  if (https && post === null)
    add('one_click_missing', 'List-Unsubscribe-Post', 'There is no List-Unsubscribe-Post header.');
  if (post !== null && !isExact)
    add(
      'one_click_invalid',
      'List-Unsubscribe-Post',
      `The List-Unsubscribe-Post header is "${shortened(post)}".`,
    );
  if (https && isExact && signed === false)
    add(
      'one_click_not_signed',
      'DKIM-Signature',
      'No valid signature covers List-Unsubscribe and List-Unsubscribe-Post.',
    );
  return {
    facts: { uris, post, one_click: https && isExact ? signed : false },
    faults,
  };
}

/** The addresses in angle brackets. Removes spaces inside them, which may come from folded lines. */
const urisIn = (value: string): string[] =>
  [...value.matchAll(/<([^<>]{1,4000})>/g)]
    .map(([, uri]) => uri!.replace(/\s/g, ''))
    .filter((uri) => /^(?:https?:\/\/[^/]|mailto:[^@]+@[^@])/i.test(uri));
