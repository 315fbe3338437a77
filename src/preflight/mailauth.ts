// Judges SPF and reads DKIM keys with mailauth. The DNS questions are those of the preflight.

import { spf } from 'mailauth/lib/spf/index.js';
import { validateTerms } from 'mailauth/lib/spf/syntax.js';
import { getPublicKey } from 'mailauth/lib/tools.js';
import type { DnsFailure, DnsOutcome, RecordType } from '../dns/resolver.ts';
import type { AskRecords, AuthenticationLibrary, DkimKeyReading, SpfResult } from './authentication.ts';

/** The error codes of node:dns, which mailauth expects for DNS failures. */
const failureCodes: Readonly<Record<DnsFailure['cause'], string>> = {
  timeout: 'ETIMEOUT',
  servfail: 'ESERVFAIL',
  refused: 'EREFUSED',
  network: 'ECONNREFUSED',
  bad_response: 'EBADRESP',
};

const dnsError = (code: string): Error => Object.assign(new Error(code), { code });

/** The records in the form of node:dns. Throws as it does if there are none. */
function recordsIn(outcome: DnsOutcome): unknown[] {
  switch (outcome.kind) {
    case 'texts':
      return outcome.texts.map((strings) => [...strings]);
    case 'mx':
      return outcome.exchanges.map(({ preference, host }) => ({ priority: preference, exchange: host }));
    case 'addresses':
      return [...outcome.addresses];
    case 'names':
      return [...outcome.names];
    case 'nxdomain':
      throw dnsError('ENOTFOUND');
    case 'no_data':
      throw dnsError('ENODATA');
    case 'failure':
      throw dnsError(failureCodes[outcome.cause]);
  }
}

/** The DNS resolver that mailauth gets. mailauth asks only for record types that a preflight can look up. */
export const resolverOver = (ask: AskRecords) => async (name: string, type: string) =>
  recordsIn(await ask(name, type as RecordType));

async function readKey(name: string, record: string): Promise<DkimKeyReading> {
  if (/(?:^|;)\s*p\s*=\s*(?:;|$)/.test(record)) return { kind: 'revoked' };
  try {
    const { keyType, modulusLength, testing, warnings } = await getPublicKey(
      'DKIM',
      name,
      // Accept RSA keys of any length: the preflight reports a short key as a finding, not as an error.
      1,
      async () => [[record]],
    );
    return {
      kind: 'key',
      keyType,
      bits: keyType === 'rsa' ? (modulusLength ?? null) : null,
      isTesting: testing,
      warnings,
    };
  } catch (error) {
    return { kind: 'unusable', why: (error as Error).message };
  }
}

export const mailauthLibrary: AuthenticationLibrary = {
  async spfVerdict({ domain, ip, helo }, ask) {
    const { status } = await spf({
      sender: `postmaster@${domain}`,
      ip,
      helo: helo ?? domain,
      mta: 'presend',
      strict: true,
      resolver: resolverOver(ask) as (name: string, type: string) => Promise<string[]>,
    });
    return { result: status.result as SpfResult, why: status.comment || '' };
  },
  spfSyntaxError: async (record) => validateTerms(record.trim().split(/ +/).slice(1)) || null,
  readDkimKey: readKey,
};
