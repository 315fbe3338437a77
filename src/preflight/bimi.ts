// The check of the BIMI record, which shows a logo beside messages.

import type { DmarcFacts } from './dmarc.ts';
import type { CheckResult, SenderFault } from './finding.ts';
import { joinedTexts, type PreflightQuestions } from './questions.ts';
import { recordsOf, recordTags } from './tags.ts';
import type { TransportFaultCode } from './transport-faults.ts';

export interface BimiAnswers {
  readonly name: string;
  readonly records: readonly string[];
  readonly lookAlikes: readonly string[];
}

export async function gatherBimi(domain: string, { ask }: PreflightQuestions): Promise<BimiAnswers> {
  const name = `default._bimi.${domain}`;
  return { name, ...recordsOf(joinedTexts(await ask(name, 'TXT')), 'BIMI1') };
}

/** The facts are the record; null if there is none. */
export function judgeBimi(
  { name, records, lookAlikes }: BimiAnswers,
  { policy, found_at }: Pick<DmarcFacts, 'policy' | 'found_at'>,
): CheckResult<string | null> {
  const [record = lookAlikes[0] ?? null] = records;
  if (record === null) return { facts: null, faults: [] };
  const logo = recordTags(record).get('l');
  const faults: SenderFault<TransportFaultCode>[] = [];
  // An empty `l` declines to show a logo.
  if (records.length !== 1 || logo === undefined || (logo !== '' && !/^https:\/\/\S+$/i.test(logo)))
    faults.push({
      code: 'bimi_invalid',
      about: name,
      seen:
        records.length > 1
          ? `${name} has ${records.length} records.`
          : `The record at ${name} is "${record}".`,
      record,
    });
  if (logo !== '' && found_at !== null && (policy === 'none' || policy === null))
    faults.push({
      code: 'bimi_without_enforcement',
      about: name,
      seen: `${name} has a record, and the DMARC policy is ${policy ?? 'invalid'}.`,
    });
  return { facts: record, faults };
}
