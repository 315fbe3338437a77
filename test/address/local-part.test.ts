// Roles and tags, told from the local part.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { roleAccounts as packed } from '../../data/packed/role-accounts.js';
import { roleAccounts } from '../../data/packer/role-accounts.ts';
import { isRoleAccount, plusTag } from '../../src/address/local-part.ts';
import { parseMailbox } from '../../src/address/parse.ts';

describe('role accounts', () => {
  const rfc2142 =
    'info marketing sales support abuse noc security postmaster hostmaster usenet news webmaster www uucp ftp';
  for (const name of rfc2142.split(' '))
    test(`${name} (RFC 2142)`, () => expect(isRoleAccount(name)).toBe(true));

  for (const name of [
    'Postmaster',
    'INFO',
    'info+newsletter',
    'noreply',
    'no-reply',
    'No_Reply',
    'no.reply',
    'customer.service',
    'customerservice',
    'mailer-daemon',
    'kontakt',
    'buchhaltung',
    'comptabilite',
    'atencion-al-cliente',
    'atendimento',
    'amministrazione',
    'klantenservice',
    'kundtjanst',
    'asiakaspalvelu',
    'biuro',
    'bilgi',
    'announce-request',
  ])
    test(name, () => expect(isRoleAccount(name)).toBe(true));

  test.each([
    'jobs-noreply',
    'messages-noreply',
    'noreply-dmarc',
    'noreply-dmarc-support',
    'Jobs-NoReply',
    'messages.noreply',
    'noreply_dmarc',
    'noreply-dmarc+report',
  ])('%s is a machine', (localPart) => expect(isRoleAccount(localPart)).toBe(true));

  test.each(['jobs-noreplyx', 'noreply-dmarcus', 'xjobs-noreply'])('%s is none', (localPart) =>
    expect(isRoleAccount(localPart)).toBe(false),
  );

  test('persons are never roles', () => {
    const persons =
      'jane john.smith m.mueller maria ahmed li wang kim nguyen olga ivan petra max mark bill rich grace hope faith ' +
      'joy art pat guy drew chase penny frank ernest dean earl duke marshall porter carter baker cook mason taylor ' +
      'bishop page king knight abbott fisher shepherd clark parker turner walker miller winkel kadri bok buyer ' +
      'lager-jensen anne-mueller info.jane janeinfo sales4u s.ales in.fo ad.min r.oot admin1 support.jane noreply.jane jobs.steve';
    expect(persons.split(' ').filter(isRoleAccount)).toEqual([]);
  });

  test('a tag does not turn a person into a role', () => {
    expect(isRoleAccount('jane+info')).toBe(false);
    expect(isRoleAccount('+info')).toBe(false);
  });

  test('the packed list is the source, packed', () => {
    const source = readFileSync(new URL('../../data/role-accounts.txt', import.meta.url), 'utf8');
    expect(packed.split(' ')).toEqual(roleAccounts(source));
  });

  test('every name in the source is a lower-case atom without dots, listed once', () => {
    const source = readFileSync(new URL('../../data/role-accounts.txt', import.meta.url), 'utf8');
    const names = source
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .flatMap((line) => line.split(' '))
      .filter((name) => name !== '');
    expect(names.filter((name) => !/^[a-z]+(?:-[a-z]+)*$/.test(name))).toEqual([]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});

describe('the tag after the plus sign', () => {
  const tag = (text: string) => {
    const parsed = parseMailbox(text);
    if (!parsed.ok) throw new Error(parsed.failure.code);
    return plusTag(parsed.mailbox);
  };

  test('is returned if the provider uses plus tags', () => {
    expect(tag('jane+news@gmail.com')).toBe('news');
    expect(tag('jane+a+b@outlook.com')).toBe('a+b');
  });

  test('is returned for an unknown provider', () => {
    expect(tag('jane+news@example.com')).toBe('news');
  });

  test('is null if the provider uses another separator', () => {
    expect(tag('jane+news@yahoo.com')).toBeNull();
  });

  test('is null if one side of the plus sign is empty', () => {
    expect(tag('jane@gmail.com')).toBeNull();
    expect(tag('jane+@gmail.com')).toBeNull();
    expect(tag('+jane@gmail.com')).toBeNull();
  });

  test('is null in a quoted string', () => {
    expect(tag('"jane+news"@gmail.com')).toBeNull();
  });
});
