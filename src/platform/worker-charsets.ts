// Takes the place of iconv-lite and encoding-japanese in the Worker (see [alias] in wrangler.toml). libmime, which mailauth requires, reads
// other character sets with them, in parts that the checks of signatures never call. The two are a quarter of a megabyte in the bundle.

/** Decodes as the Encoding Standard does. @throws RangeError if the character set is unknown. */
export const decode = (bytes: Uint8Array, charset: string): string => new TextDecoder(charset).decode(bytes);

/** Never called: `decode` reads ISO-2022-JP itself. */
export function convert(): never {
  throw new Error('no conversion between Japanese character sets');
}
