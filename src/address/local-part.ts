// What a local part alone tells: a role instead of a person, and a tag of its user's choice.

import { roleAccounts } from '../../data/packed/role-accounts.js';
import type { Mailbox } from './mailbox.ts';
import { subaddressingOf } from './subaddressing.ts';

const roles = new Set(roleAccounts.split(' '));

/**
 * Whether a local part names a function (RFC 2142 and common practice) and so has many readers or none. Letter case,
 * a `+tag` and the way two words are joined make no difference.
 */
export function isRoleAccount(localPart: string): boolean {
  const plus = localPart.indexOf('+');
  const name = (plus > 0 ? localPart.slice(0, plus) : localPart).toLowerCase();
  if (roles.has(name)) return true;
  const isJoined = name.includes('.') || name.includes('_');
  // RFC 2142 section 6: LIST-request is whoever runs the list.
  return (isJoined && roles.has(name.replace(/[._]/g, '-'))) || name.endsWith('-request');
}

/**
 * What stands behind the first plus sign, or null: also where the provider is known to part tags by another character,
 * so that a plus sign is nothing but a part of the name.
 */
export function plusTag(mailbox: Mailbox): string | null {
  if (mailbox.quoted) return null;
  const plus = mailbox.localPart.indexOf('+');
  if (plus < 1 || plus === mailbox.localPart.length - 1) return null;
  const rule = subaddressingOf(mailbox.domain);
  return rule === undefined || rule.separator === '+' ? mailbox.localPart.slice(plus + 1) : null;
}
