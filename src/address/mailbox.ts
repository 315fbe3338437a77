// The Mailbox of RFC 5321 section 4.1.2 with the UTF-8 extensions of RFC 6531, and the type of a refusal.

export interface Mailbox {
  /** As written, in NFC. A quoted string keeps its quotes. Never case-folded (RFC 5321 2.4). */
  readonly localPart: string;
  /** Lower-case A-labels without a trailing dot, or a literal in brackets such as `[192.0.2.1]`. */
  readonly domain: string;
  /** `localPart@domain`: the canonical form of the address. */
  readonly address: string;
  /** The local part is not ASCII: every mail server on the way must offer SMTPUTF8 (RFC 6531). */
  readonly smtputf8: boolean;
  /** The local part is a quoted string. */
  readonly quoted: boolean;
}

/** Stable names of all refusals; their sentences are in the parser. Adding one is an additive change. */
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
  /** Position in the given text, in UTF-16 code units from 0. */
  readonly position: number;
  /** One English sentence that a form can show. */
  readonly message: string;
}

export type ParsedMailbox =
  | { readonly ok: true; readonly mailbox: Mailbox }
  | { readonly ok: false; readonly failure: SyntaxFailure };
