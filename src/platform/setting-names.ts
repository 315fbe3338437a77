// Finds misspelled names of settings in the environment, because a misspelled setting would be silently ignored. Checks
// the settings of webhooks, CRMs and suppression.

export interface NameCheck {
  readonly mistakes: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Maximum number of edits between the name of a setting and a misspelling of it: EPS_RESEND_SIGNING_KEY is one edit
 * from ESP_RESEND_SIGNING_KEY.
 */
const maxEdits = 2;

/**
 * Checks the names of environment variables against `settings`, the names of the settings to check. A name that
 * resembles a setting is a mistake. An unknown name that begins with ESP_ or CRM_ is a mistake if it contains one of
 * `vendors`, such as sendgrid. All other unknown ESP_… and CRM_… names together give one warning: they may have nothing
 * to do with presend, because orchestrators also set such variables.
 */
export function checkSettingNames(
  names: readonly string[],
  settings: readonly string[],
  vendors: readonly string[],
): NameCheck {
  const known = new Set(settings);
  const mistakes: string[] = [];
  const unknown: string[] = [];
  for (const name of names) {
    if (known.has(name)) continue;
    const meant = settings.find((setting) => isWithinEdits(name, setting));
    if (meant !== undefined) {
      mistakes.push(`${name} is not a setting. Did you mean ${meant}?`);
      continue;
    }
    if (!/^(ESP|CRM)_/.test(name)) continue;
    const vendor = vendors.find((slug) => `_${name}_`.includes(`_${slug.toUpperCase()}_`));
    if (vendor === undefined) unknown.push(name);
    else
      mistakes.push(
        `${name} is not a setting: presend has no such setting for ${vendor}. See docs/settings.md.`,
      );
  }
  const warnings =
    unknown.length === 0 ? [] : [`These settings are unknown and have no effect: ${unknown.join(', ')}.`];
  return { mistakes, warnings };
}

/**
 * Returns whether `a` becomes `b` by at most `maxEdits` edits. An edit inserts, deletes or replaces a character, or
 * swaps two neighbors.
 */
function isWithinEdits(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > maxEdits) return false;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(replaced, previous[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, beforePrevious[j - 2]! + 1);
      row.push(least);
    }
    [beforePrevious, previous] = [previous, row];
  }
  return previous[b.length]! <= maxEdits;
}
