// The check of the hosts that receive replies and bounces: those of the From domain and of the bounce domain.

import { mailHostOf } from '../dns/mail-host-of.ts';
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

export async function gatherMailHost(
  domain: string,
  isBounceDomain: boolean,
  { ask }: PreflightQuestions,
): Promise<MailHostAnswer> {
  const { mailHost } = await mailHostOf(
    domain,
    async (name, type) => ({ ...(await ask(name, type)), ttl: 0 }),
    () => {},
  );
  return { domain, isBounceDomain, mailHost };
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
