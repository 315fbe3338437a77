// Finds the operator of a domain's mail hosts.

import { mailHosts } from '../../data/packed/mail-hosts.js';
import { isDisposable } from './disposable.ts';
import type { Exchange } from './mail-host.ts';
import { registrableDomain } from './registrable.ts';

export interface MailHostFacts {
  /** The operator of the mailboxes or of the gateway in front of them: google, microsoft365, mimecast … or null. */
  readonly provider: string | null;
  /** The mail goes to a disposable mail service. */
  readonly disposable: boolean;
  /** The mail goes to a parking service: the domain is for sale or squatted, and its mail is probably not read. */
  readonly parked: boolean;
}

interface Operator {
  readonly kind: string;
  readonly slug: string;
}

let operators: Map<string, Operator> | undefined;

const unpack = (): Map<string, Operator> =>
  new Map(
    mailHosts.split('\n').map((row) => {
      const [host, kind, slug] = row.split(' ');
      return [host!, { kind: kind!, slug: slug! }];
    }),
  );

/** The operator of the longest known parent of `host`, including `host` itself. */
const operatorOf = (host: string): Operator | null => {
  operators ??= unpack();
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
 * The operator of a domain's mail, by its MX records (hosts in lower-case A-labels, lowest preference first).
 *
 * A host belongs to a disposable service if data/mail-hosts.tsv says so or, if it is not listed, if its own name
 * is a disposable domain. All hosts of the best preference must agree before a domain counts as disposable or
 * parked, since one host may serve real mailboxes. The provider is the first that any host identifies.
 */
export const describeMailHost = (exchanges: readonly Exchange[]): MailHostFacts => {
  const best = exchanges
    .filter(({ preference }) => preference === exchanges[0]?.preference)
    .map(({ host }) => ({ host, operator: operatorOf(host) }));
  let provider: string | null = null;
  for (const { host } of exchanges) {
    const operator = operatorOf(host);
    if (operator === null || operator.kind === 'disposable' || operator.kind === 'parked') continue;
    provider = operator.slug;
    break;
  }
  return {
    provider,
    disposable: best.length > 0 && best.every(({ host, operator }) => isDisposableHost(host, operator)),
    parked: best.length > 0 && best.every(({ operator }) => operator?.kind === 'parked'),
  };
};
