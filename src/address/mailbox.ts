// The Mailbox of RFC 5321 section 4.1.2 with the UTF-8 extensions of RFC 6531, and the type of a refusal.

export interface Mailbox {
  /**
   * The local part as written, but in Unicode normalization form NFC. A quoted string keeps its quotes. The case of
   * letters is never changed (RFC 5321 section 2.4).
   */
  readonly localPart: string;
  /** The domain in lower-case A-labels without a trailing dot, or an address literal in brackets such as `[192.0.2.1]`. */
  readonly domain: string;
  /** `localPart@domain`: the canonical form of the address. */
  readonly address: string;
  /** True if the local part is not ASCII. Every mail server on the way must then support SMTPUTF8 (RFC 6531). */
  readonly smtputf8: boolean;
  /** True if the local part is a quoted string. */
  readonly quoted: boolean;
}

/**
 * Codes for the reasons why a text is not a valid address. Callers depend on them: new codes may be added, but existing
 * ones keep their names. The default sentence of each code is in refusal.ts.
 */
export type SyntaxCode =
  | 'empty'
  | 'no_at_sign'
  | 'local_part_empty'
  | 'local_part_too_long'
  | 'local_part_character'
  | 'local_part_dot'
  | 'quote_unclosed'
  | 'domain_empty'
  | 'domain_too_long'
  | 'domain_character'
  | 'domain_dot'
  | 'domain_hyphen'
  | 'label_too_long'
  | 'idna'
  | 'literal'
  | 'address_too_long'
  | 'forbidden_character';

export interface SyntaxFailure {
  readonly code: SyntaxCode;
  /** Index of the mistake in the given text, in UTF-16 code units from 0. */
  readonly position: number;
  /** One English sentence that a form can show. */
  readonly message: string;
}

export type ParsedMailbox =
  | { readonly ok: true; readonly mailbox: Mailbox }
  | { readonly ok: false; readonly failure: SyntaxFailure };
