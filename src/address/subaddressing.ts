// The documented rules by which mailbox providers deliver several spellings of an address to one mailbox: equivalent
// domains, tags, and characters that do not matter.

export interface Subaddressing {
  /**
   * Equivalent domains: the same local part is the same mailbox at each of them. `samePerson` replaces each by the first.
   */
  readonly domains: readonly string[];
  /** The character between the name of the mailbox and a tag that its user chooses, as in `jane+shop@gmail.com`. */
  readonly separator: '+' | '-';
  /** Characters that the provider ignores in a local part. */
  readonly ignored?: string;
  /** Characters that the provider treats as a dot. */
  readonly dotLike?: string;
  /** True if mail to `anything@jane.DOMAIN` is delivered to `jane@DOMAIN`. */
  readonly subdomain?: true;
}

/** Creates the same rule for several domains that are not equivalent: a local part may be a different mailbox at each. */
const each = (domains: string, rule: Omit<Subaddressing, 'domains'>): Subaddressing[] =>
  domains.split(' ').map((domain) => ({ domains: [domain], ...rule }));

/** The rules that the providers document. A domain without an entry has no known rule. */
export const SUBADDRESSING: readonly Subaddressing[] = [
  { domains: ['gmail.com', 'googlemail.com'], separator: '+', ignored: '.' },
  { domains: ['icloud.com', 'me.com', 'mac.com'], separator: '+' },
  { domains: ['proton.me', 'protonmail.com', 'pm.me'], separator: '+', ignored: '._-' },
  {
    domains: ['yandex.ru', 'ya.ru', 'yandex.com', 'yandex.by', 'yandex.kz', 'yandex.ua'],
    separator: '+',
    dotLike: '-',
  },
  ...each(
    'outlook.com outlook.fr outlook.de outlook.es outlook.it outlook.pt outlook.jp outlook.be outlook.ie ' +
      'outlook.dk outlook.at outlook.in outlook.com.br outlook.com.ar outlook.com.au hotmail.com hotmail.co.uk ' +
      'hotmail.fr hotmail.de hotmail.es hotmail.it hotmail.be hotmail.nl hotmail.se hotmail.no hotmail.dk ' +
      'hotmail.ca hotmail.co.jp hotmail.com.br hotmail.com.ar live.com live.co.uk live.fr live.de live.it ' +
      'live.nl live.be live.se live.no live.dk live.ca live.jp live.com.au live.com.mx live.com.pt msn.com',
    { separator: '+' },
  ),
  // A Yahoo name contains no hyphen. A hyphen separates the base name of a disposable address from its keyword, as in
  // `base-keyword@yahoo.com`.
  ...each(
    'yahoo.com yahoo.co.uk yahoo.fr yahoo.de yahoo.es yahoo.it yahoo.ca yahoo.in yahoo.co.in yahoo.co.id ' +
      'yahoo.com.br yahoo.com.ar yahoo.com.mx yahoo.com.au yahoo.com.ph yahoo.com.sg yahoo.com.hk yahoo.com.tw ' +
      'yahoo.com.vn yahoo.ie yahoo.gr yahoo.pl yahoo.ro yahoo.se yahoo.no yahoo.dk yahoo.be yahoo.nl ' +
      'ymail.com rocketmail.com',
    { separator: '-' },
  ),
  ...each('fastmail.com fastmail.fm', { separator: '+', subdomain: true }),
  ...each('zoho.com zohomail.com hey.com posteo.de mailbox.org runbox.com', { separator: '+' }),
];

const RULES = new Map(SUBADDRESSING.flatMap((rule) => rule.domains.map((domain) => [domain, rule] as const)));

export const subaddressingOf = (domain: string): Subaddressing | undefined => RULES.get(domain);
