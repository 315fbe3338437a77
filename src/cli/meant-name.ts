// Finds the name that a mistyped one was meant to be, for "Did you mean …?".

import { isWithinEdits } from '../platform/setting-names.ts';

/**
 * The one of `names` that `text` was most likely meant to be: a name that begins with it, or else the name with the fewest
 * edits: at most two, one if the text is shorter than five characters, none if it is shorter than three. Undefined if there
 * is none.
 */
export function meantName(text: string, names: readonly string[]): string | undefined {
  const lower = text.toLowerCase();
  const word = lower.replace(/^-+/, '');
  const begun = names.filter((name) => word.length >= 2 && name.startsWith(lower));
  if (begun.length === 1) return begun[0];
  for (const edits of word.length < 3 ? [0] : word.length < 5 ? [0, 1] : [0, 1, 2]) {
    const near = names.find((name) => isWithinEdits(lower, name, edits));
    if (near !== undefined) return near;
  }
  return undefined;
}
