// The Mailbox of RFC 5321 section 4.1.2, rule by rule, with RFC 6531.

import { describe, expect, test } from 'vitest';
import { parseMailbox } from '../../src/address/parse.ts';

const accepted = (text: string) => {
  const parsed = parseMailbox(text);
  if (!parsed.ok) throw new Error(`refused: ${parsed.failure.code} at ${parsed.failure.position}`);
  return parsed.mailbox;
};

const refusal = (text: string) => {
  const parsed = parseMailbox(text);
  return parsed.ok ? 'accepted' : `${parsed.failure.code} ${parsed.failure.position}`;
};

const accepts = (...texts: string[]) => {
  for (const text of texts) test(`accepts ${text}`, () => expect(refusal(text)).toBe('accepted'));
};

const refuses = (...cases: [text: string, refusal: string][]) => {
  for (const [text, expected] of cases)
    test(`refuses ${JSON.stringify(text)}`, () => expect(refusal(text)).toBe(expected));
};

describe('the returned mailbox', () => {
  test('a plain address is its own canonical form', () => {
    expect(accepted('jane.doe@example.com')).toEqual({
      localPart: 'jane.doe',
      domain: 'example.com',
      address: 'jane.doe@example.com',
      smtputf8: false,
      quoted: false,
    });
  });

  test('the domain is folded to lower case, the local part never (RFC 5321 section 2.4)', () => {
    expect(accepted('Jane.DOE@EXAMPLE.Com').address).toBe('Jane.DOE@example.com');
    expect(accepted('JANE@EXAMPLE.COM')).toMatchObject({
      domain: 'example.com',
      address: 'JANE@example.com',
    });
  });

  test('a quoted string keeps its quotes', () => {
    expect(accepted('"jane doe"@example.com')).toMatchObject({ localPart: '"jane doe"', quoted: true });
  });

  test('only a local part beyond ASCII needs SMTPUTF8: the domain travels as A-labels', () => {
    expect(accepted('jane@bücher.example').smtputf8).toBe(false);
    for (const domain of ['example.com', 'bücher.example', '[192.0.2.1]']) {
      expect(accepted(`zoë@${domain}`).smtputf8).toBe(true);
      expect(accepted(`"zoë"@${domain}`).smtputf8).toBe(true);
      expect(accepted(`zoe@${domain}`).smtputf8).toBe(false);
      expect(accepted(`"zoe"@${domain}`).smtputf8).toBe(false);
    }
  });

  test('the address is both canonical parts', () => {
    expect(accepted('Jane@Bücher.Example').address).toBe('Jane@xn--bcher-kva.example');
  });
});

describe('nothing to read', () => {
  refuses(
    ['', 'empty 0'],
    [' \t ', 'empty 0'],
    ['jane', 'no_at_sign 4'],
    ['jane.example.com', 'no_at_sign 16'],
    ['jane doe', 'no_at_sign 8'],
    ['"jane"', 'no_at_sign 6'],
  );
});

describe('Dot-string = Atom *("." Atom)', () => {
  accepts(
    'j@example.com',
    'a.b.c@example.com',
    "!#$%&'*+-/=?^_`{|}~@example.com",
    '1@example.com',
    '-@example.com',
  );
  refuses(
    ['@example.com', 'local_part_empty 0'],
    ['.jane@example.com', 'local_part_dot 0'],
    ['jane.@example.com', 'local_part_dot 4'],
    ['jane..doe@example.com', 'local_part_dot 5'],
    ['jane doe@example.com', 'local_part_character 4'],
    ['jane,doe@example.com', 'local_part_character 4'],
    ['jane\\@doe@example.com', 'local_part_character 4'],
    ['jane"x"@example.com', 'local_part_character 4'],
    ['ja\u0000ne@example.com', 'forbidden_character 2'],
    ['ja\r\nne@example.com', 'forbidden_character 2'],
  );
});

describe('Quoted-string = DQUOTE *QcontentSMTP DQUOTE', () => {
  accepts(
    '""@example.com',
    '"jane@home"@example.com',
    '"jane..doe"@example.com',
    '"a\\"b"@example.com',
    '"a\\\\"@example.com',
    '"日本 語"@example.com',
  );
  refuses(
    ['"jane@example.com', 'quote_unclosed 0'],
    ['"jane\\"@example.com', 'quote_unclosed 0'],
    ['"jane"doe@example.com', 'local_part_character 6'],
    ['"jane"."doe"@example.com', 'local_part_character 6'],
    ['"a\tb"@example.com', 'forbidden_character 2'],
    ['"a\\\u0007"@example.com', 'forbidden_character 3'],
    // quoted-pairSMTP escapes ASCII only, also in RFC 6531
    ['"a\\é"@example.com', 'local_part_character 3'],
  );
});

describe('the message of a refusal', () => {
  const sentence = (text: string) => {
    const parsed = parseMailbox(text);
    return parsed.ok ? null : parsed.failure.message;
  };

  test.each(['jane doe@example.com', 'jane@example com', ' jane@example.com'])(
    'names the space in %j',
    (text) => {
      expect(sentence(text)).toBe('An e-mail address cannot contain spaces.');
    },
  );

  test.each(['jane@doe@example.com', 'jane@@example.com'])('names the second @ in %j', (text) => {
    expect(sentence(text)).toBe('An e-mail address has only one @ sign.');
  });

  test('names the side of the @ that has the invalid character', () => {
    expect(sentence('jane,doe@example.com')).toContain('The part before the @ sign');
    expect(sentence('jane@example,com')).toContain('The domain after the @ sign');
  });
});

describe('comments, folding white space and obsolete forms of RFC 5322 are not in an envelope', () => {
  refuses(
    ['jane(work)@example.com', 'local_part_character 4'],
    ['jane@(work)example.com', 'domain_character 5'],
    ['jane@example.com (work)', 'domain_character 16'],
    [' jane@example.com', 'local_part_character 0'],
    ['jane @example.com', 'local_part_character 4'],
    ['jane@ example.com', 'domain_character 5'],
    ['jane@example.com ', 'domain_character 16'],
    ['jane@example.com\r\n', 'forbidden_character 16'],
    ['jane@example .com', 'domain_character 12'],
    ['"jane".doe@example.com', 'local_part_character 6'],
    ['<jane@example.com>', 'local_part_character 0'],
    ['@relay.example:jane@example.com', 'local_part_empty 0'],
  );
});

describe('Domain = sub-domain *("." sub-domain), sub-domain = Let-dig [Ldh-str]', () => {
  accepts(
    'jane@example',
    'jane@a.b',
    'jane@3com.example',
    'jane@192.0.2.1',
    'jane@a-b.example',
    'jane@a--b.example',
    'jane@r3---sn.example',
    'jane@example.c0m',
  );
  refuses(
    ['jane@', 'domain_empty 5'],
    ['jane@.example', 'domain_dot 5'],
    ['jane@example.', 'domain_dot 12'],
    ['jane@example..com', 'domain_dot 13'],
    ['jane@-example.com', 'domain_hyphen 5'],
    ['jane@example-.com', 'domain_hyphen 12'],
    ['jane@example.com-', 'domain_hyphen 16'],
    ['jane@exa_mple.com', 'domain_character 8'],
    ['jane@example,com', 'domain_character 12'],
    ['jane@doe@example.com', 'domain_character 8'],
    ['jane@@example.com', 'domain_character 5'],
    ['jane@exam\u007fple.com', 'forbidden_character 9'],
    ['jane@example/com', 'domain_character 12'],
    ['jane@user:pw', 'domain_character 9'],
  );
});

describe('address-literal (RFC 5321 section 4.1.3)', () => {
  accepts(
    'jane@[192.0.2.1]',
    'jane@[255.255.255.255]',
    'jane@[IPv6:2001:db8:1:2:3:4:5:6]',
    'jane@[IPv6:::]',
    'jane@[IPv6:::1]',
    'jane@[IPv6:2001:db8::]',
    'jane@[IPv6:1:2:3:4:5::6]',
    'jane@[IPv6:1:2:3:4:5:6:192.0.2.1]',
    'jane@[IPv6:::192.0.2.1]',
    'jane@[IPv6:1:2::3:4:192.0.2.1]',
  );
  refuses(
    ['jane@[192.0.2.256]', 'literal 5'],
    ['jane@[192.0.2]', 'literal 5'],
    ['jane@[192.0.2.1', 'literal 5'],
    ['jane@[192.0.2.1]x', 'literal 5'],
    ['jane@[192.0.2.1].example', 'literal 5'],
    ['jane@[]', 'literal 5'],
    ['jane@[2001:db8::1]', 'literal 5'],
    ['jane@[IPv6:]', 'literal 5'],
    ['jane@[IPv6:1:2:3:4:5:6:7]', 'literal 5'],
    ['jane@[IPv6:1:2:3:4:5:6:7:8:9]', 'literal 5'],
    ['jane@[IPv6:12345::]', 'literal 5'],
    ['jane@[IPv6:1::2::3]', 'literal 5'],
    ['jane@[IPv6::1:2]', 'literal 5'],
    ['jane@[IPv6:1:2:3:4:5:6:7::]', 'literal 5'],
    ['jane@[IPv6:1:2:3:4:5::192.0.2.1]', 'literal 5'],
    ['jane@[IPv6:1:2:3:4:::192.0.2.1]', 'literal 5'],
    ['jane@[IPv6:::192.0.2.256]', 'literal 5'],
    ['jane@[tag:content]', 'literal 5'],
    ['j..e@[192.0.2.1]', 'local_part_dot 2'],
  );

  test('the tag has one spelling, the digits are lower case', () => {
    expect(accepted('jane@[ipv6:2001:DB8::1]').domain).toBe('[IPv6:2001:db8::1]');
  });
});

describe('octet limits (RFC 5321 section 4.5.3.1, RFC 1035 section 2.3.4)', () => {
  const label = (length: number) => 'b'.repeat(length);
  const domain = (length: number) => {
    const full = `${label(63)}.`.repeat(3);
    return `${full}${label(length - full.length)}`;
  };

  test('a local part of 64 octets is the longest', () => {
    expect(refusal(`${'a'.repeat(64)}@example.com`)).toBe('accepted');
    expect(refusal(`${'a'.repeat(65)}@example.com`)).toBe('local_part_too_long 64');
  });

  test('octets are those of UTF-8, and quotes count', () => {
    expect(refusal(`${'é'.repeat(32)}@example.com`)).toBe('accepted');
    expect(refusal(`${'é'.repeat(32)}a@example.com`)).toBe('local_part_too_long 32');
    for (const three of ['語', 'ｊ']) {
      expect(refusal(`${three.repeat(21)}j@example.com`)).toBe('accepted');
      expect(refusal(`${three.repeat(22)}@example.com`)).toBe('local_part_too_long 21');
    }
    expect(refusal(`${'😀'.repeat(16)}@example.com`)).toBe('accepted');
    expect(refusal(`${'😀'.repeat(17)}@example.com`)).toMatch(/^local_part_too_long 3[23]$/);
    expect(refusal(`"${'a'.repeat(62)}"@example.com`)).toBe('accepted');
    expect(refusal(`"${'a'.repeat(63)}"@example.com`)).toBe('local_part_too_long 64');
  });

  test('the limit is on the normalised local part', () => {
    expect(refusal(`${'e\u0301'.repeat(32)}@example.com`)).toBe('accepted');
  });

  test('a label of 63 octets is the longest', () => {
    expect(refusal(`j@${label(63)}.com`)).toBe('accepted');
    expect(refusal(`j@${label(64)}.com`)).toBe('label_too_long 65');
    expect(refusal(`j@com.${label(64)}`)).toBe('label_too_long 69');
  });

  test('the limit of a label counts after the conversion to an A-label', () => {
    expect(refusal(`j@ex.ü${label(55)}.com`)).toBe('accepted');
    expect(refusal(`j@ex.ü${label(56)}.com`)).toBe('label_too_long 5');
  });

  test('an address of 254 octets is the longest', () => {
    expect(refusal(`j@${domain(252)}`)).toBe('accepted');
    expect(refusal(`j@${domain(253)}`)).toBe('address_too_long 254');
  });

  test('a domain of 255 octets is the longest', () => {
    expect(refusal(`j@${domain(255)}`)).toBe('address_too_long 254');
    expect(refusal(`j@${domain(255)}.com`)).toBe('domain_too_long 257');
  });

  test('an address that grows beyond the limit as A-labels is refused', () => {
    const long = `${'ü'.repeat(10)}.`.repeat(11);
    expect(new TextEncoder().encode(`j@${long}com`).length).toBeLessThan(254);
    expect(refusal(`${'j'.repeat(20)}@${long}com`)).toMatch(/^address_too_long /);
  });
});

describe('RFC 6531: UTF-8 in local parts', () => {
  accepts(
    '用户@example.com',
    'дмитрий@example.com',
    'உதாரணம்@example.com',
    '❤️@example.com',
    'ẞ@example.com',
    '\u0947क@example.com',
  );

  test('canonical equivalents are one address (NFC)', () => {
    expect(accepted('zoe\u0308@example.com').address).toBe('zo\u00eb@example.com');
    expect(accepted('zoe\u0308@example.com')).toEqual(accepted('zo\u00eb@example.com'));
  });

  test('letters that look alike but are not canonically equivalent stay as written', () => {
    expect(accepted('ｊａｎｅ@example.com').localPart).toBe('ｊａｎｅ');
  });

  refuses(
    ['ja\u0085ne@example.com', 'forbidden_character 2'],
    ['ja\u200bne@example.com', 'forbidden_character 2'],
    ['ja\u200dne@example.com', 'forbidden_character 2'],
    ['\u202ejane@example.com', 'forbidden_character 0'],
    ['ja\u00adne@example.com', 'forbidden_character 2'],
    ['ja\ue000ne@example.com', 'forbidden_character 2'],
    ['ja\ud800ne@example.com', 'forbidden_character 2'],
    ['ja\u0378ne@example.com', 'forbidden_character 2'],
    ['ja\uffffne@example.com', 'forbidden_character 2'],
    ['ja\u00a0ne@example.com', 'forbidden_character 2'],
    ['ja\u3164ne@example.com', 'forbidden_character 2'],
    ['"ja\u2028ne"@example.com', 'forbidden_character 3'],
    ['jane@[192.0.2.\u06f1]', 'literal 5'],
    ['\u0301jane@example.com', 'local_part_character 0'],
    // U+037E is a semicolon once it is normalised
    ['ja\u037ene@example.com', 'local_part_character 2'],
  );
});

describe('internationalised domains (UTS 46, RFC 5890)', () => {
  const domains: [written: string, canonical: string][] = [
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example', 'xn--bcher-kva.example'],
    ['bu\u0308cher.example', 'xn--bcher-kva.example'],
    ['XN--BCHER-KVA.example', 'xn--bcher-kva.example'],
    ['straße.example', 'xn--strae-oqa.example'],
    ['παράδειγμα.δοκιμή', 'xn--hxajbheg2az3al.xn--jxalpdlp'],
    ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
    ['مثال.إختبار', 'xn--mgbh0fb.xn--kgbechtv'],
    ['bücher.1', 'xn--bcher-kva.1'],
    // a zero-width non-joiner between two letters that join (RFC 5892 appendix A.1)
    ['نامه\u200cای.example', 'xn--mgba3gch31f060k.example'],
    ['❤️.example', 'xn--qei.example'],
  ];
  for (const [written, canonical] of domains)
    test(`${written} is ${canonical}`, () => expect(accepted(`jane@${written}`).domain).toBe(canonical));

  refuses(
    ['jane@xn--a.example', 'idna 5'],
    ['jane@example.xn--0', 'idna 13'],
    ['jane@example.xn--abc-', 'domain_hyphen 20'],
    ['jane@ab--ü.example', 'idna 5'],
    ['jane@ok.xn--ü.example', 'idna 8'],
    ['jane@\u0301a.example', 'idna 5'],
    ['jane@بa.example', 'idna 5'],
    ['jane@a\u200cb.example', 'idna 5'],
    ['jane@ü\u200b.example', 'forbidden_character 6'],
    ['jane@ü\u00ad.example', 'forbidden_character 6'],
    ['jane@ü\ue000.example', 'forbidden_character 6'],
    ['jane@ü\ud800.example', 'forbidden_character 6'],
    ['jane@ü\u00a0.example', 'forbidden_character 6'],
    ['jane@bücher\u3002example', 'domain_dot 11'],
    ['jane@bücher\uff0eexample', 'domain_dot 11'],
    ['jane@ｅｘａｍｐｌｅ.com', 'domain_character 5'],
    ['jane@bücher\u2024example', 'domain_character 11'],
    ['jane@example.com\u201d', 'domain_character 16'],
    ['jane@bücher\uff0fexample', 'domain_character 11'],
    ['jane@\u2100.example', 'idna 5'],
    ['jane@bücher.', 'domain_dot 11'],
    ['jane@bücher..example', 'domain_dot 12'],
    ['jane@bücher-.example', 'domain_hyphen 11'],
    ['jane@bücher_.example', 'domain_character 11'],
  );
});
