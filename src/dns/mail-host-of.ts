// Derives the MailHost of a domain from DNS answers (RFC 5321 section 5.1, RFC 7505), without a cache or a clock.

import { isIpAddress, isPublicAddress } from '../domain/ip-address.ts';
import type { MailHost, UndeterminedCause } from '../domain/mail-host.ts';
import type { DnsFailure, DnsOutcome, RecordType } from './resolver.ts';

/**
 * An outcome and its remaining lifetime in seconds. `staleAfter` marks expired records: it is the failure because of which
 * there are no fresh ones. Expired records are evidence for a domain, never against it.
 */
export type Known<Outcome extends DnsOutcome = DnsOutcome> = Outcome & {
  readonly ttl: number;
  readonly staleAfter?: DnsFailure['cause'];
  /** Index of the resolver that gave the answer, if it is known. */
  readonly by?: number;
};

export type Ask = (name: string, type: RecordType) => Known | Promise<Known>;

export interface Finding {
  readonly mailHost: MailHost;
  /** Lifetime in seconds. */
  readonly ttl: number;
}

/** Whether a host can be reached: `unknown` without an authoritative answer. */
type Reachability = { readonly host: 'public' | 'unreachable' | 'unknown'; readonly ttl: number };

/** The hosts are checked in these ranges, best preference first, one range after the other. The first host usually suffices. */
const waves: readonly (readonly [number, number])[] = [
  [0, 1],
  [1, 4],
  [4, 8],
];

/**
 * Finds the mail hosts of `domain`. `onExchanges` receives the MX records before their hosts are checked, so that
 * a caller out of time can use them. The domain accepts no mail only if every host is unreachable.
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
    // RFC 8020: nothing exists at or below this name, so do not ask for addresses.
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
  // A null MX together with other records violates RFC 7505 section 3. Ignore it and use the other hosts.
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

/** Resolves as soon as one host is public, else when all are checked. */
function firstPublicOrAll(pending: readonly Promise<Reachability>[]): Promise<readonly Reachability[]> {
  return new Promise((resolve) => {
    for (const one of pending)
      void one.then((reached) => {
        if (reached.host === 'public') resolve([reached]);
      });
    void Promise.all(pending).then(resolve);
  });
}

/** RFC 5321 section 5.1: without MX records the domain itself is its mail host. */
async function ofDomainItself(domain: string, noMx: Known, ask: Ask): Promise<Finding> {
  // Usually neither address exists, and both answers are needed to know that. So ask for both at once.
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
  // RFC 6761 section 6.3: localhost is always loopback.
  if (isIpAddress(host) || host === 'localhost' || host.endsWith('.localhost'))
    return { host: 'unreachable', ttl: Number.POSITIVE_INFINITY };
  // Almost every host with an IPv6 address also has an IPv4 address, so ask for IPv4 first.
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

/** A finding that the domain accepts no mail. All answers it is based on must be fresh. */
function against(mailHost: MailHost, ...on: readonly Known[]): Finding {
  const stale = on.find(({ staleAfter }) => staleAfter !== undefined);
  return finding(stale ? { kind: 'undetermined', cause: causeOf(stale.staleAfter!) } : mailHost, ...on);
}

/** A resolver that returns invalid messages counts as unreachable. */
const causeOf = (cause: DnsFailure['cause']): UndeterminedCause =>
  cause === 'bad_response' ? 'network' : cause;
