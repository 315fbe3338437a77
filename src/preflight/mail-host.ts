// The check of the hosts that receive replies and bounces: those of the From domain and of the bounce domain.

import { type Ask, mailHostOf } from '../dns/mail-host-of.ts';
import type { DnsOutcome, RecordType } from '../dns/resolver.ts';
import type { MailHost } from '../domain/mail-host.ts';
import type { CheckResult, SenderFault } from './finding.ts';
import type { MailHostFaultCode } from './host-faults.ts';
import type { PreflightQuestions } from './questions.ts';

export interface SenderMailHostFacts {
  readonly domain: string;
  readonly kind: MailHost['kind'];
  /** The hosts of the MX records, lowest preference first. */
  readonly hosts: readonly string[];
}

export interface MailHostAnswer {
  readonly domain: string;
  readonly isBounceDomain: boolean;
  readonly mailHost: MailHost;
}

/**
 * Finds the mail hosts of a domain. If the domain seems to receive no mail, other resolvers confirm it; if they disagree, the
 * result is undetermined.
 */
export async function gatherMailHost(
  domain: string,
  isBounceDomain: boolean,
  { ask, askWitness }: PreflightQuestions,
): Promise<MailHostAnswer> {
  const first = await mailHostBy(domain, ask);
  if (first.kind === 'mx' || first.kind === 'implicit_mx' || first.kind === 'undetermined')
    return { domain, isBounceDomain, mailHost: first };
  let hasWitness = true;
  const second = await mailHostBy(domain, async (name, type) => {
    const outcome = await askWitness(name, type);
    hasWitness &&= outcome !== null;
    return outcome ?? ask(name, type);
  });
  const isConfirmed = !hasWitness || second.kind === first.kind;
  const takesMail = second.kind === 'mx' || second.kind === 'implicit_mx';
  const mailHost: MailHost = isConfirmed
    ? first
    : takesMail
      ? second
      : { kind: 'undetermined', cause: 'unconfirmed' };
  return { domain, isBounceDomain, mailHost };
}

async function mailHostBy(
  domain: string,
  ask: (name: string, type: RecordType) => Promise<DnsOutcome>,
): Promise<MailHost> {
  const known: Ask = async (name, type) => ({ ...(await ask(name, type)), ttl: 0 });
  return (await mailHostOf(domain, known, () => {})).mailHost;
}

export function judgeMailHost({
  domain,
  isBounceDomain,
  mailHost,
}: MailHostAnswer): CheckResult<SenderMailHostFacts> {
  const hosts = 'exchanges' in mailHost ? mailHost.exchanges.map(({ host }) => host) : [];
  const facts = { domain, kind: mailHost.kind, hosts };
  const purpose = isBounceDomain ? 'bounces' : 'replies';
  const fault = (code: MailHostFaultCode, seen: string): SenderFault => ({ code, about: domain, seen });
  switch (mailHost.kind) {
    case 'nxdomain':
      return { facts, faults: [fault('domain_nonexistent', `${domain} does not exist in DNS.`)] };
    case 'null_mx':
      return {
        facts,
        faults: [
          fault('null_mx', `${domain} has a null MX record, which says that it accepts no ${purpose}.`),
        ],
      };
    case 'no_mail_host':
      return { facts, faults: [fault('no_mail_host', `${domain} has no MX, A or AAAA record.`)] };
    case 'unroutable':
      return {
        facts,
        faults: [
          fault(
            'mail_host_unroutable',
            `No mail host of ${domain} has a public address: ${hosts.join(', ')}.`,
          ),
        ],
      };
    default:
      return { facts, faults: [] };
  }
}
