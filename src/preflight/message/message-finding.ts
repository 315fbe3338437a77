// The types of a message preflight: what is asked, and what the answer says about each fault.

import type { FindingSeverity, PublishedRecord, SenderFault } from '../finding.ts';

/** The purpose of a message. Transactional mail needs no way to unsubscribe, and may have attachments. */
export const messagePurposes = ['marketing', 'transactional'] as const;

export type MessagePurpose = (typeof messagePurposes)[number];

export interface MessagePreflightRequest {
  /** The message as it is sent (RFC 5322). */
  readonly raw: Uint8Array;
  /** The domain of the envelope sender, in lower-case A-labels; null: that of the Return-Path header, if there is one. */
  readonly bounceDomain: string | null;
  readonly purpose: MessagePurpose;
}

/** What to change in the message. For a header, `value` is the whole value, ready to copy; else it says what to do. */
export interface MessageChange {
  /** The header, the address of a link, the name of an attachment, or a part of the message. */
  readonly name: string;
  readonly type: 'header' | 'body' | 'link' | 'attachment' | 'signature';
  readonly value: string;
}

/** One row of the catalogue. */
export interface MessageFaultKind {
  readonly severity: FindingSeverity;
  readonly meaning: string;
  /** Enhanced status codes (RFC 3463) of the bounces that the fault causes. */
  readonly causes: readonly string[];
  readonly type: MessageChange['type'];
  /** What to change: a text, or a function of the fault. */
  readonly change: string | ((fault: SenderFault) => string);
}

export interface MessageFinding {
  readonly code: string;
  readonly severity: FindingSeverity;
  readonly seen: string;
  readonly meaning: string;
  readonly causes: readonly string[];
  readonly publish: MessageChange | PublishedRecord | null;
}

/** Names for a sentence: the first few, and the number of the others. */
export function someOf(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).map((name) => shortened(name));
  return names.length > most ? `${shown.join(', ')} and ${names.length - most} more` : shown.join(', ');
}

/** A text of the message for a sentence: without control characters and not too long. */
export const shortened = (text: string, most = 120): string => {
  const clean = text.slice(0, most + 1).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ');
  return clean.length > most ? `${clean.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…` : clean;
};
