// Finds the addresses in a cell of a list, and tells the cells that say that there is none.

import { atSign, findAddresses, isPlainAddress, withoutListMark } from '../address/find-addresses.ts';

/** Whether a text has only spaces and invisible characters, such as the end-of-file character of DOS (U+001A). */
export const isBlankText = (text: string): boolean => /^[\s\p{Cc}\p{Cf}]*$/u.test(text);

/**
 * Words that programs and people write into a cell to say that there is no address, and the names of rows with totals. `\N` is
 * the NULL of MySQL. A text of punctuation, such as `-`, means the same.
 */
const noAddressText =
  /^(?:n\.?\/?a\.?!?|null|\\n|nil|none|undefined|nan|false|0|empty|blank|unknown|missing|unavailable|refused|declined|pending|tb[acd]|object object|k\. ?a\.?|leer|unbekannt|ausstehend|inconnue?|desconocid[oa]|sconosciut[oa]|desconhecid[oa]|onbekend|nieznany|неизвестно|なし|無し|未登録|未記入|不明|无|無|暂无|没有|沒有|未填写|未填寫|不详|없음|미등록)$|^(?:(?:grand |sub)?totals?|sum|summe|gesamt(?:summe)?|zwischensumme|somme|suma|somma|soma|totale|totaal|łącznie|razem|итого|всего|合計|总计|總計|합계)(?:\b|(?![\p{L}\p{N}]))/iu;

/** A text that begins with `no`, `not` or `without` in one of several languages, such as `no e-mail` or `pas d'adresse`. */
const negativeText =
  /^(?:no|not|non|without|keine?[nrs]?|nicht|ohne|pas|sans|aucune?|sin|ningun[oa]?|ningún|nessun[oa]?|senza|sem|não|nenhuma?|geen|niet|zonder|brak|nie|bez|нет|не|без|yok|ei|ingen|inget|uden|utan|uten|žádný|nincs|fără)(?:$|[\s'’])/iu;

/** What a spreadsheet shows in a cell whose formula fails: `#N/A`, `#VALUE!`, `#BEZUG!`. */
const formulaError = /^#[\p{L}/0]+[!?]?$/u;

/** An Exchange name (X.500) in place of an address: `/o=ExchangeLabs/ou=…/cn=…`. */
const exchangeName = /^(?:x500:|ex:)?\/o=/i;

/**
 * Whether a text may be meant as an address: it has an at sign, or a name with a dot and letters after it, as in
 * `jane2gmail.com`, and at most four words, as in `jane at gmail dot com`.
 */
export const mayBeAddress = (text: string): boolean =>
  atSign.test(text) ||
  (text.trim().split(/\s+/).length < 6 && /\S\.\p{L}{2}|%40| at |[([{]at[)\]}]/iu.test(text));

/** Maximum length of a text that can say that there is no address. */
const longestWords = 100;

const onlyPunctuation = /^[\p{P}|+=~^<>\s]*$/u;
const brackets = /^[([{<"'«]+|[)\]}>"'»]+$/g;

/** Whether a cell says that there is no address, as `n/a`, `NULL`, `-`, `no e-mail` and `Total: 12` do. */
export function saysNoAddress(text: string): boolean {
  if (onlyPunctuation.test(text)) return true;
  if (atSign.test(text)) return false;
  const bare = text.length > longestWords ? '' : text.replace(brackets, '');
  return (
    (noAddressText.test(bare) && !bare.includes('%40')) ||
    formulaError.test(bare) ||
    exchangeName.test(bare) ||
    (negativeText.test(bare) && !mayBeAddress(bare))
  );
}

/**
 * Returns the distinct addresses of a cell, in order, without what is around each (`findAddresses`). A text without an address is
 * returned without the spaces around it. An empty cell, and one that says that there is no address, such as `n/a`, gives an
 * empty array. `isProse`: addresses may stand among other words.
 */
export function addressesInCell(cell: string, isProse = true): readonly string[] {
  if (isPlainAddress(cell)) return [cell];
  const unmarked = withoutListMark(cell);
  return unmarked === '' || saysNoAddress(unmarked) ? [] : findAddresses(unmarked, isProse);
}
