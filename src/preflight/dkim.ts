// The DKIM check (RFC 6376): the keys of the given or the well-known selectors.

import type { DnsOutcome } from '../dns/resolver.ts';
import type { AuthenticationLibrary, DkimKeyReading } from './authentication.ts';
import type { DkimFaultCode } from './dkim-faults.ts';
import type { CheckResult, SenderFault } from './finding.ts';
import { aliasOf, isAbsent, joinedTexts, type PreflightQuestions } from './questions.ts';
import { recordTags } from './tags.ts';
import { wellKnownSelectors } from './well-known-selectors.ts';

export type SelectorSource = 'given' | 'seen' | 'well_known';

export interface DkimKeyFacts {
  readonly selector: string;
  /** The name of the record, such as `s1._domainkey.example.com`. */
  readonly name: string;
  /** How the selector is known: the caller named it, a returned message shows it, or many senders use its name. */
  readonly source: SelectorSource;
  /** The domain that signs, which DMARC compares with the From domain. */
  readonly domain: string;
  readonly state: 'valid' | 'missing' | 'revoked' | 'invalid' | 'not_answered' | 'not_checked';
  readonly key_type: 'rsa' | 'ed25519' | null;
  /** The length of an RSA key. */
  readonly bits: number | null;
  /** The name to which a CNAME record leads; null if there is none. */
  readonly alias: string | null;
}

export interface DkimKeyAnswer {
  readonly selector: string;
  readonly name: string;
  readonly domain: string;
  readonly source: SelectorSource;
  /** Whether it is known that mail is signed with the selector. */
  readonly isGiven: boolean;
  readonly state: 'found' | 'missing' | 'not_answered';
  /** The key records, with the strings of each joined. */
  readonly records: readonly string[];
  readonly alias: string | null;
  /** Null if the record was not read. */
  readonly reading: DkimKeyReading | null;
}

export interface DkimAnswers {
  readonly domain: string;
  readonly keys: readonly DkimKeyAnswer[];
}

const separator = '._domainkey.';

/**
 * Looks up the keys of `selectors`, which the caller named, and of `seen`, which signed returned messages. If there are none,
 * tries the selectors of well-known senders.
 */
export async function gatherDkim(
  domain: string,
  selectors: readonly string[],
  { ask, confirm }: PreflightQuestions,
  library: AuthenticationLibrary | null,
  seen: readonly string[] = [],
): Promise<DkimAnswers> {
  const nameOf = (text: string): string => (text.includes(separator) ? text : `${text}${separator}${domain}`);
  const sources = new Map<string, SelectorSource>();
  for (const text of seen) sources.set(nameOf(text), 'seen');
  for (const text of selectors) sources.set(nameOf(text), 'given');
  if (sources.size === 0)
    for (const text of wellKnownSelectors.flatMap(({ selectors }) => selectors))
      sources.set(nameOf(text), 'well_known');
  const hasRecord = (outcome: DnsOutcome) => outcome.kind === 'texts';
  const read = async (name: string, source: SelectorSource): Promise<DkimKeyAnswer> => {
    const isGiven = source !== 'well_known';
    const [selector = '', signer = domain] = name.split(separator);
    const outcome = await (isGiven ? confirm(name, 'TXT', hasRecord) : ask(name, 'TXT'));
    // Ignore other TXT records: a wildcard record answers for every selector. If the caller gave the selector, keep them, because
    // they are a fault.
    const records = joinedTexts(outcome).filter((record) => resemblesKey(record) || isGiven);
    const isMissing = isAbsent(outcome) || (outcome.kind === 'texts' && records.length === 0);
    return {
      selector,
      name,
      domain: signer,
      source,
      isGiven,
      state: outcome.kind === 'failure' ? 'not_answered' : isMissing ? 'missing' : 'found',
      records,
      alias: aliasOf(outcome),
      reading: records.length > 0 && library ? await library.readDkimKey(name, records[0]!) : null,
    };
  };
  return { domain, keys: await Promise.all([...sources].map(([name, source]) => read(name, source))) };
}

/** Whether a TXT record may be a DKIM key record: it has the tag `p`. */
const resemblesKey = (record: string): boolean => /(?:^|;)\s*p\s*=/i.test(record);

export function judgeDkim({ domain, keys }: DkimAnswers): CheckResult<readonly DkimKeyFacts[]> {
  const found = keys.filter(({ state, isGiven }) => isGiven || state === 'found');
  return {
    facts: found.map(factsOf),
    faults: [
      ...found.flatMap((key) => (key.isGiven ? faultsOfKey(key) : guessOf(key, faultsOfKey(key)))),
      ...faultsOfAll(domain, keys),
    ],
  };
}

/**
 * The fault for a selector that presend only tried and that the caller did not name. It is less severe, because the selector may
 * be an old one that no mail uses.
 */
const guessOf = (
  { name }: DkimKeyAnswer,
  faults: readonly SenderFault<DkimFaultCode>[],
): SenderFault<DkimFaultCode>[] =>
  faults.length === 0
    ? []
    : [{ code: 'dkim_guessed_key', about: name, seen: faults.map(({ seen }) => seen).join(' ') }];

function factsOf({ selector, name, domain, source, state, alias, reading }: DkimKeyAnswer): DkimKeyFacts {
  const isKey = reading?.kind === 'key';
  return {
    selector,
    name,
    source,
    domain,
    state: state === 'found' ? stateOf(reading) : state,
    key_type: isKey ? reading.keyType : null,
    bits: isKey ? reading.bits : null,
    alias,
  };
}

const stateOf = (reading: DkimKeyReading | null): DkimKeyFacts['state'] =>
  reading === null
    ? 'not_checked'
    : reading.kind === 'key'
      ? 'valid'
      : reading.kind === 'revoked'
        ? 'revoked'
        : 'invalid';

/**
 * Lengths of RSA keys in bits (RFC 8301 section 3.2): receivers do not verify shorter keys than the first, and signers should use
 * the second.
 */
const shortestKey = 1024;
const goodKey = 2048;

function faultsOfKey({ name, state, records, alias, reading }: DkimKeyAnswer): SenderFault<DkimFaultCode>[] {
  if (state === 'not_answered') return [];
  if (state === 'missing')
    return alias === null
      ? [{ code: 'dkim_missing', about: name, seen: `There is no key at ${name}.` }]
      : [
          {
            code: 'dkim_alias_broken',
            about: name,
            seen: `${name} is a CNAME record that leads to ${alias}, where there is no key.`,
            parts: [alias],
          },
        ];
  const record = records[0]!;
  const about = { about: name, record };
  const faults: SenderFault<DkimFaultCode>[] = [];
  if (records.length > 1)
    faults.push({
      ...about,
      code: 'dkim_several',
      seen: `${name} has ${records.length} TXT records: ${records.map((text) => `"${text}"`).join(' and ')}.`,
    });
  if (reading === null) return faults;
  if (reading.kind === 'revoked')
    faults.push({ ...about, code: 'dkim_revoked', seen: `The key at ${name} is empty: "${record}".` });
  if (reading.kind === 'unusable')
    faults.push({
      ...about,
      code: 'dkim_invalid',
      seen: `The key at ${name} cannot be used: ${reading.why}. The record is "${record}".`,
    });
  if (reading.kind !== 'key') return faults;
  const hashes = recordTags(record).get('h');
  if (
    hashes !== undefined &&
    !hashes
      .toLowerCase()
      .split(/\s*:\s*/)
      .includes('sha256')
  )
    faults.push({
      ...about,
      code: 'dkim_invalid',
      seen: `The key at ${name} does not allow sha256, with which mail is signed (RFC 8301): "${record}".`,
    });
  if (reading.bits !== null && reading.bits < goodKey)
    faults.push({
      ...about,
      code: reading.bits < shortestKey ? 'dkim_key_short' : 'dkim_key_weak',
      seen: `The RSA key at ${name} has ${reading.bits} bits.`,
    });
  if (reading.isTesting)
    faults.push({
      ...about,
      code: 'dkim_testing',
      seen: `The key at ${name} has the flag t=y: "${record}".`,
    });
  if (reading.warnings.length > 0)
    faults.push({
      ...about,
      code: 'dkim_syntax',
      seen: `The record at ${name} breaks a rule (${reading.warnings.join(', ')}): "${record}".`,
    });
  return faults;
}

function faultsOfAll(domain: string, keys: readonly DkimKeyAnswer[]): SenderFault<DkimFaultCode>[] {
  if (keys.every(({ state, isGiven }) => state === 'missing' && !isGiven))
    return [
      {
        code: 'dkim_not_found',
        about: domain,
        seen: `None of ${keys.length} well-known selectors has a key at ${domain}.`,
      },
    ];
  const usable = keys.flatMap(({ reading, isGiven }) =>
    reading?.kind === 'key' && isGiven ? [reading] : [],
  );
  const isAlone = usable.length > 0 && usable.every(({ keyType }) => keyType === 'ed25519');
  return isAlone && keys.every(({ state }) => state !== 'not_answered')
    ? [{ code: 'dkim_ed25519_alone', about: domain, seen: 'All keys that were found are Ed25519 keys.' }]
    : [];
}
