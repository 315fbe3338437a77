// The synthetic diagnoses: each has one cause, and DNS shows those causes that it can show.

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  type Diagnosis,
  diagnosisBlame,
  diagnosisKinds,
  generateDiagnosis,
} from '../../bench/months/diagnosis.ts';
import type { SenderDns } from '../../bench/months/sender-dns.ts';
import { simulateDiagnoses } from '../../bench/months/simulate.ts';
import { hourMs } from '../../src/durations.ts';

const diagnoses = Array.from({ length: 36 }, (_, index) => generateDiagnosis(index + 12));
const of = (cause: string) => diagnoses.filter((one) => one.cause === cause);

/** Whether mail of the sender passes DMARC. */
const passes = ({ spf, dkim, aligned, ips }: SenderDns): boolean =>
  (aligned.dkim && dkim.every(({ found, revoked }) => found && !revoked)) ||
  (aligned.spf &&
    spf.records.length === 1 &&
    spf.lookups <= 10 &&
    spf.voidLookups <= 2 &&
    ips.every((one) => one.spf === 'pass'));

const badReverseDns = ({ ips }: SenderDns) =>
  ips.some(({ ptr, forwardConfirmed }) => ptr === null || !forwardConfirmed);
const badListing = ({ ips, listedIn }: SenderDns) =>
  listedIn.length > 0 || ips.some((one) => one.listedIn.includes('zen.dnsbl.example'));

test('every cause occurs equally often', () => {
  for (const cause of diagnosisKinds) expect(of(cause), cause).toHaveLength(3);
  expect(diagnosisKinds).toHaveLength(12);
});

test('the same seed gives the same diagnosis', () => {
  const { hours: _, ...again } = generateDiagnosis(15);
  const { hours: __, ...first } = diagnoses[3]!;
  expect(again).toEqual(first);
});

// See months.test.ts: figures can be compared only over the same diagnoses.
test('the diagnoses are the same as ever', () => {
  const facts = diagnoses.map(({ description, affected, dns, counts }) => [
    description,
    affected,
    dns,
    counts.length,
  ]);
  expect(createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16)).toBe(
    '5abccb1f4a5711c6',
  );
});

test('before, the sender is in order', () => {
  for (const { dns, description } of diagnoses) {
    expect(passes(dns.before), description).toBe(true);
    expect(badReverseDns(dns.before)).toBe(false);
    expect(badListing(dns.before)).toBe(false);
  }
});

test.each<[string, (dns: SenderDns) => boolean]>([
  ['authentication', (dns) => !passes(dns)],
  ['reverse_dns', badReverseDns],
  ['listed', badListing],
])('after, DNS shows the cause %s, and no other cause', (cause, isBroken) => {
  for (const one of diagnoses) expect(isBroken(one.dns.after), one.description).toBe(one.cause === cause);
});

test('the cause in DNS comes shortly before the bounces', () => {
  const changed = (one: Diagnosis) => one.affected!.from - one.dns.changedAt!;
  for (const one of diagnoses.filter(({ cause }) =>
    ['authentication', 'reverse_dns', 'listed'].includes(cause),
  )) {
    expect(changed(one)).toBeGreaterThanOrEqual(0);
    expect(changed(one)).toBeLessThanOrEqual(4 * hourMs);
  }
});

test('the state changes at a time, or not at all', () => {
  for (const { dns, description } of diagnoses) {
    if (dns.changedAt === null) expect(dns.after, description).toEqual(dns.before);
  }
  const harmless = diagnoses.filter(
    ({ cause, dns }) =>
      !['authentication', 'reverse_dns', 'listed'].includes(cause) && dns.changedAt !== null,
  );
  expect(harmless.length).toBeGreaterThan(2);
});

test('all but quiet ones affect mail, and the counts show it in time', () => {
  for (const { cause, affected, hours, description } of diagnoses) {
    expect(affected === null, description).toBe(cause === 'quiet');
    if (affected === null) continue;
    expect(affected.from).toBeGreaterThan(hours.from);
    expect(affected.evident).toBeLessThanOrEqual(affected.to);
    expect(affected.to).toBeLessThanOrEqual(hours.to);
  }
});

test.each([
  ['authentication', 'authentication_failed'],
  ['reverse_dns', 'reverse_dns'],
  ['listed', 'blocked_reputation'],
  ['provider_fault', 'mailbox_unknown'],
  ['warm_up', 'rate_limited'],
  ['dead_provider', 'domain_unknown'],
  ['list_import', 'mailbox_unknown'],
  ['bad_source', 'mailbox_unknown'],
  ['content', 'spam_content'],
  ['rate_limit', 'rate_limited'],
  ['soft_outage', 'network_error'],
])('%s leaves more failures with the reason %s than before', (cause, reason) => {
  for (const { affected, hours, counts, description } of of(cause)) {
    const { from, to, provider, source, campaign } = affected!;
    const perHour = (first: number, last: number) =>
      counts.reduce(
        (sum, one) =>
          one.reason === reason &&
          one.hour >= first &&
          one.hour < last &&
          (provider === undefined || one.provider === provider) &&
          (source === undefined || one.source === source) &&
          (campaign === undefined || one.campaign === campaign)
            ? sum + one.messages
            : sum,
        0,
      ) /
      ((last - first) / hourMs);
    expect(perHour(from, to), description).toBeGreaterThan(3 * perHour(hours.start, from));
  }
});

test('every cause has somebody who is at fault, or nobody', () => {
  expect(
    Object.entries(diagnosisBlame)
      .filter(([, blame]) => blame === 'list')
      .map(([cause]) => cause),
  ).toEqual(['bad_source', 'list_import']);
  expect(diagnosisBlame.quiet).toBeNull();
});

test('a simulation counts right diagnoses and wrong blame', async () => {
  const lines: string[] = [];
  const generated = (seed: number) => diagnoses[seed - 12]!;
  const summary = await simulateDiagnoses(
    12,
    23,
    (line) => lines.push(line),
    () => 'bad_source',
    generated,
  );
  expect(summary).toMatchObject({
    diagnoses: 12,
    right: 1 / 12,
    // Six causes are the sender's.
    blamed: 6,
    right_by_cause: { bad_source: 1 },
  });
  expect(lines).toHaveLength(11);
  expect(lines.join('\n')).toMatch(/^\d+: bad_source in place of authentication \(/m);
  expect(await simulateDiagnoses(12, 13, () => {}, null, generated)).toMatchObject({ diagnosis: null });
});
