// The DMARC check (RFC 9989): the record that applies, its policy, alignment, and whether reports reach their receivers.

import type { DnsOutcome } from '../dns/resolver.ts';
import type { DmarcFaultCode } from './dmarc-faults.ts';
import {
  applicableStep,
  type DmarcPolicy,
  type DmarcRecord,
  effectivePolicy,
  hasReportAddress,
  isDmarcRecord,
  lacksPolicy,
  mailDomainOf,
  organizationalDomain,
  parseDmarc,
  resemblesDmarc,
  type WalkStep,
  walkedDomains,
} from './dmarc-record.ts';
import { type CheckResult, inWords, type SenderFault } from './finding.ts';
import { aliasOf, hasText, joinedTexts, type PreflightQuestions } from './questions.ts';

export interface DmarcFacts {
  /** The record that applies to the domain; null if none does. */
  readonly record: string | null;
  /** The domain that has it: the domain itself, or one above it. */
  readonly found_at: string | null;
  /** Null if not all questions were answered. */
  readonly organizational_domain: string | null;
  /** What receivers do with mail of the domain that fails. Null: nothing, because there is no valid policy. */
  readonly policy: DmarcPolicy | null;
  /**
   * Whether the envelope sender's domain and a DKIM signer's domain are aligned. Null if that is unknown, or if no record
   * applies.
   */
  readonly spf_aligned: boolean | null;
  readonly dkim_aligned: boolean | null;
  /** The name to which a CNAME record at `_dmarc` leads; null if there is none. */
  readonly alias: string | null;
}

/** The answer to the question for the DMARC record of one domain. */
export interface DmarcStep {
  readonly domain: string;
  readonly isAnswered: boolean;
  readonly records: readonly string[];
  readonly lookAlikes: readonly string[];
  readonly alias: string | null;
}

export interface DmarcAnswers {
  readonly domain: string;
  readonly walk: readonly DmarcStep[];
  /** False if DNS says that the domain does not exist. */
  readonly exists: boolean;
  readonly bounceDomain: string | null;
  /** The domains that sign; null if no key is known. */
  readonly signers: readonly string[] | null;
  /** The walks of other domains whose organizational domain is needed, by domain. */
  readonly otherWalks: ReadonlyMap<string, readonly DmarcStep[]>;
  /** The external domains that get reports, and whether they accept them. Null: no resolver answered. */
  readonly reportDomains: readonly { readonly domain: string; readonly accepts: boolean | null }[];
}

/** Asks for the DMARC record of each domain of the walk. If there is none, a second resolver confirms that. */
async function walk(domain: string, questions: PreflightQuestions): Promise<readonly DmarcStep[]> {
  const steps = await walkOnce(walkedDomains(domain), ({ ask }, name) => ask(name, 'TXT'), questions);
  if (applicableStep(stepsOf(steps)) !== null) return steps;
  return walkOnce(
    walkedDomains(domain),
    ({ confirm }, name) => confirm(name, 'TXT', hasText(isDmarcRecord)),
    questions,
  );
}

function walkOnce(
  domains: readonly string[],
  askFor: (questions: PreflightQuestions, name: string) => Promise<DnsOutcome>,
  questions: PreflightQuestions,
): Promise<readonly DmarcStep[]> {
  return Promise.all(
    domains.map(async (at) => {
      const outcome = await askFor(questions, `_dmarc.${at}`);
      const texts = joinedTexts(outcome);
      return {
        domain: at,
        isAnswered: outcome.kind !== 'failure',
        records: texts.filter(isDmarcRecord),
        lookAlikes: texts.filter(resemblesDmarc),
        alias: aliasOf(outcome),
      };
    }),
  );
}

export async function gatherDmarc(
  domain: string,
  identifiers: {
    readonly bounceDomain: string | null;
    readonly signers: Promise<readonly string[] | null>;
    readonly exists: Promise<boolean>;
  },
  questions: PreflightQuestions,
): Promise<DmarcAnswers> {
  const own = walk(domain, questions);
  const reportDomains = own.then((steps) => gatherReportDomains(steps, questions));
  const ofBounces = walk(identifiers.bounceDomain ?? domain, questions);
  const signers = await identifiers.signers;
  const others = [identifiers.bounceDomain ?? domain, ...(signers ?? [])].filter((other) => other !== domain);
  const otherWalks = await Promise.all(
    [...new Set(others)].map(
      async (other) =>
        [other, await (other === identifiers.bounceDomain ? ofBounces : walk(other, questions))] as const,
    ),
  );
  return {
    domain,
    walk: await own,
    exists: await identifiers.exists,
    bounceDomain: identifiers.bounceDomain,
    signers,
    otherWalks: new Map(otherWalks),
    reportDomains: await reportDomains,
  };
}

const stepsOf = (walked: readonly DmarcStep[]): readonly WalkStep[] =>
  walked.map(({ domain, records }) => ({
    domain,
    // If there are several records, receivers use none of them (RFC 9989 section 4.10).
    record: records.length === 1 ? parseDmarc(records[0]!) : null,
  }));

/**
 * Asks each domain that gets reports and is not of the same organization whether it accepts them (RFC 9990, "Verifying External
 * Destinations"). Only if a domain does not accept reports, a tree walk finds its organization.
 */
async function gatherReportDomains(
  steps: readonly DmarcStep[],
  questions: PreflightQuestions,
): Promise<DmarcAnswers['reportDomains']> {
  const found = applicableStep(stepsOf(steps));
  if (found === null) return [];
  const addressed = [...found.record.rua, ...found.record.ruf].flatMap((uri) => mailDomainOf(uri) ?? []);
  const others = [...new Set(addressed)].filter((host) => host !== found.domain);
  return Promise.all(
    others.slice(0, maxReportDomains).map(async (host) => ({
      domain: host,
      accepts: await acceptsReports(host, found.domain, steps, questions),
    })),
  );
}

async function acceptsReports(
  host: string,
  domain: string,
  steps: readonly DmarcStep[],
  questions: PreflightQuestions,
): Promise<boolean | null> {
  const isOfOneTree = isWithin(host, domain) || isWithin(domain, host);
  if (!isOfOneTree && (await hasAgreed(host, domain, questions))) return true;
  const own = steps.slice(steps.findIndex((step) => step.domain === domain));
  const walked = await walk(host, questions);
  const isKnown = [...own, ...walked].every(({ isAnswered }) => isAnswered);
  if (isKnown && organizationalDomain(stepsOf(walked)) === organizationalDomain(stepsOf(own))) return true;
  const agreed = await hasAgreed(host, domain, questions);
  return agreed === false && !isKnown ? null : agreed;
}

async function hasAgreed(
  host: string,
  domain: string,
  { confirm }: PreflightQuestions,
): Promise<boolean | null> {
  const outcome = await confirm(`${domain}._report._dmarc.${host}`, 'TXT', hasText(isDmarcRecord));
  return outcome.kind === 'failure' ? null : hasText(isDmarcRecord)(outcome);
}

/** Maximum number of other domains whose consent to reports is checked. */
const maxReportDomains = 3;

const isWithin = (name: string, domain: string): boolean => name === domain || name.endsWith(`.${domain}`);

export function judgeDmarc(answers: DmarcAnswers): CheckResult<DmarcFacts> {
  const { domain, walk, exists } = answers;
  const own = walk[0]!;
  const isComplete = walk.every(({ isAnswered }) => isAnswered);
  const steps = stepsOf(walk);
  const isKnown = own.isAnswered && (isComplete || steps[0]!.record !== null);
  const found = isKnown ? applicableStep(steps) : null;
  const organization = isComplete ? organizationalDomain(steps) : null;
  const aligned = found
    ? alignment(answers, found.record, organization)
    : { spf_aligned: null, dkim_aligned: null };
  const facts: DmarcFacts = {
    record: found?.record.text ?? null,
    found_at: found?.domain ?? null,
    organizational_domain: organization,
    policy: found ? effectivePolicy(found.record, found.domain === domain, exists) : null,
    ...aligned,
    alias: own.alias,
  };
  if (!isKnown) return { facts, faults: [] };
  return {
    facts,
    faults: [
      ...ownFaults(own, found !== null),
      ...(found ? recordFaults(found.domain, found.record, answers.reportDomains) : []),
      ...alignmentFaults(answers, aligned),
    ],
  };
}

type Alignment = Pick<DmarcFacts, 'spf_aligned' | 'dkim_aligned'>;

function alignment(
  { domain, bounceDomain, signers, otherWalks }: DmarcAnswers,
  record: DmarcRecord,
  organization: string | null,
): Alignment {
  const isAligned = (other: string, isStrict: boolean): boolean | null => {
    if (other === domain) return true;
    if (isStrict) return false;
    const walked = otherWalks.get(other);
    if (organization === null || !walked?.every(({ isAnswered }) => isAnswered)) return null;
    return organizationalDomain(stepsOf(walked)) === organization;
  };
  const ofSigners = signers?.map((signer) => isAligned(signer, record.isStrictDkim)) ?? [null];
  return {
    spf_aligned: isAligned(bounceDomain ?? domain, record.isStrictSpf),
    dkim_aligned: ofSigners.includes(true) ? true : ofSigners.includes(null) ? null : false,
  };
}

function ownFaults(
  { domain, records, lookAlikes, alias }: DmarcStep,
  isFound: boolean,
): SenderFault<DmarcFaultCode>[] {
  const name = `_dmarc.${domain}`;
  if (records.length > 1)
    return [
      {
        code: 'dmarc_several',
        about: name,
        seen: `${name} has ${records.length} DMARC records: ${records.map((text) => `"${text}"`).join(' and ')}.`,
        parts: records,
      },
    ];
  const [lookAlike] = lookAlikes;
  if (records.length === 0 && lookAlike !== undefined)
    return [
      {
        code: 'dmarc_invalid',
        about: name,
        seen: `The record "${lookAlike}" does not begin with "v=DMARC1;", so receivers do not see a DMARC record.`,
        record: lookAlike,
      },
    ];
  if (isFound) return [];
  return [
    {
      code: 'dmarc_none',
      about: name,
      seen:
        alias === null
          ? `There is no DMARC record for ${domain}.`
          : `${name} is a CNAME record that leads to ${alias}, where there is no DMARC record.`,
    },
  ];
}

function recordFaults(
  domain: string,
  record: DmarcRecord,
  reportDomains: DmarcAnswers['reportDomains'],
): SenderFault<DmarcFaultCode>[] {
  const about = `_dmarc.${domain}`;
  const faults: SenderFault<DmarcFaultCode>[] = [];
  const shown = `The record at ${about} is "${record.text}"`;
  const add = (code: DmarcFaultCode, seen: string, parts?: readonly string[]) =>
    faults.push({ code, about, seen, record: record.text, ...(parts && { parts }) });

  const policyTags = ['p', 'sp', 'np'];
  if (lacksPolicy(record)) {
    const wrong = record.invalid.filter((tag) => policyTags.includes(tag));
    const why =
      wrong.length === 0
        ? 'It has no policy'
        : `The value of ${inWords(wrong.map((tag) => `"${tag}"`))} is not none, quarantine or reject`;
    add(hasReportAddress(record) ? 'dmarc_counts_as_none' : 'dmarc_invalid', `${shown}. ${why}.`, wrong);
  }
  const ignored = [...record.invalid.filter((tag) => !policyTags.includes(tag)), ...record.removed];
  if (ignored.length > 0)
    add(
      'dmarc_tags_ignored',
      `${shown}. Receivers ignore ${inWords(ignored.map((tag) => `"${tag}"`))}.`,
      ignored,
    );
  if (record.p === 'none' && !lacksPolicy(record)) add('dmarc_policy_none', `${shown}.`);
  const open = (['sp', 'np'] as const).filter((tag) => record[tag] === 'none');
  if (record.p !== null && record.p !== 'none' && open.length > 0)
    add('dmarc_subdomains_open', `${shown}: ${inWords(open.map((tag) => `${tag}=none`))}.`, open);
  if (record.isTesting) add('dmarc_testing', `${shown}, with t=y.`);
  if (record.rua.length === 0) add('dmarc_no_reports', `${shown}, without "rua".`);
  const wrong = [...record.rua, ...record.ruf].filter((uri) => mailDomainOf(uri) === null);
  if (wrong.length > 0)
    add('dmarc_report_address_invalid', `${shown}. Reports cannot be sent to ${inWords(wrong)}.`, wrong);
  for (const { domain: host, accepts } of reportDomains)
    if (accepts === false)
      faults.push({
        code: 'dmarc_report_not_accepted',
        about: `${domain}._report._dmarc.${host}`,
        seen: `Reports about ${domain} go to ${host}, and there is no record at ${domain}._report._dmarc.${host}.`,
      });
  return faults;
}

function alignmentFaults(
  { domain, bounceDomain, signers }: DmarcAnswers,
  { spf_aligned: spf, dkim_aligned: dkim }: Alignment,
): SenderFault<DmarcFaultCode>[] {
  if (spf !== false && dkim !== false) return [];
  const seen = [
    ...(spf === false ? [`The bounce domain is ${bounceDomain}`] : []),
    ...(dkim === false ? [`mail is signed by ${inWords([...new Set(signers)])}`] : []),
  ].join(', and ');
  return [
    {
      code:
        spf === false && dkim === false
          ? 'dmarc_nothing_aligned'
          : spf === false
            ? 'dmarc_spf_not_aligned'
            : 'dmarc_dkim_not_aligned',
      about: domain,
      seen: `${seen[0]!.toUpperCase()}${seen.slice(1)}. The From domain is ${domain}.`,
    },
  ];
}
