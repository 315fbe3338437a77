// Finds misspelled names of settings for hooks and for suppression. A misspelled setting would be silently ignored.

export interface NameCheck {
  readonly mistakes: readonly string[];
  readonly warnings: readonly string[];
}

/** A name is a misspelling if it is at most this many edits from a setting, as EPS_RESEND_SIGNING_KEY is. */
const maxEdits = 2;

/**
 * Checks the names in an environment against `settings`, the names of all settings. A name close to a setting is a
 * mistake. So is an unknown ESP_… or CRM_… name that contains one of `vendors`, slugs such as sendgrid. Other ESP_… and
 * CRM_… names give one warning only, because orchestrators inject such names.
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
    else mistakes.push(`${name} is not a setting of ${vendor}.`);
  }
  const warnings = unknown.length === 0 ? [] : [`Unknown settings are ignored: ${unknown.join(', ')}.`];
  return { mistakes, warnings };
}

/** Whether two texts are at most `maxEdits` insertions, deletions, replacements or swaps of neighbors apart. */
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
