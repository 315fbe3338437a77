// The check of MTA-STS (RFC 8461): the record, and the policy that is fetched by HTTPS.

import type { DnsFailure } from '../dns/resolver.ts';
import { type CallbackNames, callbackTarget } from '../webhooks/callback-target.ts';
import { type CheckResult, inWords, type SenderFault, type UnansweredQuestion } from './finding.ts';
import { joinedTexts, type PreflightQuestions } from './questions.ts';
import { recordsOf, recordTags } from './tags.ts';
import type { TransportFaultCode } from './transport-faults.ts';

/**
 * Fetches an https URL from one of the checked addresses, without following redirects. Resolves to the body of a 200 response.
 * `failed`: the host gave a wrong answer; `why` is a clause such as `the server answers with status 404`. `no_answer`: nothing is
 * known about the host, because the connection failed. Never rejects.
 */
export type PolicyTransport = (request: {
  readonly url: URL;
  readonly addresses: readonly string[];
  readonly signal: AbortSignal;
}) => Promise<PolicyFetch>;

export type PolicyFetch =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'no_answer'; readonly cause: DnsFailure['cause'] };

/** Maximum length of a policy (RFC 8461 section 3.2 suggests 64 kilobytes). */
export const maxPolicyBytes = 65_536;

/**
 * The result for a response whose status is not 200. If the server asks to try again later, nothing is known about its policy.
 */
export function policyOfStatus(status: number): PolicyFetch {
  if (status === 408 || status === 429 || status === 503) return { kind: 'no_answer', cause: 'refused' };
  const why =
    status >= 300 && status < 400
      ? `the server redirects (status ${status}), which is not allowed`
      : `the server answers with status ${status}`;
  return { kind: 'failed', why };
}

export interface MtaStsFacts {
  readonly record: string;
  /** `enforce`, `testing` or `none`; null if no valid policy was read. */
  readonly mode: string | null;
  /** The patterns of the MX hosts in the policy. */
  readonly mx: readonly string[];
}

export interface MtaStsAnswers {
  readonly domain: string;
  readonly records: readonly string[];
  readonly lookAlikes: readonly string[];
  /** The text of the policy, or why it cannot be read. Null: the policy was not fetched, or nothing is known about it. */
  readonly policy: { readonly text: string } | { readonly why: string } | null;
  /**
   * The HTTPS request for the policy, if it got no answer, and the cause of that. Null if the request got an answer or was not
   * sent.
   */
  readonly unfetched: UnansweredQuestion | null;
}

export async function gatherMtaSts(
  domain: string,
  questions: PreflightQuestions,
  { names, transport, signal }: { names: CallbackNames; transport: PolicyTransport; signal: AbortSignal },
): Promise<MtaStsAnswers> {
  const found = recordsOf(joinedTexts(await questions.ask(`_mta-sts.${domain}`, 'TXT')), 'STSv1');
  const answers = { domain, ...found, policy: null, unfetched: null };
  if (found.records.length !== 1) return answers;
  const addresses = await names.addressesOf(`mta-sts.${domain}`);
  if (addresses?.length === 0) return { ...answers, policy: { why: 'its host has no address' } };
  const target = await callbackTarget(policyUrl(domain), 'public', names);
  if (target.kind === 'no_answer') return answers;
  if (target.kind === 'refused') return { ...answers, policy: { why: 'its host has no public address' } };
  const fetched = await transport({ url: target.url, addresses: target.addresses, signal });
  if (fetched.kind === 'no_answer')
    return { ...answers, unfetched: { question: `GET ${policyUrl(domain)}`, cause: fetched.cause } };
  return { ...answers, policy: fetched.kind === 'text' ? fetched : { why: fetched.why } };
}

const policyUrl = (domain: string): string => `https://mta-sts.${domain}/.well-known/mta-sts.txt`;

export interface MtaStsPolicy {
  readonly mode: string;
  readonly mx: readonly string[];
}

/** Reads a policy (RFC 8461 section 3.2). Returns null if it is invalid. */
function parseMtaStsPolicy(text: string): MtaStsPolicy | null {
  const fields = text
    .split(/\r?\n/)
    .map((line) => /^([\w-]+)[ \t]*:[ \t]*(.*?)[ \t]*$/.exec(line))
    .filter((match) => match !== null)
    .map(([, name, value]) => [name!.toLowerCase(), value!] as const);
  const field = (name: string) => fields.find(([known]) => known === name)?.[1];
  const mode = field('mode');
  const mx = fields.filter(([name]) => name === 'mx').map(([, value]) => value.toLowerCase());
  const isValid =
    field('version') === 'STSv1' &&
    (mode === 'enforce' || mode === 'testing' || mode === 'none') &&
    /^\d{1,10}$/.test(field('max_age') ?? '') &&
    (mode === 'none' || mx.length > 0);
  return isValid ? { mode: mode!, mx } : null;
}

/** Whether a pattern such as `mx.example.com` or `*.example.com` matches a host (RFC 8461 section 4.1). */
const matchesHost = (pattern: string, host: string): boolean =>
  pattern.startsWith('*.') ? host.slice(host.indexOf('.')) === pattern.slice(1) : host === pattern;

/** `mxHosts` are the hosts of the domain's MX records; null if they are unknown. */
export function judgeMtaSts(
  { domain, records, lookAlikes, policy }: MtaStsAnswers,
  mxHosts: readonly string[] | null,
): CheckResult<MtaStsFacts | null> {
  const name = `_mta-sts.${domain}`;
  const faults: SenderFault<TransportFaultCode>[] = [];
  const [record = lookAlikes[0]] = records;
  if (record === undefined) return { facts: null, faults };
  if (records.length !== 1 || !/^[a-z0-9]{1,32}$/i.test(recordTags(record).get('id') ?? ''))
    faults.push({
      code: 'mta_sts_invalid',
      about: name,
      seen:
        records.length > 1
          ? `${name} has ${records.length} records: ${records.map((text) => `"${text}"`).join(' and ')}.`
          : `The record at ${name} is "${record}".`,
      record,
    });
  const read = policy !== null && 'text' in policy ? parseMtaStsPolicy(policy.text) : null;
  if (policy !== null && 'why' in policy)
    faults.push({
      code: 'mta_sts_no_policy',
      about: domain,
      seen: `The policy at ${policyUrl(domain)} cannot be read: ${policy.why}.`,
    });
  else if (policy !== null && read === null)
    faults.push({
      code: 'mta_sts_policy_invalid',
      about: domain,
      seen: `The policy at ${policyUrl(domain)} is invalid. It must have the lines version, mode, max_age and mx.`,
    });
  const unmatched = (mxHosts ?? []).filter((host) => !read?.mx.some((pattern) => matchesHost(pattern, host)));
  if (read !== null && read.mode !== 'none' && unmatched.length > 0)
    faults.push({
      code: read.mode === 'enforce' ? 'mta_sts_other_hosts' : 'mta_sts_testing_other_hosts',
      about: domain,
      seen: `The policy (mode ${read.mode}) allows ${inWords(read.mx)}, but the MX records name ${inWords(unmatched)}.`,
    });
  return { facts: { record, mode: read?.mode ?? null, mx: read?.mx ?? [] }, faults };
}
