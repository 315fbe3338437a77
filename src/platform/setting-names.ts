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
    unknown.length === 0
      ? []
      : [`presend has no settings with these names, so they have no effect: ${unknown.join(', ')}.`];
  return { mistakes, warnings };
}

/**
 * Returns whether `a` becomes `b` by at most `most` edits. An edit inserts, deletes or replaces a character, or
 * swaps two neighbors; other edits may then fall between the two (Damerau–Levenshtein distance, by Lowrance and Wagner).
 */
export function isWithinEdits(a: string, b: string, most = maxEdits): boolean {
  if (Math.abs(a.length - b.length) > most) return false;
  // distances[i][j]: from the first i characters of `a` to the first j characters of `b`.
  const distances = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  const lastRowOf = new Map<string, number>();
  let rowsAbove = 0;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let lastMatch = 0;
    for (let j = 1; j <= b.length; j++) {
      const above = distances[i - 1]!;
      const isSame = a[i - 1] === b[j - 1];
      let least = Math.min(above[j - 1]! + (isSame ? 0 : 1), above[j]! + 1, row[j - 1]! + 1);
      const swapRow = lastRowOf.get(b[j - 1]!) ?? 0;
      if (swapRow > 0 && lastMatch > 0)
        least = Math.min(
          least,
          distances[swapRow - 1]![lastMatch - 1]! + (i - swapRow - 1) + 1 + (j - lastMatch - 1),
        );
      if (isSame) lastMatch = j;
      row.push(least);
    }
    // A swap leads past at most as many rows as it has edits.
    rowsAbove = Math.min(...row) > most ? rowsAbove + 1 : 0;
    if (rowsAbove > most) return false;
    lastRowOf.set(a[i - 1]!, i);
    distances.push(row);
  }
  return distances[a.length]![b.length]! <= most;
}
