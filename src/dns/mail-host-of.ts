// Finds the mail hosts of a domain from DNS answers (RFC 5321 section 5.1, RFC 7505). The caller passes in the function that
// asks the questions.

import { isIpAddress, isPublicAddress } from '../domain/ip-address.ts';
import type { MailHost, UndeterminedCause } from '../domain/mail-host.ts';
import type { DnsFailure, DnsOutcome, RecordType } from './resolver.ts';

/**
 * A DNS outcome and its remaining lifetime `ttl` in seconds. If the question failed and an expired answer is used instead,
 * `staleAfter` is the cause of the failure. An expired answer can show that a domain accepts mail, but not that it accepts
 * none.
 */
export type Known<Outcome extends DnsOutcome = DnsOutcome> = Outcome & {
  readonly ttl: number;
  readonly staleAfter?: DnsFailure['cause'];
  /** Index of the resolver that gave the answer, if it is known. */
  readonly by?: number;
};

/** Asks one DNS question. Returns cached answers without a promise. */
export type Ask = (name: string, type: RecordType) => Known | Promise<Known>;

export interface Finding {
  readonly mailHost: MailHost;
  /** Lifetime in seconds. */
  readonly ttl: number;
}

/**
 * Whether a mail host can be reached. `public`: it has a public address. `unreachable`: it has none. `unknown`: a question
 * failed or its answer has expired. `ttl`: lifetime in seconds.
 */
type Reachability = { readonly host: 'public' | 'unreachable' | 'unknown'; readonly ttl: number };

/**
 * The order in which the MX hosts are checked, as ranges of indexes, best preference first: first one host, then three at
 * once, then four at once. Checking ends when a host has a public address. Usually the first one has. Hosts after the eighth
 * are ignored.
 */
const waves: readonly (readonly [number, number])[] = [
  [0, 1],
  [1, 4],
  [4, 8],
];

/**
 * Finds the mail hosts of `domain`. `onExchanges` receives the MX records before their hosts are checked, so a caller
 * who runs out of time can use them. If the domain has MX records, the result is `unroutable` only if every host is certainly
 * unreachable.
 */
export async function mailHostOf(
  domain: string,
  ask: Ask,
  onExchanges: (mailHost: MailHost) => void,
): Promise<Finding> {
  const mx = await ask(domain, 'MX');
  switch (mx.kind) {
    case 'failure':
      return undetermined(mx);
    // NXDOMAIN means that the name has no records of any type (RFC 8020), so do not ask for its addresses.
    case 'nxdomain':
      return against({ kind: 'nxdomain' }, mx);
    case 'mx':
      return ofExchanges(mx, ask, onExchanges);
    default:
      return ofDomainItself(domain, mx, ask);
  }
}

async function ofExchanges(
  mx: Known & { kind: 'mx' },
  ask: Ask,
  onExchanges: (mailHost: MailHost) => void,
): Promise<Finding> {
  // A null MX (empty host) together with other MX records violates RFC 7505 section 3. Ignore it and use the other records.
  const exchanges = mx.exchanges.filter(({ host }) => host !== '');
  if (exchanges.length === 0) return against({ kind: 'null_mx' }, mx);
  const found: MailHost = { kind: 'mx', exchanges };
  onExchanges(found);
  return checkHosts(found, mx, ask);
}

async function checkHosts(found: MailHost & { kind: 'mx' }, mx: Known, ask: Ask): Promise<Finding> {
  const hosts = [...new Set(found.exchanges.map(({ host }) => host))];
  let ttl = mx.ttl;
  let unreachable = 0;
  for (const [from, to] of waves) {
    const wave = await firstPublicOrAll(hosts.slice(from, to).map((host) => reach(host, ask)));
    for (const reached of wave) {
      if (reached.host === 'public') return { mailHost: found, ttl: Math.min(mx.ttl, reached.ttl) };
      if (reached.host === 'unreachable') unreachable++;
      ttl = Math.min(ttl, reached.ttl);
    }
  }
  const certain = unreachable === hosts.length && mx.staleAfter === undefined;
  return { mailHost: certain ? { kind: 'unroutable', exchanges: found.exchanges } : found, ttl };
}

/** Resolves to the first host that is found to be public, as soon as it is found. If none is, resolves to all results. */
function firstPublicOrAll(pending: readonly Promise<Reachability>[]): Promise<readonly Reachability[]> {
  return new Promise((resolve) => {
    for (const one of pending)
      void one.then((reached) => {
        if (reached.host === 'public') resolve([reached]);
      });
    void Promise.all(pending).then(resolve);
  });
}

/** Handles a domain without MX records. The domain itself is then its mail host (RFC 5321 section 5.1). */
async function ofDomainItself(domain: string, noMx: Known, ask: Ask): Promise<Finding> {
  // A domain without MX usually has neither an A nor an AAAA record. To know that, both answers are needed, so ask both
  // questions at once.
  const [askedA, askedAaaa] = [ask(domain, 'A'), ask(domain, 'AAAA')];
  const a = await askedA;
  if (isPublic(a)) return finding({ kind: 'implicit_mx', via: 'A' }, noMx, a);
  const aaaa = await askedAaaa;
  if (isPublic(aaaa)) return finding({ kind: 'implicit_mx', via: 'AAAA' }, noMx, aaaa);
  if (a.kind === 'failure') return undetermined(a);
  if (aaaa.kind === 'failure') return undetermined(aaaa);
  if (a.kind !== 'addresses' && aaaa.kind !== 'addresses')
    return against({ kind: 'no_mail_host' }, noMx, a, aaaa);
  return against({ kind: 'unroutable', exchanges: [{ preference: 0, host: domain }] }, noMx, a, aaaa);
}

async function reach(host: string, ask: Ask): Promise<Reachability> {
  // An IP address is not allowed as an MX host, and localhost is always this machine (RFC 6761 section 6.3).
  if (isIpAddress(host) || host === 'localhost' || host.endsWith('.localhost'))
    return { host: 'unreachable', ttl: Number.POSITIVE_INFINITY };
  // Ask for IPv4 first, because almost every mail host has an IPv4 address. The second question is then not needed.
  const a = await ask(host, 'A');
  if (isPublic(a)) return { host: 'public', ttl: a.ttl };
  const aaaa = await ask(host, 'AAAA');
  if (isPublic(aaaa)) return { host: 'public', ttl: aaaa.ttl };
  const certain = [a, aaaa].every(({ kind, staleAfter }) => kind !== 'failure' && staleAfter === undefined);
  return { host: certain ? 'unreachable' : 'unknown', ttl: Math.min(a.ttl, aaaa.ttl) };
}

const isPublic = (outcome: DnsOutcome): boolean =>
  outcome.kind === 'addresses' && outcome.addresses.some(isPublicAddress);

const finding = (mailHost: MailHost, ...on: readonly Known[]): Finding => ({
  mailHost,
  ttl: Math.min(...on.map(({ ttl }) => ttl)),
});

const undetermined = (failure: Known<DnsFailure>): Finding =>
  finding({ kind: 'undetermined', cause: causeOf(failure.cause) }, failure);

/**
 * Returns the finding `mailHost`, which says that the domain accepts no mail. It is based on the answers `on`. If one of them
 * has expired, returns `undetermined` instead.
 */
function against(mailHost: MailHost, ...on: readonly Known[]): Finding {
  const stale = on.find(({ staleAfter }) => staleAfter !== undefined);
  return finding(stale ? { kind: 'undetermined', cause: causeOf(stale.staleAfter!) } : mailHost, ...on);
}

/** The cause that is reported for a DNS failure. An invalid response is reported like an unreachable resolver. */
const causeOf = (cause: DnsFailure['cause']): UndeterminedCause =>
  cause === 'bad_response' ? 'network' : cause;
