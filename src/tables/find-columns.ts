// Finds the columns of a list by their names and contents: the address, the date of the last verification, and the
// acquisition source.

import { readMailbox } from '../address/nonstandard-names.ts';
import { addressesInCell } from './address-cell.ts';

/**
 * Names of address columns, as exports of other software have them. The most specific names come first, ambiguous
 * ones last.
 */
const addressNames = `
  email, email address, e-mail, e-mail address, email id, mail, mail address, primary email, email primary, email 1,
  e-mail 1 - value, contact email, user email, customer email, subscriber email, work email, business email,
  personal email, private email, home email, email addr, smtp address, primary smtp address,
  emailadresse, e-mail-adresse, mailadresse, elektronische adresse,
  courriel, adresse courriel, adresse e-mail, adresse mail, adresse de messagerie, adresse électronique, adresse de courriel, mél,
  correo, correos, correo electrónico, dirección de correo, dirección de correo electrónico, dirección de email, correo-e,
  e-mail adres, mailadres, emailadres,
  indirizzo email, indirizzo e-mail, indirizzo mail, posta elettronica, indirizzo di posta elettronica,
  endereço de e-mail, endereço de email, endereço eletrônico, correio eletrônico, correio electrónico,
  e-post, epost, e-postadress, e-postadresse, epostadress, e-postadr, mejl, mailadress, emailadresser,
  sähköposti, sähköpostiosoite, netfang, e-pasts, el. paštas,
  adres e-mail, adres email, adres mailowy, poczta, e-mailová adresa, emailová adresa, adresa de e-mail,
  e-mail cím, email cím, e-posta, eposta, e-posta adresi, e-pošta, e-naslov, elektronski naslov,
  электронная почта, адрес электронной почты, электронный адрес, эл. почта, почта, имейл, мейл, електронна пошта, имейл адрес,
  ηλεκτρονικό ταχυδρομείο, διεύθυνση email, דואל, אימייל, البريد الإلكتروني, البريد الالكتروني, بريد إلكتروني, الإيميل, ایمیل, ईमेल, อีเมล, thư điện tử,
  メール, メールアドレス, eメール, 邮箱, 邮箱地址, 电子邮件, 电子邮箱, 电子邮件地址, 电子邮箱地址, 邮件地址, 電子郵件, 電子信箱, 電子郵件地址, 信箱,
  이메일, 이메일 주소, 메일, 메일주소, 전자우편, 전자메일
`;

/** Names of columns that may have addresses, but often have something else. Most of their cells must be addresses. */
const vagueNames = `recipient, to, login, username, user name, address, adresse`;

const verifiedNames = `
  last verified at, last verified, verified at, verified on, verified date, last verification, last verification date,
  last validated at, last validated, validated at, last confirmed at, last confirmed,
  last checked at, last checked, checked at, last delivered at, last delivered, last delivery, zuletzt geprüft,
  zuletzt verifiziert, dernière vérification, última verificación
`;

const sourceNames = `
  source, acquisition source, signup source, sign-up source, subscription source, opt-in source, optin source,
  lead source, original source, contact source, list source, source name, utm source, channel, origin, campaign,
  utm campaign, quelle, herkunft, origine, provenance, origen, fuente, fonte, bron
`;

/**
 * Reduces a name to its letters and digits, in lower case and without accents. So `E-Mail-Adresse` and `emailadresse`
 * are the same name.
 */
export const plainName = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();

const namesIn = (text: string): string[] => text.split(',').map(plainName);

const names = {
  address: namesIn(`${addressNames},${vagueNames}`),
  lastVerifiedAt: namesIn(verifiedNames),
  source: namesIn(sourceNames),
} as const;

/** The place of a name in the list of `kind`; -1 if it is not there. A name with a number, such as `Courriel 2`, comes later. */
function rankOf(name: string, kind: keyof typeof names): number {
  const plain = plainName(name);
  const rank = names[kind].indexOf(plain);
  const [, unnumbered = '', number] = /^(.+?)([1-9])$/.exec(plain) ?? [];
  if (rank !== -1 || kind !== 'address' || !certainNames.has(unnumbered)) return rank;
  return names[kind].length * Number(number) + names[kind].indexOf(unnumbered);
}

/**
 * The indexes of the columns whose name is in the list of `kind`. The column with the most specific name comes first.
 */
export function columnsNamed(header: readonly string[], kind: keyof typeof names): number[] {
  const ranks = header.map((name) => rankOf(name, kind));
  return ranks
    .map((rank, column) => ({ rank, column }))
    .filter(({ rank }) => rank !== -1)
    .sort((a, b) => a.rank - b.rank || a.column - b.column)
    .map(({ column }) => column);
}

const certainNames = new Set(namesIn(addressNames));

/** Whether a text is the name of an address column, and hardly anything else. */
export const isAddressName = (text: string): boolean => certainNames.has(plainName(text));

/** The index of the column that the caller named, by its header or by its number from 1; -1 if there is none. */
export function columnCalled(name: string, header: readonly string[] | null, width: number): number {
  const exact = header?.indexOf(name) ?? -1;
  if (exact !== -1) return exact;
  const plain = plainName(name);
  const alike = header?.findIndex((other) => plainName(other) === plain) ?? -1;
  if (alike !== -1) return alike;
  const number = /^\d+$/.test(name) ? Number(name) : 0;
  return number >= 1 && number <= width ? number - 1 : -1;
}

/**
 * Names of columns with more addresses of the same person, such as `Secondary Email`. Columns with addresses of other
 * people, such as the owner of a contact, do not match.
 */
const furtherNames =
  /^(?:(?:secondary|second|other|additional|alternate|alternative|alt|personal|private|home|work|business|school)e?mail(?:address(?:es)?|s)?\d?|e?mail(?:address)?[2-9](?:value|address)?|[2-9]e?mail(?:address)?)$/;

/** Words and numbers that tell the addresses of one person apart, as in `Person - Email - Work`. */
export const whichOne =
  /primary|main|secondary|second|other|additional|alternate|alternative|alt|personal|private|privat|home|work|business|office|school|\d/g;

/**
 * Whether the column `name` has more addresses of the person whose address is in the column `main`: by its own name, or
 * because the two names differ only in words such as `Work` and `Home`, or not at all.
 */
export const isFurtherAddress = (name: string, main: string): boolean => {
  const [own, other] = [plainName(name), plainName(main)];
  const family = other.replace(whichOne, '');
  const isMailName = /mail/.test(family) || certainNames.has(family);
  return furtherNames.test(own) || (isMailName && own.replace(whichOne, '') === family);
};

/**
 * Whether the name of a column or field says that it is about a person who is not the contact, such as the owner of the record.
 */
export const isOtherPerson = (name: string): boolean =>
  /owner|manager|agent|assigne|assigned|creat(?:or|ed)|updated|modified|sender|refer|advisor|author|\brep\b|sales|betreuer|berater|verkäufer|vertrieb|besitzer|absender|commercial|conseill|vendeur|responsab|propriétaire|expéditeur|vendedor|asesor|comercial|remitente|remetente|venditore|opiekun|handlowiec|менеджер|ответственн|отправител|المندوب|业务员|销售|负责人|業務員|營業/i.test(
    name,
  );

/**
 * Whether a cell has addresses and nothing else that is meant as one. `isProse`: they may stand among other words.
 */
export const isAddress = (text: string, isProse = true): boolean => {
  const addresses = addressesInCell(text, isProse);
  return (
    addresses.length > 0 && addresses.every((address) => address.includes('@') && readMailbox(address).ok)
  );
};

/**
 * A column without a known name can be the address column only if at least this percentage of its non-empty cells are
 * addresses.
 */
const enough = 50;

/**
 * Finds the address column: the one with the most specific known name, of those that contain an address. A column with a
 * vague name, such as `Address`, must contain mostly addresses. If there is none, the one with the most different addresses, of
 * those whose non-empty cells are at least half addresses: the contacts differ, and the person who looks after them does not. If there is none either, the one with the most specific known name. -1 if no
 * column has such a name.
 */
export function addressColumn(
  header: readonly string[] | null,
  sample: readonly (readonly string[])[],
): number {
  // Fields beyond the header belong to no column.
  const width = header?.length ?? Math.max(0, ...sample.map((row) => row.length));
  const found = new Array<number>(width).fill(0);
  const filled = new Array<number>(width).fill(0);
  const different = Array.from({ length: width }, () => new Set<string>());
  for (const row of sample)
    for (const [column, cell] of row.slice(0, width).entries()) {
      const addresses = addressesInCell(cell);
      if (addresses.length === 0) continue;
      filled[column]!++;
      if (!isAddress(cell)) continue;
      found[column]!++;
      different[column]!.add(addresses[0]!.toLowerCase());
    }
  const named = columnsNamed(header ?? [], 'address');
  const isMostly = (column: number) => found[column]! * 100 >= filled[column]! * enough;
  const withAddresses = named.find(
    (column) => found[column]! > 0 && (isMostly(column) || isAddressName(header![column]!)),
  );
  if (withAddresses !== undefined) return withAddresses;
  let best = -1;
  const score = (column: number) =>
    (different[column]?.size ?? 0) / (isOtherPerson(header?.[column] ?? '') ? sample.length + 1 : 1);
  for (let column = 0; column < width; column++)
    if (isMostly(column) && score(column) > score(best)) best = column;
  // In a very bad list, hardly any sampled cell is an address. Then the name alone decides.
  return best === -1 ? (named[0] ?? -1) : best;
}
