// Tests each DNS resolver alone: whether it answers, how fast, and whether it is right about a name that exists and a name
// that does not.

import { countDown, replySteps, systemTimers, type Timers } from '../clock.ts';
import type { DnsFailure, DnsOutcome, DnsQuestion, Resolver } from './resolver.ts';

export interface ProbeOptions {
  /** Milliseconds that each resolver has to answer both questions, which are asked at the same time; 3000 by default. */
  readonly deadlineMs?: number;
  readonly timers?: Timers;
}

/**
 * What a resolver did. `wrong`: it answered, but one of the answers is false. `refused`: it does not serve this client.
 * `servfail`: it answers, but cannot look up the name. `not_dns`: the reply is not a DNS answer, such as a sign-in page.
 */
export type ProbeOutcome =
  | 'answers'
  | 'wrong'
  | 'timeout'
  | 'unreachable'
  | 'refused'
  | 'servfail'
  | 'not_dns';

export interface ResolverProbe {
  readonly name: string;
  readonly outcome: ProbeOutcome;
  /** Milliseconds until both answers had arrived, or until the outcome was certain. */
  readonly ms: number;
  /** What was seen, for a person: one clause that follows the name of the resolver, without a period. */
  readonly seen: string;
}

/** A name that always exists, because IANA reserves it (RFC 2606). The question is the one that a mail address leads to. */
export const liveQuestion: DnsQuestion = { name: 'example.com', type: 'MX' };

/** A name that never exists (RFC 6761 section 6.4). Resolvers that redirect users to a page give it an address. */
const deadQuestion: DnsQuestion = { name: 'presend-probe.invalid', type: 'A' };

/** Probes all resolvers at the same time. The results have the order of `resolvers`. Never rejects. */
export const probeResolvers = (
  resolvers: readonly Resolver[],
  { deadlineMs = 3000, timers = systemTimers }: ProbeOptions = {},
): Promise<ResolverProbe[]> =>
  Promise.all(resolvers.map((resolver) => probeResolver(resolver, deadlineMs, timers)));

async function probeResolver(resolver: Resolver, deadlineMs: number, timers: Timers): Promise<ResolverProbe> {
  const deadline = new AbortController();
  const stop = countDown(timers, deadlineMs, replySteps, () => deadline.abort());
  const started = timers.now();
  const [live, dead] = await Promise.all([
    resolver.resolve(liveQuestion, deadline.signal),
    resolver.resolve(deadQuestion, deadline.signal),
  ]);
  stop();
  const ms = timers.now() - started;
  return { name: resolver.name, ms, ...judge(live, dead, ms, deadlineMs) };
}

function judge(
  live: DnsOutcome,
  dead: DnsOutcome,
  ms: number,
  deadlineMs: number,
): Pick<ResolverProbe, 'outcome' | 'seen'> {
  if (live.kind === 'nxdomain')
    return { outcome: 'wrong', seen: `says that ${liveQuestion.name} does not exist` };
  if (dead.kind === 'addresses')
    return {
      outcome: 'wrong',
      seen: `says that ${deadQuestion.name}, which does not exist, has the address ${dead.addresses[0] ?? 'of another host'}`,
    };
  // Some networks drop or refuse questions about `.invalid`, and answer all real ones.
  const failure = live.kind === 'failure' ? live : null;
  if (failure === null) return { outcome: 'answers', seen: `answers in ${Math.round(ms)} ms` };
  const outcome = outcomeOf[failure.cause];
  return {
    outcome,
    seen: outcome === 'timeout' ? `does not answer within ${deadlineMs} ms` : words[outcome],
  };
}

const outcomeOf: Readonly<Record<DnsFailure['cause'], Exclude<ProbeOutcome, 'answers' | 'wrong'>>> = {
  timeout: 'timeout',
  network: 'unreachable',
  refused: 'refused',
  servfail: 'servfail',
  bad_response: 'not_dns',
};

const words = {
  unreachable: 'cannot be reached',
  refused: 'refuses to answer this machine',
  servfail: 'answers SERVFAIL: it cannot look up names',
  not_dns: 'replies with something that is not a DNS answer',
} as const;
