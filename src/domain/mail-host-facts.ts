// Finds out who operates the mail hosts of a domain: a mailbox provider, a disposable mail service or a parking service.

import { mailHosts } from '../../data/packed/mail-hosts.js';
import { dataPart, entriesBy } from '../data-part.ts';
import { isDisposable } from './disposable.ts';
import type { Exchange, MailHost } from './mail-host.ts';
import { registrableDomain } from './registrable.ts';

export interface MailHostFacts {
  /** The operator of the mailboxes, or of a mail gateway in front of them: google, microsoft365, mimecast … Null if unknown. */
  readonly provider: string | null;
  /** The operator of the mail gateway (spam filter) in front of the mailboxes: mimecast, proofpoint … Null if none is known. */
  readonly gateway: string | null;
  /** Whether the mail goes to a disposable mail service. */
  readonly disposable: boolean;
  /** Whether the mail goes to a parking service. The domain is then for sale or unused, and its mail is probably not read. */
  readonly parked: boolean;
}

interface Operator {
  readonly kind: string;
  readonly slug: string;
}

export const mailHostOperators = dataPart({
  name: 'mail-hosts',
  builtIn: () => mailHosts,
  ...entriesBy(
    '\n',
    /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+ (?:provider|filter|forwarder|disposable|parked) [\w-]+$/,
  ),
  build: (text): ReadonlyMap<string, Operator> =>
    new Map(
      text.split('\n').map((row) => {
        const [host, kind, slug] = row.split(' ');
        return [host!, { kind: kind!, slug: slug! }];
      }),
    ),
});

/** The operator of `host`, or else of its nearest parent domain whose operator is known. Null if there is none. */
const operatorOf = (host: string): Operator | null => {
  const operators = mailHostOperators.current();
  for (let start = 0; start !== -1; ) {
    const operator = operators.get(host.slice(start));
    if (operator !== undefined) return operator;
    const dot = host.indexOf('.', start);
    start = dot === -1 ? -1 : dot + 1;
  }
  return null;
};

const isDisposableHost = (host: string, operator: Operator | null): boolean => {
  if (operator !== null) return operator.kind === 'disposable';
  const registrable = registrableDomain(host);
  return registrable !== null && isDisposable(host, registrable);
};

/**
 * Finds the operator of a domain's mail by its MX records. They are sorted by preference, lowest first.
 *
 * A host belongs to a disposable service if data/mail-hosts.tsv says so. A host that this file does not contain belongs to
 * one if its own name is a disposable domain. A domain is disposable only if all its hosts with the best (lowest) preference
 * belong to disposable services; otherwise one of them may serve real mailboxes. The same rule applies to parking services.
 * The provider is the operator of the first host, in order of preference, whose operator is known. If it is a filter in front
 * of the mailboxes, it is the gateway too.
 */
export const describeMailHost = (exchanges: readonly Exchange[]): MailHostFacts => {
  const best = exchanges
    .filter(({ preference }) => preference === exchanges[0]?.preference)
    .map(({ host }) => ({ host, operator: operatorOf(host) }));
  let provider: string | null = null;
  let gateway: string | null = null;
  for (const { host } of exchanges) {
    const operator = operatorOf(host);
    if (operator === null || operator.kind === 'disposable' || operator.kind === 'parked') continue;
    provider = operator.slug;
    if (operator.kind === 'filter') gateway = operator.slug;
    break;
  }
  return {
    provider,
    gateway,
    disposable: best.length > 0 && best.every(({ host, operator }) => isDisposableHost(host, operator)),
    parked: best.length > 0 && best.every(({ operator }) => operator?.kind === 'parked'),
  };
};

/**
 * Returns the registrable domain of the mail host with the lowest preference, such as `google.com` or `outlook.com`. Null if the
 * domain has no MX record, or if it is its own mail host: its name could then identify a person.
 */
export function mailHostDomain(domain: string, mailHost: MailHost): string | null {
  const host = mailHost.kind === 'mx' ? mailHost.exchanges[0]?.host : undefined;
  const name = host === undefined ? null : registrableDomain(host);
  return name === registrableDomain(domain) ? null : name;
}
