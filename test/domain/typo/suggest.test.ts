// Given what stands after the @: the domain that was meant, or nothing.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { brands, knownDomains, mailDomains } from '../../../data/packed/typo.js';
import { suggestDomain, suggestForUnused } from '../../../src/domain/typo/suggest.ts';

const meant = (text: string) => suggestDomain(text)?.domain ?? null;

const mailboxDomains = mailDomains.split('\n').map((line) => line.split(' ')[0]!);

describe('a slip in the name of a provider', () => {
  test.each([
    ['a neighbouring key', 'gmsil.com', 'gmail.com'],
    ['a neighbouring key', 'jotmail.fr', 'hotmail.fr'],
    ['a neighbouring key on AZERTY', 'hotlail.fr', 'hotmail.fr'],
    ['a neighbouring key on QWERTZ', 'zahoo.de', 'yahoo.de'],
    ['two letters swapped', 'gmial.com', 'gmail.com'],
    ['two letters swapped', 'otulook.com', 'outlook.com'],
    ['a letter that came two places late', 'icould.com', 'icloud.com'],
    ['a letter doubled', 'wannadoo.fr', 'wanadoo.fr'],
    ['a key that was held', 'yahoooooo.com', 'yahoo.com'],
    ['a letter dropped', 'comcat.net', 'comcast.net'],
    ['the first letter dropped', 'utlook.com', 'outlook.com'],
    ['a double letter single', 'redifmail.com', 'rediffmail.com'],
    ['a key hit along with its neighbour', 'gmnail.com', 'gmail.com'],
    ['two slips in a long name', 'hotmsul.com', 'hotmail.com'],
    ['a digit for a letter', 'h0tmail.com', 'hotmail.com'],
    ['a digit for a letter', 'gmai1.com', 'gmail.com'],
    ['two letters that look like one', 'grnail.com', 'gmail.com'],
    ['two letters that look like one', 'icloucl.com', 'icloud.com'],
    ['as it sounds', 'yandeks.ru', 'yandex.ru'],
    ['as it sounds', 'otlook.com', 'outlook.com'],
    ['as it sounds', 'gimeil.com', 'gmail.com'],
    ['as it sounds', 'djimail.com', 'gmail.com'],
    ['as it sounds', 'egameill.com', 'gmail.com'],
    ['as it sounds', 'iklaud.com', 'icloud.com'],
    ['as it sounds', 'autluk.com', 'outlook.com'],
    ['as it sounds', 'zhoho.com', 'zoho.com'],
    ['other vowels', 'ouclod.com', 'icloud.com'],
    ['other vowels', 'hutmeal.com', 'hotmail.com'],
    ['the letters in another order, one missing', 'holmai.com', 'hotmail.com'],
    ['the letters in another order, one missing', 'iculd.com', 'icloud.com'],
    ['the letters in another order, a vowel added', 'gailme.com', 'gmail.com'],
    ['the first three letters in another order', 'hayoo.es', 'yahoo.es'],
    ['the first key and another missed', 'jotmsil.com', 'hotmail.com'],
    ['three slips in a long name', 'sbcgoble.net', 'sbcglobal.net'],
    ['the first label of two', 'i.softbnak.jp', 'i.softbank.jp'],
    ['three letters left under an ending of two labels', 'yah.com.ar', 'yahoo.com.ar'],
    ['a well-known company', 'googel.com', 'google.com'],
    ['a well-known company', 'microsfot.com', 'microsoft.com'],
    ['letters written twice', 'yayahoo.com', 'yahoo.com'],
    ['letters written twice', 'hotmailmail.fr', 'hotmail.fr'],
    ['letters written twice', 'outloolook.com', 'outlook.com'],
    ['the letters in another order', 'gilma.com', 'gmail.com'],
    ['the letters in another order', 'yohoa.com', 'yahoo.com'],
    ['a hyphen too many', 'hot-mail.com', 'hotmail.com'],
    ['a hyphen too few', 'tonline.de', 't-online.de'],
    ['all before the hyphen missed', '-online.de', 't-online.de'],
    ['all before the hyphen doubled', 'tt-online.de', 't-online.de'],
  ])('%s: %s', (_, written, domain) => expect(meant(written)).toBe(domain));

  test('a name that is far from that of one of the biggest providers, but from every other farther, is possible', () => {
    expect(suggestDomain('yanoi.com')).toEqual({ domain: 'yahoo.com', confidence: 'possible' });
    expect(suggestDomain('outlpoj.com')).toEqual({ domain: 'outlook.com', confidence: 'possible' });
  });

  test('two slips at once in the name of one of the biggest providers are possible', () => {
    for (const [written, domain] of [
      ['gkayl.com', 'gmail.com'],
      ['izhoo.co.uk', 'yahoo.co.uk'],
      ['uahop.com', 'yahoo.com'],
      ['iutlpok.com', 'outlook.com'],
    ] as const)
      expect(suggestDomain(written)).toEqual({ domain, confidence: 'possible' });
  });

  test('in a short name, a wrong first key and another slip are another name', () => {
    for (const domain of ['fmaul.com', 'hmsil.com', 'bicloid.com']) expect(meant(domain)).toBeNull();
    expect(meant('jotmaul.com')).toBe('hotmail.com');
    expect(meant('kotmsil.com')).toBeNull();
  });

  test('a compound with mail, cloud or the whole name of a provider is a name of its own', () => {
    for (const domain of ['sunmail.com', 'stormcloud.com', 'paloyahoo.com', 'techmail.com'])
      expect(meant(domain)).toBeNull();
  });

  test('letters in another order and a consonant more are another word', () => {
    for (const domain of ['gimbal.com', 'gilmar.com', 'holmair.com', 'gamble.com'])
      expect(meant(domain)).toBeNull();
  });

  test('a number with a digit written three times is another number', () => {
    for (const domain of ['18888.com', '16333.com', '1266.com']) expect(meant(domain)).toBeNull();
  });

  test('a company may use its name under any existing ending', () => {
    for (const domain of ['google.co', 'google.om', 'paypal.me', 'wikimedia.org'])
      expect(meant(domain)).toBeNull();
    expect(meant('google.con')).toBe('google.com');
  });

  test('of one name, the domain with a hundred times the users wins over one slip less', () => {
    expect(meant('mail.ku')).toBe('mail.ru');
  });

  test('keeps the country of the provider', () => {
    expect(meant('homail.co.uk')).toBe('hotmail.co.uk');
    expect(meant('yaoo.co.in')).toBe('yahoo.co.in');
    expect(meant('hotmial.com.ar')).toBe('hotmail.com.ar');
    expect(meant('oranje.fr')).toBe('orange.fr');
  });
});

describe('a slip in the ending', () => {
  test.each(['con', 'cmo', 'ocm', 'vom', 'xom', 'cpm', 'comm', 'conm', 'c0m', 'cok', 'clm'])(
    'gmail.%s is gmail.com',
    (ending) =>
      expect(suggestDomain(`gmail.${ending}`)).toEqual({ domain: 'gmail.com', confidence: 'likely' }),
  );

  test.each([
    ['comcast.nte', 'comcast.net'],
    ['comcast.ent', 'comcast.net'],
    ['hotmail.co.ul', 'hotmail.co.uk'],
    ['hotmail.couk', 'hotmail.co.uk'],
    ['yahoo.co.ku', 'yahoo.co.uk'],
    ['yahoo.combr', 'yahoo.com.br'],
    ['yahoo.con.br', 'yahoo.com.br'],
    ['yahoo.com.br.br', 'yahoo.com.br'],
    ['web.dee', 'web.de'],
    ['free.ffr', 'free.fr'],
    ['mail.rru', 'mail.ru'],
  ])('%s is %s', (written, domain) => expect(meant(written)).toBe(domain));

  test('an ending that exists, but where this provider is not at home', () => {
    expect(meant('gmail.co')).toBe('gmail.com');
    expect(meant('yahoo.cm')).toBe('yahoo.com');
    expect(meant('icloud.om')).toBe('icloud.com');
    expect(meant('gmail.net')).toBe('gmail.com');
    expect(meant('laposte.fr')).toBe('laposte.net');
    expect(meant('gmail.com.br')).toBe('gmail.com');
  });

  test('an ending that is written twice', () => {
    expect(meant('gmail.com.com')).toBe('gmail.com');
    expect(meant('aol.com.com.com')).toBe('aol.com');
    expect(meant('web.de.de')).toBe('web.de');
    expect(meant('gmxcom.com')).toBe('gmx.com');
  });

  test('an ending that nothing explains, after the very name of a popular provider', () => {
    expect(meant('live.jom')).toBe('live.com');
    expect(meant('gmail.qqq')).toBe('gmail.com');
  });

  test('a slip in the name and one in the ending', () => {
    expect(meant('gmial.con')).toBe('gmail.com');
    expect(meant('hotmal.cm')).toBe('hotmail.com');
    expect(meant('yaho.co.ul')).toBe('yahoo.co.uk');
    expect(meant('hotmial.co.huk')).toBe('hotmail.co.uk');
    expect(suggestDomain('yhao.conm')).toEqual({ domain: 'yahoo.com', confidence: 'possible' });
  });
});

describe('a broken national ending', () => {
  test.each([
    ['yahoo.com.b', 'yahoo.com.br'],
    ['hotmail.conuk', 'hotmail.co.uk'],
    ['hotmail.com.uk', 'hotmail.co.uk'],
    ['outlook.comr.br', 'outlook.com.br'],
    ['yahoo.br.com', 'yahoo.com.br'],
    ['docomo.na.jp', 'docomo.ne.jp'],
    ['ezweb.ne.jo', 'ezweb.ne.jp'],
    ['i.softban.jp', 'i.softbank.jp'],
    ['docomo.ne.jp.ne.jp', 'docomo.ne.jp'],
    ['gmailcom.br', 'gmail.com'],
    ['yahoocom.br', 'yahoo.com.br'],
  ])('%s is %s', (written, domain) => expect(meant(written)).toBe(domain));

  test.each(['yahoo.com.a', 'live.com.a', 'yahoo.com.m', 'hotmail.com.t'])(
    '%s may be two of the endings of its provider: nothing',
    (written) => expect(meant(written)).toBeNull(),
  );

  test.each([
    ['hotmail.com.uk', 'hotmail.co.uk', 'likely'],
    ['hotmail.cop.uk', 'hotmail.co.uk', 'likely'],
    ['hotmail.vo.ik', 'hotmail.co.uk', 'possible'],
    ['yahoo.copm.vr', 'yahoo.com.br', 'possible'],
    ['yahoo.com.uk', 'yahoo.co.uk', 'possible'],
  ])('%s is %s: %s, by the number of slips and of users', (written, domain, confidence) => {
    expect(suggestDomain(written)).toEqual({ domain, confidence });
  });

  test('a country of which the provider has no domain is not taken for .com', () => {
    for (const domain of ['hotmail.com.ru', 'yahoo.com.zz', 'outlook.com.qqq'])
      expect(meant(domain)).toBeNull();
  });
});

describe('a real domain near a provider', () => {
  test.each(['mail4.dk', 'mail6.dk', 'tmall.com', 'nadex.com', 'al.com', 'cloud.com', 'life.ru'])(
    '%s stands',
    (domain) => expect(meant(domain)).toBeNull(),
  );

  test('the company of an access provider has the same name under .com', () => {
    for (const domain of ['comcast.com', 'att.com', 'verizon.com']) expect(meant(domain)).toBeNull();
  });

  test('a company that is gone has no other domain', () => {
    expect(meant('bellsouth.com')).toBe('bellsouth.net');
    expect(meant('sbcglobal.com')).toBe('sbcglobal.net');
  });

  test('a name near a provider with few users is possible only', () => {
    for (const domain of ['fronter.com', 'bigfooty.com', 'interzet.ru'])
      expect(suggestDomain(domain)?.confidence).not.toBe('likely');
  });
});

describe('marks between and around the labels', () => {
  test.each([
    'gmailcom',
    'gmailc.om',
    'gmai.lcom',
    'g.mail.com',
    'com.gmail',
    'g.mail',
    'gamilcom',
    'gmail..com',
    'gmail,com',
    'gmail com',
    'gmail;com',
    'gmail. com',
    'gmail.com.',
    'gmail.com,',
    'gmail.com>',
    'gmail>com',
    'gmail_com',
    'gmail+com',
    'gmail.com_',
    'gmail.com´',
    '"gmail.com"',
    'http://gmail.com',
    'https://www.gmail.com/',
    'mailto:gmail.com',
    'gmail.com?subject=hello',
    'gmail.com#top',
    'gmail.com&nbsp;',
    'gmail.com%20',
    'gmail.com\\n',
    'gmail.com(home)',
    'gmail.com [work]',
    'xn--gmailcom-koa',
    'www.gmail.com',
    'WWW.GMAIL.COM',
    'gmail。com',
    'ｇｍａｉｌ．ｃｏｍ',
    'GMAIL.CON',
  ])('%s is gmail.com', (written) => expect(meant(written)).toBe('gmail.com'));

  test('a domain of few users, without its dots', () => {
    expect(meant('actrixconz')).toBe('actrix.co.nz');
    expect(meant('biglobenejp')).toBe('biglobe.ne.jp');
    expect(meant('aaptnetau')).toBeNull();
    expect(meant('013netil')).toBeNull();
  });

  test('a provider without its ending', () => {
    expect(suggestDomain('hotmail')).toEqual({ domain: 'hotmail.com', confidence: 'possible' });
    expect(meant('mail')).toBeNull();
    expect(meant('localhost')).toBeNull();
  });

  test("the host name of a provider's server", () => {
    expect(suggestDomain('mail.yahoo.com')).toEqual({ domain: 'yahoo.com', confidence: 'possible' });
    expect(meant('alumni.yahoo.com')).toBeNull();
  });

  test('the ending begun too early', () => {
    expect(suggestDomain('g.comail.com')).toEqual({ domain: 'gmail.com', confidence: 'possible' });
    expect(meant('g.comall.com')).toBeNull();
    expect(meant('hotm.ukail.co.uk')).toBe('hotmail.co.uk');
    expect(meant('yah.comoo.com')).toBe('yahoo.com');
    expect(meant('comcas.nett.net')).toBe('comcast.net');
    expect(meant('m.coail.com')).toBeNull();
  });

  test('marks around a domain of a company', () => {
    expect(meant('acme,com')).toBe('acme.com');
    expect(meant('acme..com')).toBe('acme.com');
    expect(meant('acme.com.')).toBe('acme.com');
    expect(meant('hello world')).toBeNull();
    expect(meant('acme.com?subject=x')).toBe('acme.com');
    expect(meant('mailto:acme.com')).toBe('acme.com');
    expect(meant('a_b.acme.com')).toBeNull();
    expect(meant('mailto:acme')).not.toBe('acme');
  });
});

describe('letters of another script', () => {
  test('look-alikes are read as what they look like', () => {
    expect(suggestDomain('gmаіl.com')).toEqual({ domain: 'gmail.com', confidence: 'likely' });
    expect(suggestDomain('уаhоо.com')).toEqual({ domain: 'yahoo.com', confidence: 'likely' });
    expect(meant('xn--gmil-63d.com')).toBe('gmail.com');
  });

  test('accents may be meant', () => {
    expect(suggestDomain('gmáil.com')).toEqual({ domain: 'gmail.com', confidence: 'possible' });
  });

  test('other names are left alone', () => {
    expect(meant('müller.de')).toBeNull();
    expect(meant('xn--mller-kva.de')).toBeNull();
    expect(meant('почта.рф')).toBeNull();
    expect(meant('xn--a-.com')).toBeNull();
  });
});

describe('a company: only its ending is repaired, and only where it does not exist', () => {
  test.each([
    ['acme.con', 'acme.com'],
    ['acme.cmo', 'acme.com'],
    ['acme.comm', 'acme.com'],
    ['acme.nte', 'acme.net'],
    ['acme.ogr', 'acme.org'],
    ['acme.co.ul', 'acme.co.uk'],
    ['acme.couk', 'acme.co.uk'],
    ['mail.acme.con', 'mail.acme.com'],
  ])('%s is likely %s', (written, domain) =>
    expect(suggestDomain(written)).toEqual({ domain, confidence: 'likely' }),
  );

  test('a slip before a country code is possible only: it might be a name', () => {
    expect(suggestDomain('acme.con.br')).toEqual({ domain: 'acme.com.br', confidence: 'possible' });
  });

  test.each([
    'acme.co',
    'acme.cm',
    'acme.io',
    'acme.xyz',
    'acme.co.za',
    'example.org.uk',
    'acme.com.br',
    'acme.city.kawasaki.jp',
    'gooogle-partners.com',
    'siemens.com',
  ])('%s stands', (domain) => expect(meant(domain)).toBeNull());

  test.each([
    'acme.test',
    'acme.local',
    'acme.lan',
    'acme.invalid',
    'acme.example',
    'acme.onion',
    'acme.internal',
  ])('%s is set aside, not misspelt', (domain) => expect(meant(domain)).toBeNull());

  test('an ending that may be several is left alone', () => {
    expect(meant('acme.c')).toBeNull();
    expect(meant('acme.qqq')).toBeNull();
    expect(meant('192.0.2.1')).toBeNull();
    expect(meant('[192.0.2.1]')).toBeNull();
  });
});

describe('never corrected', () => {
  test('any mailbox domain of the data', () => {
    expect(mailboxDomains.filter((domain) => suggestDomain(domain) !== null)).toEqual([]);
  });

  test('any known domain of the data', () => {
    expect(knownDomains.split('\n').filter((domain) => suggestDomain(domain) !== null)).toEqual([]);
  });

  test.each(['hey.com', 'mailw.com', 'pm.me', 'email.com', 'mail.com', 'ymail.com', 'aim.com', 'ukr.net'])(
    '%s, which is near to a bigger provider',
    (domain) => expect(meant(domain)).toBeNull(),
  );

  test.each([
    'libero.it',
    'live.it',
    'gmx.net',
    'yahoo.com.br',
    'yahoo.ca',
    'live.be',
    'hotmail.se',
    'aol.de',
  ])('%s, a country where a provider is at home', (domain) => expect(meant(domain)).toBeNull());

  test('a country code that exists where a provider has many', () => {
    expect(meant('hotmail.ge')).toBeNull();
    expect(meant('outlook.rs')).toBeNull();
    expect(meant('yahoo.com.ge')).toBeNull();
  });

  test('a country ending of two labels is a slip where all those of the provider are listed', () => {
    expect(meant('outlook.co.uk')).toBe('outlook.com');
    expect(meant('hotmail.com.es')).toBe('hotmail.es');
    expect(meant('hotmail.com.mx')).toBeNull();
  });

  test.each([
    'goal.com',
    'vail.com',
    'pcloud.com',
    'mlive.com',
    'never.com',
    'panic.com',
    'clout.com',
    'rp-online.de',
  ])('%s, a site that people know', (domain) => expect(meant(domain)).toBeNull());

  test('numbers near a provider that is a number', () => {
    expect(meant('164.com')).toBeNull();
    expect(meant('1633.com')).toBeNull();
  });

  test('short names, of which nearly every one is taken', () => {
    for (const domain of ['ge.com', 'hp.com', 'rp.pl', 'key.com', 'fox.com', 'wer.de'])
      expect(meant(domain)).toBeNull();
  });

  test('hosts below a domain of which the first label is a plain word', () => {
    for (const domain of ['mail.acme.com', 'live.acme.com', 'online.acme.de', 'free.acme.co.uk'])
      expect(meant(domain)).toBeNull();
  });
});

describe('confidence', () => {
  test('a near miss of a big provider is likely', () => {
    for (const domain of ['gmial.com', 'hotmial.com', 'yahooo.com', 'outlok.com', 'gmail.con', 'gmailcom'])
      expect(suggestDomain(domain)?.confidence).toBe('likely');
  });

  test('a short name, or another ending that exists, is possible only', () => {
    for (const domain of ['lve.com', 'laposte.fr'])
      expect(suggestDomain(domain)?.confidence).toBe('possible');
  });

  test('as near to one as to another: nothing', () => {
    expect(meant('yahoo.e')).toBeNull();
    expect(meant('yahoo.com.a')).toBeNull();
  });
});

describe('of any text', () => {
  const marks = fc.constantFrom('.', '..', ',', ' ', '@', '-', '..', 'с', 'ö', '１', 'xn--', '\u0000', '💌');
  const pieces = fc.oneof(
    fc.constantFrom(...mailboxDomains),
    fc.constantFrom(...brands.split('\n')),
    fc.constantFrom('com', 'con', 'co', 'uk', 'net', 'br', 'www', 'acme'),
    marks,
    fc.string({ maxLength: 4 }),
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.array(pieces, { maxLength: 5 }).map((parts) => parts.join('')),
    fc
      .tuple(fc.constantFrom(...mailboxDomains), fc.nat(30), fc.nat(2), fc.stringMatching(/^[a-z0-9.]?$/))
      .map(([domain, at, cut, put]) => domain.slice(0, at) + put + domain.slice(at + cut)),
  );

  test('the suggestion is a domain, never the text, and stands itself', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const suggestion = suggestDomain(text);
        if (suggestion === null) return;
        expect(suggestion.domain).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
        expect(suggestion.domain).not.toBe(text.toLowerCase());
        expect(suggestDomain(suggestion.domain)).toBeNull();
      }),
      { numRuns: 5000 },
    );
  });

  test('the suggestion is a mailbox domain, or begins with the label that was written', () => {
    const known = new Set(mailboxDomains);
    fc.assert(
      fc.property(texts, (text) => {
        const suggestion = suggestDomain(text);
        if (suggestion === null || known.has(suggestion.domain)) return;
        // The Cyrillic letter among the marks is read as the Latin one.
        const letters = text.normalize('NFKC').toLowerCase().replaceAll('с', 'c');
        expect(letters).toContain(suggestion.domain.slice(0, suggestion.domain.indexOf('.')));
      }),
      { numRuns: 5000 },
    );
  });

  test('a megabyte is no domain, and takes no longer than its length', () => {
    for (const unit of ['a', 'a.', '.', ' ', 'gmail.com', 'с', 'xn--'])
      expect(suggestDomain(unit.repeat(2 ** 20 / unit.length))).toBeNull();
  });

  test.each([
    '',
    '.',
    '@',
    '-',
    '..',
    'constructor',
    '__proto__',
    'toString.com',
    '\uD800.com',
    'xn--.com',
    'xn--99999999.com',
  ])('nothing for %j', (text) => expect(suggestDomain(text)).toBeNull());
});

describe('a name that a list protects, but that nobody uses', () => {
  test.each([
    ['ahoo.com', 'yahoo.com'],
    ['cloud.com', 'icloud.com'],
  ])('%s is likely %s', (domain, target) => {
    expect(suggestDomain(domain)).toBeNull();
    expect(suggestForUnused(domain)).toEqual({ domain: target, confidence: 'likely' });
  });

  test.each(['mail.com', 'ymail.com', 'acme.com', 'gmial.com'])('%s has no such suggestion', (domain) =>
    expect(suggestForUnused(domain)).toBeNull(),
  );
});
