// Data packs in use: every list that they contain changes the facts, at once and not before, and a harmful one never.

import { expect, test } from 'vitest';
import { isRoleAccount } from '../../src/address/local-part.ts';
import { nameRuleOf } from '../../src/address/name-rules.ts';
import { hasNonstandardNames } from '../../src/address/nonstandard-names.ts';
import { dataGeneration } from '../../src/data-part.ts';
import { findLookAlike } from '../../src/domain/confusable.ts';
import { dataDate, dataVersion } from '../../src/domain/data-date.ts';
import { describeDomain } from '../../src/domain/describe.ts';
import { packHashSet } from '../../src/domain/hash-set.ts';
import { describeMailHost } from '../../src/domain/mail-host-facts.ts';
import { mailboxProvider } from '../../src/domain/mailbox-provider.ts';
import { relayOperator } from '../../src/domain/relay.ts';
import { findRetirement } from '../../src/domain/retired.ts';
import { isCommonSuffix } from '../../src/domain/typo/suffix.ts';
import { suggestDomain } from '../../src/domain/typo/suggest.ts';
import { dataParts } from '../../src/packs/data-parts.ts';
import { preparePack, restoreBuiltInData } from '../../src/packs/use-pack.ts';
import { builtInPart, onlyDisposable, packWith, restoreAfterTest } from './packs.ts';

const noPause = async () => {};

const prepared = (changed: Record<string, string>) => preparePack(packWith(changed), noPause);

async function use(changed: Record<string, string>): Promise<void> {
  restoreAfterTest();
  const preparation = await prepared(changed);
  if (!preparation.ok) throw new Error(preparation.problem);
  preparation.use();
}

const withLine = (name: string, line: string): Record<string, string> => ({
  [name]: `${builtInPart(name)}\n${line}`,
});
const withWord = (name: string, word: string): Record<string, string> => ({
  [name]: `${builtInPart(name)} ${word}`,
});

test('what is built in is valid, and every part has a name of its own', () => {
  for (const part of dataParts) expect(part.isValid(part.builtIn()), part.name).toBe(true);
  expect(new Set(dataParts.map(({ name }) => name)).size).toBe(dataParts.length);
});

test.each<[string, Record<string, string>, () => unknown, unknown, unknown]>([
  [
    'disposable domains',
    onlyDisposable('brisk-otter.com'),
    () => describeDomain('brisk-otter.com').disposable,
    false,
    true,
  ],
  [
    'domains that are no longer disposable',
    onlyDisposable('brisk-otter.com'),
    () => describeDomain('sharklasers.com').disposable,
    true,
    false,
  ],
  [
    'words of disposable domains',
    withWord('disposable-words', 'briskotter'),
    () => describeDomain('briskotter.com').disposable,
    false,
    true,
  ],
  [
    'mailbox providers',
    withLine('mailbox-providers', 'otter free otter-mail.com'),
    () => mailboxProvider('otter-mail.com')?.slug,
    undefined,
    'otter',
  ],
  [
    'relays',
    withLine('relays', 'otter-relay.com otter'),
    () => relayOperator('a.otter-relay.com'),
    null,
    'otter',
  ],
  [
    'mail hosts',
    withLine('mail-hosts', 'otter-mx.net filter otter'),
    () => describeMailHost([{ host: 'a.otter-mx.net', preference: 1 }]).gateway,
    null,
    'otter',
  ],
  [
    'retired providers',
    withLine('retired-providers', 'otter-mail.com closed'),
    () => findRetirement('otter-mail.com'),
    null,
    'verified',
  ],
  ['role accounts', withWord('role-accounts', 'otterdesk'), () => isRoleAccount('otterdesk'), false, true],
  [
    'rules of names',
    withLine('name-rules', '- 3 9 own otter-mail.com'),
    () => nameRuleOf('otter-mail.com')?.longest,
    undefined,
    9,
  ],
  [
    'providers of nonstandard names',
    withWord('nonstandard-names', 'otter-mail.com'),
    () => hasNonstandardNames('otter-mail.com'),
    false,
    true,
  ],
  [
    'imitated domains',
    withWord('imitated-domains', 'otter-mail.com'),
    () => findLookAlike('оtter-mail.com'),
    null,
    'otter-mail.com',
  ],
  [
    'typo targets',
    { 'typo-domains': `otterpost.com 60\n${builtInPart('typo-domains')}` },
    () => suggestDomain('otterpots.com')?.domain,
    undefined,
    'otterpost.com',
  ],
  ['common endings', withLine('typo-suffixes', 'otter 9'), () => isCommonSuffix('otter'), false, true],
])('%s change when the pack is used, and not before', async (_, changed, fact, before, after) => {
  expect(fact()).toEqual(before);
  const preparation = await prepared(changed);
  expect(fact()).toEqual(before);
  await use(changed);
  expect(preparation.ok).toBe(true);
  expect(fact()).toEqual(after);
  restoreBuiltInData();
  expect(fact()).toEqual(before);
});

test('the version and the generation change with the data', async () => {
  const generation = dataGeneration();
  await use({});
  expect(dataVersion()).toBe('2099-01-01');
  expect(dataGeneration()).not.toBe(generation);
  restoreBuiltInData();
  expect(dataVersion()).toBe(dataDate);
  const restored = dataGeneration();
  restoreBuiltInData();
  expect(dataGeneration()).toBe(restored);
});

test('a part that this release does not know is ignored, and one that the pack lacks is built in', async () => {
  restoreAfterTest();
  await use(onlyDisposable('brisk-otter.com'));
  const preparation = await preparePack({ version: '2099-01-02', parts: new Map([['later', 'x']]) }, noPause);
  if (preparation.ok) preparation.use();
  expect(describeDomain('brisk-otter.com').disposable).toBe(false);
  expect(describeDomain('sharklasers.com').disposable).toBe(true);
});

test.each(dataParts.map(({ name }) => [name]))('a malformed part is refused: %s', async (name) => {
  for (const text of [
    '',
    '\n',
    'Ä',
    `${builtInPart(name)}\nnot a row of it !\n`,
    builtInPart(name).slice(1, -1).replace(/.{3}$/, '\t'),
  ])
    expect(await prepared({ [name]: text }), JSON.stringify(text.slice(-30))).toMatchObject({
      ok: false,
      problem: `has a part that cannot be read: ${name}`,
    });
});

test('a set of hashes must be whole', async () => {
  const set = builtInPart('disposable-domains');
  for (const text of [
    set.slice(0, -1),
    `${set}A`,
    `z${set.slice(1)}`,
    `/${set.slice(1)}`,
    `${set.slice(0, -1)}!`,
  ])
    expect((await prepared({ 'disposable-domains': text })).ok).toBe(false);
});

test.each<[string, Record<string, string>, string]>([
  ['gmail.com disposable', onlyDisposable('gmail.com'), 'calls gmail.com disposable'],
  ['a word in outlook.com', withWord('disposable-words', 'outlook'), 'calls outlook.com disposable'],
  [
    'the end of .com',
    { 'disposable-domains': packHashSet(['example.org', 'yahoo.co.uk']) },
    'calls yahoo.co.uk disposable',
  ],
  ['yahoo.com closed', withLine('retired-providers', 'yahoo.com closed'), 'says that yahoo.com closed'],
  [
    'web.de unknown',
    { 'mailbox-providers': builtInPart('mailbox-providers').replace(' web.de', ' web-de.de') },
    'lists no mailbox provider for the domain web.de',
  ],
  [
    'Google parked',
    {
      'mail-hosts': builtInPart('mail-hosts').replace(
        'google.com provider google',
        'google.com parked google',
      ),
    },
    'calls the mail host aspmx.l.google.com parked',
  ],
  [
    'Outlook disposable',
    {
      'mail-hosts': builtInPart('mail-hosts').replace(
        'mail.protection.outlook.com provider microsoft365',
        'mail.protection.outlook.com disposable x',
      ),
    },
    'calls the mail host example-com.mail.protection.outlook.com disposable',
  ],
  [
    'Google unknown',
    { 'mail-hosts': builtInPart('mail-hosts').replace('google.com provider google\n', '') },
    'lists no mailbox provider for the mail host aspmx.l.google.com',
  ],
  ['Jane a role', withWord('role-accounts', 'jane'), 'calls the name jane a role account'],
  [
    'naver.com a slip',
    { 'typo-domains': builtInPart('typo-domains').replace('\nnaver.com ', '\nnavar.com ') },
    'calls naver.com a misspelling',
  ],
])('a harmful pack is refused, and the data is as before: %s', async (_, changed, problem) => {
  const generation = dataGeneration();
  expect(await prepared(changed)).toEqual({ ok: false, problem });
  expect(describeDomain('gmail.com')).toMatchObject({ disposable: false, retired: null, provider: 'gmail' });
  expect(dataGeneration()).toBe(generation);
  for (const part of dataParts) expect(part.text()).toBe(part.builtIn());
});

test('other work runs between the parts', async () => {
  let pauses = 0;
  await preparePack(packWith(), async () => void pauses++);
  expect(pauses).toBe(dataParts.length);
});
