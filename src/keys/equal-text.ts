// Compares secrets in a time that does not depend on where they differ.

/**
 * Whether two texts of equal length, such as digests, are equal. The comparison takes the same time wherever they
 * differ, so an attacker learns nothing from the time.
 */
export function equalText(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index++) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}
