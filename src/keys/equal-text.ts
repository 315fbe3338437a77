// Compares secrets in constant time.

/**
 * Whether two texts are equal. Texts of equal length, such as digests, are compared in constant time: an attacker cannot learn
 * from the time how many characters are right.
 */
export function equalText(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index++) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}
