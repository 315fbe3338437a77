// Normalizes message ids to compare and store them. An id is a Message-ID (RFC 5322 section 3.6.4) or the provider's id.

/** Removes the angle brackets and the blanks around an id. */
export const bareMessageId = (id: string): string => id.trim().replace(/^<|>$/g, '').trim();

/**
 * The ids under which events may have recorded a message: its Message-ID, and the part before the @, which Amazon SES and
 * Postmark use as the id of the message in their events.
 */
export function recordedIds(messageId: string): readonly string[] {
  const id = bareMessageId(messageId);
  const at = id.lastIndexOf('@');
  return at > 0 ? [id, id.slice(0, at)] : [id];
}

/** Shortens the keyed hash of a message id to the part that is stored: the first 16 hexadecimal digits, which are 64 bits. */
export const messageDigest = (hash: string): string => hash.slice(0, 16);
