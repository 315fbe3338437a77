// Facts about a local part: whether it is a role account, and its tag.

import { roleAccounts } from '../../data/packed/role-accounts.js';
import { dataPart, entriesBy } from '../data-part.ts';
import type { Mailbox } from './mailbox.ts';
import { subaddressingOf } from './subaddressing.ts';

interface Roles {
  readonly names: ReadonlySet<string>;
  /**
   * The lengths of the role names as bit masks: `beginning` by the code of the first character, `ending` by that of the
   * last. `info` sets bit 4 at `i` in `beginning` and at `o` in `ending`. The masks rule out most local parts by their
   * length and these two characters, without a lookup in `names`.
   */
  readonly beginning: Uint32Array;
  readonly ending: Uint32Array;
}

const rolesOf = (text: string): Roles => {
  const roles = {
    names: new Set(text.split(' ')),
    beginning: new Uint32Array(128),
    ending: new Uint32Array(128),
  };
  for (const name of roles.names) {
    roles.beginning[name.charCodeAt(0)]! |= lengthBit(name.length);
    roles.ending[name.charCodeAt(name.length - 1)]! |= lengthBit(name.length);
  }
  return roles;
};

export const roleNames = dataPart({
  name: 'role-accounts',
  builtIn: () => roleAccounts,
  ...entriesBy(' ', /^[a-z0-9-]+$/),
  build: rolesOf,
});

/** The bit for a length in the masks of `Roles`. All lengths from 31 on share the last bit. */
function lengthBit(length: number): number {
  return 1 << Math.min(length, 31);
}

/**
 * Whether a local part names a role, such as `info` or `no-reply`: it is in data/role-accounts.txt or ends with `-request`
 * (RFC 2142). Several people or nobody may read the mail to a role. Ignores letter case and a `+tag`. Dots and underscores
 * count as hyphens: `no.reply` is `no-reply`.
 */
export function isRoleAccount(localPart: string): boolean {
  const plus = localPart.indexOf('+');
  const length = plus > 0 ? plus : localPart.length;
  const roles = roleNames.current();
  const beginning = roles.beginning[lowered(localPart.charCodeAt(0))];
  const ending = roles.ending[lowered(localPart.charCodeAt(length - 1))];
  // No role begins or ends with a non-ASCII character. For such a character, `beginning` or `ending` is undefined, and `&`
  // gives 0.
  const mayBeRole = (beginning! & ending! & lengthBit(length)) !== 0;
  if (!mayBeRole) return isRequest(localPart, length);
  const name = localPart.slice(0, length).toLowerCase();
  if (roles.names.has(name)) return true;
  const isJoined = name.includes('.') || name.includes('_');
  return (isJoined && roles.names.has(name.replace(/[._]/g, '-'))) || isRequest(localPart, length);
}

/** RFC 2142 section 6: `LIST-request` is the administrative address of the mailing list LIST. */
const isRequest = (localPart: string, length: number): boolean =>
  localPart.charCodeAt(length - 8) === 45 && localPart.slice(length - 8, length).toLowerCase() === '-request';

/** The code of the lower-case letter for an ASCII capital letter; any other code unchanged. */
const lowered = (code: number): number => (code >= 65 && code <= 90 ? code + 32 : code);

/**
 * The tag of an address: the text after the first plus sign of the local part. Null if there is no tag or the local part is
 * quoted. Also null if the provider uses another separator, because a plus sign is then part of the name.
 */
export function plusTag(mailbox: Mailbox): string | null {
  if (mailbox.quoted) return null;
  const plus = mailbox.localPart.indexOf('+');
  if (plus < 1 || plus === mailbox.localPart.length - 1) return null;
  const rule = subaddressingOf(mailbox.domain);
  return rule === undefined || rule.separator === '+' ? mailbox.localPart.slice(plus + 1) : null;
}
