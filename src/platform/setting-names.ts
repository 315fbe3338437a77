// Finds misspelled names of hook settings, and of settings that decide whom a bounce or a complaint suppresses: with such
// a name a hook would silently stay closed, or a default would silently apply.

export interface NameCheck {
  readonly mistakes: readonly string[];
  readonly warnings: readonly string[];
}

/** Edits within which a name is a misspelling: ESP_SENDGRID_SIGNING_KEY, EPS_RESEND_SIGNING_KEYS. */
const maxEdits = 2;

/**
 * Checks the names of an environment against `settings`, those that exist. A name close to a setting, or with the name
 * of a vendor in it, is a mistake. Other ESP_… and CRM_… names are one warning, because orchestrators inject such names.
 * `vendors` are slugs such as sendgrid.
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
