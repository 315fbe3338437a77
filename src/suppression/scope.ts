// Which mail an entry stops: the scope of the entry against the purpose of the mail. Pure.

export const suppressionReasons = ['bounce', 'complaint', 'unsubscribe', 'manual'] as const;
export type SuppressionReason = (typeof suppressionReasons)[number];

/** `all`: every message. `marketing`: everything but transactional mail. `list:NAME`: the mail of one list. */
export type SuppressionScope = 'all' | 'marketing' | `list:${string}`;

/** `transactional`: a receipt, a password reset. `signup`: the person is entering the address in a form. */
export type MailPurpose = 'marketing' | 'transactional' | 'signup';

export const mailPurposes: readonly MailPurpose[] = ['marketing', 'transactional', 'signup'];

/** The fields of an entry that decide its effect. */
interface Scoped {
  readonly scope: SuppressionScope;
  readonly reason: SuppressionReason;
}

/** The mail that a caller wants to send. */
export interface MailQuestion {
  readonly purpose: MailPurpose;
  /** The list that the mail belongs to, if any. */
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
 * `block`: do not send. `confirm`: send only what asks the person to confirm. `inform`: the entry is about other mail
 * and stops nothing.
 */
export type SuppressionEffect = 'block' | 'confirm' | 'inform';

const longestListName = 100;

/** Returns the scope that a text names, or null: `all`, `marketing`, or `list:` and a name of at most 100 characters. */
export function parseScope(text: string): SuppressionScope | null {
  if (text === 'all' || text === 'marketing') return text;
  return text.startsWith('list:') ? listScope(text.slice('list:'.length)) : null;
}

/** Returns the scope of one list, or null if the name is empty, too long, or holds an address or control characters. */
export function listScope(name: string): `list:${string}` | null {
  const trimmed = name.trim();
  const isName =
    trimmed !== '' && trimmed.length <= longestListName && !/[\p{Cc}\p{Zl}\p{Zp}]|@/u.test(trimmed);
  return isName ? `list:${trimmed}` : null;
}

/** An unsubscribe is about marketing, everything else about all mail. */
export const defaultScope = (reason: SuppressionReason): SuppressionScope =>
  reason === 'unsubscribe' ? 'marketing' : 'all';

/**
 * Returns the effect of an entry on the mail in question; null if the entry is about another list.
 *
 * An unsubscribe never blocks transactional mail, and neither does an entry for marketing or for one list. At signup such
 * entries require a confirmation, which can lift them later. A complaint cannot be lifted, so it blocks the signup. Any
 * other entry for `all` blocks every purpose.
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

/** Returns the entry that matters most for the mail in question: by effect, then reason, then breadth of scope. */
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
