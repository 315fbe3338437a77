// The check of the TLS reporting record (RFC 8460).

import type { CheckResult, SenderFault } from './finding.ts';
import { joinedTexts, type PreflightQuestions } from './questions.ts';
import { recordsOf, recordTags } from './tags.ts';

export interface TlsRptAnswers {
  readonly name: string;
  readonly records: readonly string[];
  readonly lookAlikes: readonly string[];
}

export async function gatherTlsRpt(domain: string, { ask }: PreflightQuestions): Promise<TlsRptAnswers> {
  const name = `_smtp._tls.${domain}`;
  return { name, ...recordsOf(joinedTexts(await ask(name, 'TXT')), 'TLSRPTv1') };
}

/** The facts are the record; null if there is none. */
export function judgeTlsRpt({ name, records, lookAlikes }: TlsRptAnswers): CheckResult<string | null> {
  const [record = lookAlikes[0] ?? null] = records;
  if (record === null) return { facts: null, faults: [] };
  const uris = (recordTags(record).get('rua') ?? '').split(',').map((uri) => uri.trim());
  const isValid =
    records.length === 1 && uris.every((uri) => /^(?:mailto:\S+@\S+|https:\/\/\S+)$/i.test(uri));
  const fault: SenderFault = {
    code: 'tls_rpt_invalid',
    about: name,
    seen:
      records.length > 1 ? `${name} has ${records.length} records.` : `The record at ${name} is "${record}".`,
    record,
  };
  return { facts: record, faults: isValid ? [] : [fault] };
}
