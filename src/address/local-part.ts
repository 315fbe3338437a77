// Facts about a local part: whether it is a role account, and its tag.

import { roleAccounts } from '../../data/packed/role-accounts.js';
import type { Mailbox } from './mailbox.ts';
import { subaddressingOf } from './subaddressing.ts';

const roles = new Set(roleAccounts.split(' '));

/** For each first and last character, a bit mask of the lengths of roles. It rules out most names quickly. */
const lengths = { beginning: new Uint32Array(128), ending: new Uint32Array(128) };
for (const role of roles) {
  lengths.beginning[role.charCodeAt(0)]! |= lengthBit(role.length);
  lengths.ending[role.charCodeAt(role.length - 1)]! |= lengthBit(role.length);
}

/** The bit of a length. All lengths from 31 on share the last bit. */
function lengthBit(length: number): number {
  return 1 << Math.min(length, 31);
}

/**
 * Whether a local part names a role (RFC 2142 and common practice), so several people or none read its mail. Ignores letter
 * case, a `+tag`, and whether two words are joined by a dot, a hyphen or an underscore.
 */
export function isRoleAccount(localPart: string): boolean {
  const plus = localPart.indexOf('+');
  const length = plus > 0 ? plus : localPart.length;
  const beginning = lengths.beginning[lowered(localPart.charCodeAt(0))];
  const ending = lengths.ending[lowered(localPart.charCodeAt(length - 1))];
  // Undefined for a character beyond ASCII, which no role has.
  const mayBeRole = (beginning! & ending! & lengthBit(length)) !== 0;
  if (!mayBeRole) return isRequest(localPart, length);
  const name = localPart.slice(0, length).toLowerCase();
  if (roles.has(name)) return true;
  const isJoined = name.includes('.') || name.includes('_');
  return (isJoined && roles.has(name.replace(/[._]/g, '-'))) || isRequest(localPart, length);
}

/** RFC 2142 section 6: LIST-request is the administrative address of a mailing list. */
const isRequest = (localPart: string, length: number): boolean =>
  localPart.charCodeAt(length - 8) === 45 && localPart.slice(length - 8, length).toLowerCase() === '-request';

/** An ASCII letter in lower case; anything else as it is. */
const lowered = (code: number): number => (code >= 65 && code <= 90 ? code + 32 : code);

/**
 * The text after the first plus sign, or null. Also null if the provider uses another separator, because a plus sign is then
 * part of the name.
 */
export function plusTag(mailbox: Mailbox): string | null {
  if (mailbox.quoted) return null;
  const plus = mailbox.localPart.indexOf('+');
  if (plus < 1 || plus === mailbox.localPart.length - 1) return null;
  const rule = subaddressingOf(mailbox.domain);
  return rule === undefined || rule.separator === '+' ? mailbox.localPart.slice(plus + 1) : null;
}
