// Decides which mail an entry of the suppression list stops: compares the entry's scope with the mail's purpose. Pure.

export const suppressionReasons = ['bounce', 'complaint', 'unsubscribe', 'manual'] as const;
export type SuppressionReason = (typeof suppressionReasons)[number];

/**
 * The mail that an entry is about. `all`: every message. `marketing`: everything but transactional mail. `list:NAME`: the
 * mail of one mailing list.
 */
export type SuppressionScope = 'all' | 'marketing' | `list:${string}`;

/** `transactional`: such as a receipt or a password reset. `signup`: the person is entering the address in a form. */
export type MailPurpose = 'marketing' | 'transactional' | 'signup';

export const mailPurposes: readonly MailPurpose[] = ['marketing', 'transactional', 'signup'];

/** The fields of a suppression entry that decide which mail it stops. */
interface Scoped {
  readonly scope: SuppressionScope;
  readonly reason: SuppressionReason;
}

/** The mail that a caller wants to send. */
export interface MailQuestion {
  readonly purpose: MailPurpose;
  /** The name of the mailing list that the mail belongs to; null if it belongs to none. */
  readonly list: string | null;
}

export const marketingMail: MailQuestion = { purpose: 'marketing', list: null };

/** Fills in the defaults: marketing mail that belongs to no particular list. */
export const mailQuestion = ({
  purpose = marketingMail.purpose,
  list = null,
}: {
  readonly purpose?: MailPurpose | undefined;
  readonly list?: string | null | undefined;
}): MailQuestion => ({ purpose, list });

/**
 * What a suppression entry means for a mail. `block`: do not send it. `confirm`: send only a message that asks the person to
 * confirm. `inform`: the entry does not stop this mail and is only shown to the caller.
 */
export type SuppressionEffect = 'block' | 'confirm' | 'inform';

/** Maximum length of a list name in UTF-16 code units. */
const longestListName = 100;

/** Reads a scope: `all`, `marketing`, or `list:` and a valid list name (see `listScope`). Null for any other text. */
export function parseScope(text: string): SuppressionScope | null {
  if (text === 'all' || text === 'marketing') return text;
  return text.startsWith('list:') ? listScope(text.slice('list:'.length)) : null;
}

/**
 * Returns the scope of one mailing list. Null if its name is blank, is longer than 100 characters, or contains an at sign
 * (it may be an address), a line separator or a control character.
 */
export function listScope(name: string): `list:${string}` | null {
  const trimmed = name.trim();
  const isName =
    trimmed !== '' && trimmed.length <= longestListName && !/[\p{Cc}\p{Zl}\p{Zp}]|@/u.test(trimmed);
  return isName ? `list:${trimmed}` : null;
}

/** The scope of a new entry that names none: an unsubscribe stops marketing, every other reason stops all mail. */
export const defaultScope = (reason: SuppressionReason): SuppressionScope =>
  reason === 'unsubscribe' ? 'marketing' : 'all';

/**
 * Returns the effect of an entry on the mail that `question` describes; null if the entry is about another list. It depends on
 * the purpose of the mail:
 * - `marketing`: every entry blocks it.
 * - `transactional`: an entry with the scope `all` blocks it, unless it is an unsubscribe. Other entries do not (`inform`).
 * - `signup`: an unsubscribe, or an entry for marketing or one list, requires a confirmation, which can then remove the entry.
 *   A complaint blocks the signup, because no confirmation removes it. Any other entry with the scope `all` blocks it, too.
 */
export function effectOf(
  { scope, reason }: Scoped,
  { purpose, list }: MailQuestion,
): SuppressionEffect | null {
  const coversAll = scope === 'all';
  if (!coversAll && scope !== 'marketing' && (list === null || scope !== listScope(list))) return null;
  switch (purpose) {
    case 'marketing':
      return 'block';
    case 'transactional':
      return coversAll && reason !== 'unsubscribe' ? 'block' : 'inform';
    case 'signup':
      if (reason === 'unsubscribe') return 'confirm';
      return coversAll || reason === 'complaint' ? 'block' : 'confirm';
  }
}

const effectRank: Readonly<Record<SuppressionEffect, number>> = { block: 2, confirm: 1, inform: 0 };
const reasonRank: Readonly<Record<SuppressionReason, number>> = {
  complaint: 3,
  unsubscribe: 2,
  manual: 1,
  bounce: 0,
};
const scopeRank = (scope: SuppressionScope): number => (scope === 'all' ? 2 : scope === 'marketing' ? 1 : 0);

/**
 * Returns the one entry that decides about the mail that `question` describes, or null if no entry applies. The strictest
 * effect wins; among equal effects the strongest reason (`reasonRank`), then the widest scope.
 */
export function decisiveEntry<Entry extends Scoped>(
  entries: readonly Entry[],
  question: MailQuestion,
): { readonly entry: Entry; readonly effect: SuppressionEffect } | null {
  let best: { readonly entry: Entry; readonly effect: SuppressionEffect } | null = null;
  for (const entry of entries) {
    const effect = effectOf(entry, question);
    if (effect === null) continue;
    if (best === null || outranks(entry, effect, best.entry, best.effect)) best = { entry, effect };
  }
  return best;
}

function outranks(one: Scoped, effect: SuppressionEffect, other: Scoped, otherEffect: SuppressionEffect) {
  const byEffect = effectRank[effect] - effectRank[otherEffect];
  if (byEffect !== 0) return byEffect > 0;
  const byReason = reasonRank[one.reason] - reasonRank[other.reason];
  if (byReason !== 0) return byReason > 0;
  return scopeRank(one.scope) > scopeRank(other.scope);
}
